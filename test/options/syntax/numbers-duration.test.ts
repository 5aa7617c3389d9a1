import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duration } from '../../../src/options/syntax/numbers.ts';

const latency = duration(0);

test.each([
  ['10ms', 10],
  ['10', 10],
  ['2s', 2000],
  ['1.5s', 1500],
  ['5m', 300_000],
  ['5 m', 300_000],
  ['1h', 3_600_000],
  ['0', 0],
])('%s is a duration', (text, valueMs) => {
  expect(latency.parse(text, '--latency')).toBe(valueMs);
});

test.each(['', '-1s', '5min', '1d', 's', '.5s', '1e3', '600h'])('"%s" is none', (text) => {
  expect(() => latency.parse(text, '--latency')).toThrow(
    '--latency: expected a duration such as 10ms, 2s or 5m, from 0ms up, got ',
  );
});

test('a time-out of nothing is refused', () => {
  expect(() => duration(1).parse('0s', '--request-timeout')).toThrow('from 1ms up, got "0s"');
});

test('the text of a duration reads back as the same duration', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), (valueMs) => {
      expect(latency.parse(latency.format(valueMs) as string, '--latency')).toBe(valueMs);
    }),
  );
  expect([0, 10, 5000, 90_000, 300_000].map(latency.format)).toEqual(['0ms', '10ms', '5s', '90s', '5m']);
});
