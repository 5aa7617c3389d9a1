import { expect, test } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import { drawDelayMs, drawFault, type Faults, leftToChance } from './faults.ts';

test('each fault occurs as often as its probability says', () => {
  const faults: Faults = {
    throttle: 0.05,
    serverError: 0.02,
    resetBeforeWrite: 0.005,
    resetAfterWrite: 0.005,
    hang: 0.002,
  };
  const random = seededRandom(11);
  const draws = 200_000;
  const seen: Record<string, number> = {};
  for (let draw = 0; draw < draws; draw++) {
    const fault = drawFault(random, faults) ?? 'none';
    seen[fault] = (seen[fault] ?? 0) + 1;
  }
  const expected: Record<string, number> = { ...(faults as Record<string, number>), none: 0.918 };
  expect(Object.keys(seen).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [fault, share] of Object.entries(expected)) {
    expect(Math.abs(seen[fault]! / draws - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / draws));
  }
});

test('only probabilities between never and always are left to chance', () => {
  expect(leftToChance({ throttle: 0.5 })).toBe(true);
  expect(leftToChance({ handBack: 0.1, hang: 1 })).toBe(true);
  expect(leftToChance({ hang: 1, applyAfterMs: 0.5, invalidKeys: new Set(['S:a']) })).toBe(false);
});

test('a delay is as given, or between its bounds', () => {
  const random = seededRandom(1);
  expect(drawDelayMs(random, 300)).toBe(300);
  const drawn = Array.from({ length: 1_000 }, () => drawDelayMs(random, [100, 200]));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...drawn)).toBeLessThan(200);
  expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(90);
});
