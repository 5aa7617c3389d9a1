import { expect, test } from 'vitest';
import { hashOfText } from '../../../src/domain/token.ts';
import { isInSlice, partitionOfHash, partitionsFor, planFiles } from '../../../src/pipeline/convert/write-files.ts';
import { randomBelow, seededRandom } from '../../support/seeded-random.ts';

test.each([61, 62, 63, 64])('every partition is in a file of half to twice the wanted size (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const wanted = 1000;
  const lineBytes = Array.from({ length: 1 + randomBelow(random, 400) }, () => randomBelow(random, 500));
  const files = planFiles(lineBytes, wanted);
  const covered = files.flatMap(({ partitions: [from, to] }) => lineBytes.slice(from, to));
  expect(covered.reduce((sum, bytes) => sum + bytes, 0)).toBe(lineBytes.reduce((sum, bytes) => sum + bytes, 0));
  const sizes = files.map(({ partitions: [from, to] }) => lineBytes.slice(from, to).reduce((sum, one) => sum + one, 0));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * wanted);
  if (sizes.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(wanted / 2);
  expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
});

test('a partition that is too large becomes several files, each with every row of some keys', () => {
  const files = planFiles([10, 3500, 10], 1000);
  expect(files.map(({ partitions, slice, slices }) => [partitions, slice, slices])).toEqual([
    [[0, 1], 0, 1],
    ...[0, 1, 2, 3].map((slice) => [[1, 2], slice, 4]),
    [[2, 3], 0, 1],
  ]);
  const hashes = Array.from({ length: 3000 }, (_, i) => hashOfText(`key-${i}`)).filter(
    (hash) => partitionOfHash(hash, 3) === 1,
  );
  const sliced = files.slice(1, 5).map((file) => hashes.filter((hash) => isInSlice(file, hash, 3)).length);
  expect(sliced.reduce((sum, count) => sum + count)).toBe(hashes.length);
  expect(Math.min(...sliced)).toBeGreaterThan(hashes.length / 8);
});

test('a source without rows that fit makes no file, and a small one makes one', () => {
  expect(planFiles([0, 0, 0], 1000)).toEqual([]);
  expect(planFiles([0, 5, 0], 1000)).toMatchObject([{ name: 'data/part-00001.json.gz', partitions: [0, 3] }]);
});

test('keys spread evenly over as many partitions as a size needs', () => {
  expect(partitionsFor(1, 1000)).toBe(1);
  expect(partitionsFor(10_000, 1000)).toBe(40);
  expect(partitionsFor(undefined, 1000)).toBe(256);
  const counts = new Array<number>(40).fill(0);
  for (let i = 0; i < 40_000; i++) counts[partitionOfHash(hashOfText(`token-${i}`), 40)]!++;
  expect(Math.min(...counts)).toBeGreaterThan(800);
  expect(Math.max(...counts)).toBeLessThan(1200);
});
