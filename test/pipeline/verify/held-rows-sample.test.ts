import { expect, test } from 'vitest';
import { Row } from '../../../src/domain/row.ts';
import { RowSample, seededRandom } from '../../../src/pipeline/verify/held-rows.ts';
import { detachToken, tokenOf } from '../tokens.ts';

function drawn(size: number, rows: number, seed: number): number[] {
  const sample = new RowSample(size, seededRandom(seed), detachToken);
  for (let i = 0; i < rows; i++) sample.offer(tokenOf(i));
  return sample.tokens().map(({ row }) => row.ordinal);
}

test('the same seed draws the same rows, in source order, and another seed others', () => {
  const rows = drawn(100, 10_000, 7);
  expect(rows).toHaveLength(100);
  expect(rows).toEqual([...rows].sort((a, b) => a - b));
  expect(drawn(100, 10_000, 7)).toEqual(rows);
  expect(drawn(100, 10_000, 8)).not.toEqual(rows);
});

test('each part of the source has its share of the sample', () => {
  const tenths = new Array(10).fill(0);
  for (let seed = 0; seed < 100; seed++)
    for (const ordinal of drawn(50, 1_000, seed)) tenths[Math.floor(ordinal / 100)]++;
  // 500 expected in each; five standard deviations are 106.
  for (const count of tenths) expect(Math.abs(count - 500)).toBeLessThan(106);
});

test('a key in the sample stands for its last row, and is in it once', () => {
  const sample = new RowSample(3, seededRandom(1), detachToken);
  for (const [ordinal, key] of ['a', 'b', 'a', 'c', 'a'].entries()) sample.offer(tokenOf(ordinal, key));
  expect(sample.tokens().map(({ key, row }) => [key, row.ordinal])).toEqual([
    ['b', 1],
    ['c', 3],
    ['a', 4],
  ]);
  expect(sample.superseded).toBe(2);
});

test('a row in the sample does not hold the bytes around it', () => {
  const chunk = new Uint8Array(100_000);
  const sample = new RowSample(3, seededRandom(1), detachToken);
  for (const [ordinal, key] of ['a', 'b', 'b', 'c', 'd', 'e', 'f', 'g'].entries()) {
    sample.offer({ ...tokenOf(ordinal, key), row: new Row(chunk, ordinal * 10, 10, 0, ordinal, 1, 1, ordinal * 10) });
  }
  expect(sample.tokens().map(({ row }) => row.bytes.buffer.byteLength)).toEqual([10, 10, 10]);
});
