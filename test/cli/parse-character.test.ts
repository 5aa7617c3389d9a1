import { expect, test } from 'vitest';
import { characterText, parseCharacter, parseCharacterOrNone } from '../../src/cli/parse-character.ts';

test.each([
  [',', ','],
  [';', ';'],
  ['\\t', '\t'],
  ['tab', '\t'],
  ['\\', '\\'],
  ['\\\\', '\\'],
])('%s is a character', (text, character) => {
  expect(parseCharacter(text, '--delimiter', undefined)).toBe(character);
});

test.each(['', ';;', '\n', '\r', 'é', '€', 'constructor'])('"%s" is none', (text) => {
  expect(() => parseCharacter(text, '--delimiter', undefined)).toThrow(
    '--delimiter: expected one ASCII character (\\t for a tab), got ',
  );
});

test('a quote can be switched off', () => {
  expect(parseCharacterOrNone('none', '--quote', undefined)).toBe('');
  expect(parseCharacterOrNone('', '--quote', undefined)).toBe('');
  expect(parseCharacterOrNone("'", '--quote', undefined)).toBe("'");
});

test('the text of a character reads back as the same character', () => {
  for (const character of [',', '\t', '\\', '']) {
    expect(parseCharacterOrNone(characterText(character), '--quote', undefined)).toBe(character);
  }
});
