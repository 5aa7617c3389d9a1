import { expect, test } from 'vitest';
import { endOfFirstRow } from '../../../src/input/detect/possible-readings.ts';

test.each([
  ['1\ta\n2\tb\n', undefined, 4],
  ['1\ta\\\nb\n2\tb\n', undefined, 7],
  ['1\ta\\\\\n2\tb\n', undefined, 6],
  ['1\ta!\nb\n', '!', 7],
  ['1\ta\\\nb\n', '!', 5],
  ['1\ta\\\nb\n', '', 5],
  ['"1","a"\n"2","b"\n', '"', 8],
  ['1\ta\\\n', undefined, -1],
  ['', undefined, -1],
])('the first row of %j, escaped by %j, ends before byte %i', (text, escapedBy, end) => {
  expect(endOfFirstRow(Buffer.from(text), { escape: escapedBy })).toBe(end);
});
