import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grace } from '../../../src/options/syntax/numbers.ts';

test.each([
  ['', 0],
  ['0s', 0],
  ['90s', 90],
  ['30m', 1800],
  ['12h', 43_200],
  ['7d', 604_800],
  ['1824d', 1824 * 86_400],
])('"%s" is a grace of %i seconds', (text, seconds) => {
  expect(grace.parse(text, '--skip-expired')).toBe(seconds);
});

test.each(['7', '1.5h', '-1d', '1825d', '10ms', 'tokens.csv'])('"%s" is refused', (text) => {
  expect(() => grace.parse(text, '--skip-expired')).toThrow(
    '--skip-expired: expected a time such as 30m, 12h or 7d, less than five years, got ',
  );
});

test('the text of a grace reads back as the same grace', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1825 * 86_400 - 1 }), (seconds) => {
      expect(grace.parse(grace.format(seconds) as string, '--skip-expired')).toBe(seconds);
    }),
  );
  expect([0, 90, 1800, 3600, 86_400].map(grace.format)).toEqual(['0s', '90s', '30m', '1h', '1d']);
});
