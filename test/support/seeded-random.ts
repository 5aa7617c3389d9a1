export { seededRandom } from '../../src/pipeline/verify/held-rows.ts';

/** A number in [0, 1), like that of `Math.random`. */
export type Random = () => number;

/** A whole number in [0, limit). */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** The same values in another order; the given array is not changed. */
export function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomBelow(random, last + 1);
    const value = result[last]!;
    result[last] = result[other]!;
    result[other] = value;
  }
  return result;
}
