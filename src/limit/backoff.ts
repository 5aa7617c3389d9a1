/** First ceiling and largest ceiling of a delay. */
const firstMs = 50;
const largestMs = 5_000;

/**
 * Full jitter: a delay drawn evenly from 0 up to a ceiling that doubles with each attempt.
 * @param attempt the attempt that failed, from 1
 * @param random gives numbers in [0, 1)
 */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(largestMs, firstMs * 2 ** (attempt - 1));
}
