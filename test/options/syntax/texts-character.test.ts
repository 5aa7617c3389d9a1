import { expect, test } from 'vitest';
import { character, characterOrNone, separator } from '../../../src/options/syntax/texts.ts';

const ofMysql = separator('<text>');

test.each([
  [',', ','],
  [';', ';'],
  ['\\t', '\t'],
  ['tab', '\t'],
  ['\\', '\\'],
  ['\\\\', '\\'],
])('%s is a character', (text, expected) => {
  expect(character.parse(text, '--delimiter')).toBe(expected);
});

test.each(['', ';;', '\n', '\r', 'é', '€', 'constructor'])('"%s" is none', (text) => {
  expect(() => character.parse(text, '--delimiter')).toThrow(
    '--delimiter: expected one ASCII character (\\t for a tab), got ',
  );
});

test('a quote can be switched off', () => {
  expect(characterOrNone.parse('none', '--quote')).toBe('');
  expect(characterOrNone.parse('', '--quote')).toBe('');
  expect(characterOrNone.parse("'", '--quote')).toBe("'");
});

test('the text of a character reads back as the same character', () => {
  for (const sign of [',', '\t', '\\', '']) {
    expect(characterOrNone.parse(characterOrNone.format(sign) as string, '--quote')).toBe(sign);
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
])('%j is a separator as mysqldump takes it', (text, expected) => {
  expect(ofMysql.parse(text, '--fields-terminated-by')).toBe(expected);
});

test.each(['§', '0xff'])('%s is not a separator', (text) => {
  expect(() => ofMysql.parse(text, '--fields-terminated-by')).toThrow('expected ASCII characters');
});

test('the text of a separator reads back as the same separator', () => {
  for (const signs of ['', ',', '\t', '\\', '||', '\r\n', '\0', '\x1f', '0x09', '\\t']) {
    expect(ofMysql.parse(ofMysql.format(signs) as string, '--fields-terminated-by')).toBe(signs);
  }
});
