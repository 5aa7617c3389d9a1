import { expect, test } from 'vitest';
import { randomBelow, seededRandom, shuffled } from './seeded-random.ts';

test('one seed always gives the same numbers, another seed gives others', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('numbers are spread evenly over [0, limit)', () => {
  const random = seededRandom(7);
  const hits = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw++) hits[randomBelow(random, 10)]!++;
  for (const count of hits) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('shuffling keeps every value and does not change the given array', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const result = shuffled(seededRandom(3), values);
  expect(values).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(result).not.toEqual(values);
  expect(result.toSorted()).toEqual(values);
});
