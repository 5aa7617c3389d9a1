import { expect, test } from 'vitest';
import { amount, rejectLimit } from '../../../src/options/syntax/numbers.ts';

const wps = amount(1);

test.each([
  ['20000', { kind: 'units', value: 20_000 }],
  ['20_000', { kind: 'units', value: 20_000 }],
  ['80%', { kind: 'percent', value: 80 }],
  ['0.5%', { kind: 'percent', value: 0.5 }],
  ['100%', { kind: 'percent', value: 100 }],
])('%s is an amount', (text, expected) => {
  expect(wps.parse(text, '--wps')).toEqual(expected);
});

test.each(['', '0', '0%', '-1', '1.5', '101%', '%', '20k', '2e4', 'fast'])('"%s" is no rate', (text) => {
  expect(() => wps.parse(text, '--wps')).toThrow(
    '--wps: expected a number of write units per second from 1 up, or a share up to 100%, got ',
  );
});

test('a reserve may be nothing', () => {
  expect(amount(0).parse('0', '--reserve')).toEqual({ kind: 'units', value: 0 });
});

test('-1 stands for no limit on rejects, and for nothing else', () => {
  expect(rejectLimit.parse('-1', '--max-rejects')).toEqual({ kind: 'units', value: -1 });
  expect(rejectLimit.parse('0', '--max-rejects')).toEqual({ kind: 'units', value: 0 });
  expect(() => rejectLimit.parse('-2', '--max-rejects')).toThrow(
    '--max-rejects: expected a number of rows, a share up to 100%, or -1 for no limit, got "-2"',
  );
});

test('the text of an amount reads back as the same amount', () => {
  for (const text of ['1', '20000', '80%', '0.5%']) {
    expect(wps.format(wps.parse(text, '--wps'))).toBe(text);
  }
});
