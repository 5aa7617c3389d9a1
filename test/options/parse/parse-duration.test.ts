import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationText, parseDuration } from '../../../src/options/parse/parse-duration.ts';

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
  expect(parseDuration(0)(text, '--latency', undefined)).toBe(valueMs);
});

test.each(['', '-1s', '5min', '1d', 's', '.5s', '1e3', '600h'])('"%s" is none', (text) => {
  expect(() => parseDuration(0)(text, '--latency', undefined)).toThrow(
    '--latency: expected a duration such as 10ms, 2s or 5m, from 0ms up, got ',
  );
});

test('a time-out of nothing is refused', () => {
  expect(() => parseDuration(1)('0s', '--request-timeout', undefined)).toThrow('from 1ms up, got "0s"');
});

test('the text of a duration reads back as the same duration', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), (valueMs) => {
      expect(parseDuration(0)(durationText(valueMs), '--latency', undefined)).toBe(valueMs);
    }),
  );
  expect([0, 10, 5000, 90_000, 300_000].map(durationText)).toEqual(['0ms', '10ms', '5s', '90s', '5m']);
});
