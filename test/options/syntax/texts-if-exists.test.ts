import { expect, test } from 'vitest';
import { ifExists } from '../../../src/options/syntax/texts.ts';

test.each([
  ['replace', { kind: 'replace' }],
  ['keep', { kind: 'keep' }],
  ['newer:updated_at', { kind: 'newer', column: 'updated_at' }],
  ['newer:a:b', { kind: 'newer', column: 'a:b' }],
])('%s reads back as it was written', (text, expected) => {
  const value = ifExists.parse(text, '--if-exists');
  expect(value).toEqual(expected);
  expect(ifExists.format(value)).toBe(text);
});

test.each(['', 'newer', 'newer:', 'Keep', 'update'])('"%s" is refused, naming what is expected', (text) => {
  expect(() => ifExists.parse(text, '--if-exists')).toThrow('expected replace, keep or newer:COLUMN');
});
