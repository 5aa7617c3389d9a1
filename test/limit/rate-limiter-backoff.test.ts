import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/limit/rate-limiter.ts';

test('the ceiling doubles from 50 ms with each attempt, up to 5 s', () => {
  const ceilings = [1, 2, 3, 7, 8, 9, 100].map((attempt) => backoffMs(attempt, () => 1));
  expect(ceilings).toEqual([50, 100, 200, 3_200, 5_000, 5_000, 5_000]);
});

test('a delay is drawn evenly from nothing up to the ceiling', () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), share, (attempt, drawn) => {
      expect(backoffMs(attempt, () => drawn)).toBe(drawn * backoffMs(attempt, () => 1));
    }),
  );
});
