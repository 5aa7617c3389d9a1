import { expect, test } from 'vitest';
import { amountText } from '../../../src/domain/amount.ts';
import { parseAmount, parseMaxRejects } from '../../../src/options/parse/parse-amount.ts';

const parseWps = parseAmount(1);

test.each([
  ['20000', { kind: 'units', value: 20_000 }],
  ['20_000', { kind: 'units', value: 20_000 }],
  ['80%', { kind: 'percent', value: 80 }],
  ['0.5%', { kind: 'percent', value: 0.5 }],
  ['100%', { kind: 'percent', value: 100 }],
])('%s is an amount', (text, amount) => {
  expect(parseWps(text, '--wps', undefined)).toEqual(amount);
});

test.each(['', '0', '0%', '-1', '1.5', '101%', '%', '20k', '2e4', 'fast'])('"%s" is no rate', (text) => {
  expect(() => parseWps(text, '--wps', undefined)).toThrow(
    '--wps: expected a number of write units a second from 1 up or a share up to 100%, got ',
  );
});

test('a reserve may be nothing', () => {
  expect(parseAmount(0)('0', '--reserve', undefined)).toEqual({ kind: 'units', value: 0 });
});

test('-1 stands for no limit on rejects, and for nothing else', () => {
  expect(parseMaxRejects('-1', '--max-rejects', undefined)).toEqual({ kind: 'units', value: -1 });
  expect(parseMaxRejects('0', '--max-rejects', undefined)).toEqual({ kind: 'units', value: 0 });
  expect(() => parseMaxRejects('-2', '--max-rejects', undefined)).toThrow(
    '--max-rejects: expected a number of rows, a share up to 100%, or -1 for no limit, got "-2"',
  );
});

test('the text of an amount reads back as the same amount', () => {
  for (const text of ['1', '20000', '80%', '0.5%']) {
    expect(amountText(parseWps(text, '--wps', undefined))).toBe(text);
  }
});
