import { expect, test } from 'vitest';
import { amount, count } from '../../../src/options/syntax/numbers.ts';

test.each([
  ['1', 1],
  ['1024', 1024],
  ['1_000', 1000],
])('%s is a count', (text, expected) => {
  expect(count(1, 1024).parse(text, '--concurrency')).toBe(expected);
});

test.each(['0', '1025', '-1', '1.0', '1e2', '0x10', ' 1', '1,000', '1__0', 'many'])('"%s" is none', (text) => {
  expect(() => count(1, 1024).parse(text, '--concurrency')).toThrow(
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
  const hinted = expect.objectContaining({ code: 'usage', hint: `Did you mean ${meant}?` });
  expect(() => count(1).parse(text, '--wps')).toThrow(hinted);
  expect(() => amount(1).parse(text, '--wps')).toThrow(hinted);
});

test.each([
  ['10%', 'Pass a number: --rcu does not accept a share.'],
  ['2k', undefined],
  ['0k', undefined],
  ['1.5', undefined],
  ['many', undefined],
])('%s, of which no count can be made, is refused with the hint %s', (text, hint) => {
  expect(() => count(1, 1024).parse(text, '--rcu')).toThrow(expect.objectContaining({ hint }));
});

test('a number that a float cannot hold is refused rather than rounded', () => {
  expect(() => count(0).parse('9007199254740993', '--skip-rows')).toThrow(
    '--skip-rows: expected a whole number from 0 up, got "9007199254740993"',
  );
});

test('text that a terminal would obey is shown escaped', () => {
  expect(() => count(0).parse('\u001b[2J', '--skip-rows')).toThrow('got "\\u001b[2J"');
});
