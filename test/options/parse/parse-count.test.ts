import { expect, test } from 'vitest';
import { parseAmount } from '../../../src/options/parse/parse-amount.ts';
import { parseCount } from '../../../src/options/parse/parse-count.ts';

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

test.each([
  ['20k', '--wps 20000'],
  ['20K', '--wps 20000'],
  ['1M', '--wps 1000000'],
  ['1.5M', '--wps 1500000'],
  ['20,000', '--wps 20000'],
  ['20.000', '--wps 20000'],
  ['1,000,000', '--wps 1000000'],
  ['2e4', '--wps 20000'],
])('%s is refused with the spelling that is meant', (text, meant) => {
  const hinted = expect.objectContaining({ code: 'usage', hint: `did you mean ${meant}?` });
  expect(() => parseCount(1)(text, '--wps', undefined)).toThrow(hinted);
  expect(() => parseAmount(1)(text, '--wps', undefined)).toThrow(hinted);
});

test.each([
  ['10%', '--rcu takes no share: give the number itself'],
  ['2k', undefined],
  ['0k', undefined],
  ['1.5', undefined],
  ['many', undefined],
])('%s, of which no count can be made, is refused with the hint %s', (text, hint) => {
  expect(() => parseCount(1, 1024)(text, '--rcu', undefined)).toThrow(expect.objectContaining({ hint }));
});

test('a number that a float cannot hold is refused rather than rounded', () => {
  expect(() => parseCount(0)('9007199254740993', '--skip-rows', undefined)).toThrow(
    '--skip-rows: expected a whole number from 0 up, got "9007199254740993"',
  );
});

test('text that a terminal would obey is shown escaped', () => {
  expect(() => parseCount(0)('\u001b[2J', '--skip-rows', undefined)).toThrow('got "\\u001b[2J"');
});
