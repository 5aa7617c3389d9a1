import { expect, test } from 'vitest';
import { size } from '../../../src/options/syntax/numbers.ts';

const { parse, format } = size(1024, 256 * 1024 ** 2);

test.each([
  ['65536', 65_536],
  ['64KiB', 65_536],
  ['64k', 65_536],
  ['4M', 4_194_304],
  ['4 MB', 4_194_304],
])('%s is a size', (text, bytes) => {
  expect(parse(text, '--max-row-bytes')).toBe(bytes);
});

test.each(['1023', '257MiB', '4Mbit', '-4M', '1.5M', ''])('"%s" is none', (text) => {
  expect(() => parse(text, '--max-row-bytes')).toThrow(
    '--max-row-bytes: expected a size in bytes such as 65536, 64KiB or 4MiB, from 1KiB to 256MiB, got ',
  );
});

test('the text of a size reads back as the same size', () => {
  for (const bytes of [1024, 1025, 65_536, 4_194_304]) {
    expect(parse(format(bytes) as string, '--max-row-bytes')).toBe(bytes);
  }
});
