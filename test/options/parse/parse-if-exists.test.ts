import { expect, test } from 'vitest';
import { ifExistsText, parseIfExists } from '../../../src/options/parse/parse-if-exists.ts';

test.each([
  ['replace', { kind: 'replace' }],
  ['keep', { kind: 'keep' }],
  ['newer:updated_at', { kind: 'newer', column: 'updated_at' }],
  ['newer:a:b', { kind: 'newer', column: 'a:b' }],
])('%s reads back as it was written', (text, expected) => {
  const ifExists = parseIfExists(text, '--if-exists', undefined);
  expect(ifExists).toEqual(expected);
  expect(ifExistsText(ifExists)).toBe(text);
});

test.each(['', 'newer', 'newer:', 'Keep', 'update'])('"%s" is refused, naming what is expected', (text) => {
  expect(() => parseIfExists(text, '--if-exists', undefined)).toThrow('expected replace, keep or newer:COLUMN');
});
