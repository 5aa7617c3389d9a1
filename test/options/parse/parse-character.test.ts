import { expect, test } from 'vitest';
import {
  characterText,
  parseCharacter,
  parseCharacterOrNone,
  parseSeparator,
  separatorText,
} from '../../../src/options/parse/parse-character.ts';

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

test.each([
  [',', ','],
  ['||', '||'],
  ['\\t', '\t'],
  ['\\r\\n', '\r\n'],
  ['\\\\', '\\'],
  ['\\|', '|'],
  ['0x09', '\t'],
  ['0x7C7c', '||'],
  ['\\0', '\0'],
  ['', ''],
])('%j is a separator as mysqldump takes it', (text, separator) => {
  expect(parseSeparator(text, '--fields-terminated-by', undefined)).toBe(separator);
});

test.each(['§', '0xff'])('%s is not a separator', (text) => {
  expect(() => parseSeparator(text, '--fields-terminated-by', undefined)).toThrow('expected ASCII characters');
});

test('the text of a separator reads back as the same separator', () => {
  for (const separator of ['', ',', '\t', '\\', '||', '\r\n', '\0', '\x1f', '0x09', '\\t']) {
    expect(parseSeparator(separatorText(separator), '--fields-terminated-by', undefined)).toBe(separator);
  }
});
