import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdaptiveRate } from '../../src/limit/adaptive-rate.ts';

/** Lets attempts of 25 units be answered every 5 ms from a moment on, of which so many units each are refused. */
function answer(rate: AdaptiveRate, fromMs: number, untilMs: number, refused: number): boolean {
  let fell = false;
  for (let atMs = fromMs; atMs < untilMs; atMs += 5) {
    if (refused < 25) rate.accepted(25 - refused, atMs);
    if (refused > 0) fell = rate.refused(refused, atMs, atMs) || fell;
  }
  return fell;
}

test('a rate falls to a little below what was accepted, and once a reaction time', () => {
  const rate = new AdaptiveRate(20_000, 0);
  expect(answer(rate, 0, 400, 20)).toBe(false);
  expect(answer(rate, 400, 405, 20)).toBe(true);
  // A quarter of what was sent at the deepest.
  expect(rate.ratePerSecond).toBeGreaterThan(1_200);
  expect(rate.ratePerSecond).toBeLessThan(1_300);
  expect(answer(rate, 405, 800, 20)).toBe(false);
  expect(answer(rate, 805, 810, 20)).toBe(true);
});

test('what was sent before a fall says nothing about the rate after it', () => {
  const rate = new AdaptiveRate(20_000, 0);
  answer(rate, 0, 405, 5);
  const fallen = rate.ratePerSecond;
  for (let n = 0; n < 1_000; n++) rate.refused(25, 390, 2_000);
  expect(rate.ratePerSecond).toBe(fallen);
});

test('one unit in a hundred that is refused slows nothing', () => {
  const rate = new AdaptiveRate(20_000, 0);
  for (let atMs = 0; atMs < 10_000; atMs += 5) {
    rate.accepted(25, atMs);
    if (atMs % 20 === 0) expect(rate.refused(1, atMs, atMs)).toBe(false);
  }
});

test('a rate rises in accelerating steps, up to the limit, and not while items are refused', () => {
  const rate = new AdaptiveRate(20_000, 0);
  answer(rate, 0, 405, 20);
  const start = rate.ratePerSecond;
  expect(rate.rise(500)).toBe(false);
  const seen: number[] = [];
  for (let atMs = 1_000; rate.isSlowed; atMs += 500) if (rate.rise(atMs)) seen.push(rate.ratePerSecond);
  expect(seen[0]).toBeCloseTo(start * 1.01, 6);
  expect(seen[1]).toBeCloseTo(start * 1.01 * 1.016, 6);
  expect(seen.length).toBeLessThan(15);
  expect(rate.ratePerSecond).toBe(20_000);
  // What was idle before does not count against the table.
  answer(rate, 60_000, 60_405, 3);
  const fallen = rate.ratePerSecond;
  expect(fallen).toBeGreaterThan(1_500);
  rate.accepted(100_000, 60_900);
  rate.refused(1_500, 60_900, 60_900);
  expect(rate.rise(61_000)).toBe(false);
  expect(rate.ratePerSecond).toBe(fallen);
});

test('a rate without a limit has one while it is slowed, and then none again', () => {
  const rate = new AdaptiveRate(Number.POSITIVE_INFINITY, 0);
  answer(rate, 0, 405, 5);
  expect(rate.ratePerSecond).toBeLessThan(4_200);
  for (let atMs = 1_000; atMs < 10_000; atMs += 500) {
    answer(rate, atMs, atMs + 400, 0);
    rate.rise(atMs + 500);
  }
  expect(rate.isSlowed).toBe(false);
});

test('the rate is above zero and never above the limit, for any answers and limits', () => {
  const step = fc.record({
    kind: fc.constantFrom('accepted', 'refused', 'rise', 'limit'),
    units: fc.integer({ min: 1, max: 50_000 }),
    ms: fc.integer({ min: 0, max: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let nowMs = 0;
      let limit = 1_000;
      const rate = new AdaptiveRate(limit, nowMs);
      for (const { kind, units, ms } of steps) {
        nowMs += ms;
        if (kind === 'accepted') rate.accepted(units, nowMs);
        else if (kind === 'refused') rate.refused(units, nowMs, nowMs);
        else if (kind === 'rise') rate.rise(nowMs);
        else limit = units;
        if (kind === 'limit') rate.setLimit(limit);
        expect(rate.ratePerSecond).toBeGreaterThanOrEqual(Math.min(1, limit));
        expect(rate.ratePerSecond).toBeLessThanOrEqual(limit);
      }
    }),
  );
});
