import { expect, test } from 'vitest';
import { parseCount } from '../../src/cli/parse-count.ts';

test.each([
  ['1', 1],
  ['1024', 1024],
  ['1_000', 1000],
])('%s is a count', (text, count) => {
  expect(parseCount(1, 1024)(text, '--concurrency', undefined)).toBe(count);
});

test.each(['0', '1025', '-1', '1.0', '1e2', '0x10', ' 1', '1,000', '1__0', 'many'])('"%s" is none', (text) => {
  expect(() => parseCount(1, 1024)(text, '--concurrency', undefined)).toThrow(
    `--concurrency: expected a whole number from 1 to 1024, got "${text}"`,
  );
});

test('a number that a float cannot hold is refused rather than rounded', () => {
  expect(() => parseCount(0)('9007199254740993', '--skip-rows', undefined)).toThrow(
    '--skip-rows: expected a whole number from 0 up, got "9007199254740993"',
  );
});

test('text that a terminal would obey is shown escaped', () => {
  expect(() => parseCount(0)('\u001b[2J', '--skip-rows', undefined)).toThrow('got "\\u001b[2J"');
});
