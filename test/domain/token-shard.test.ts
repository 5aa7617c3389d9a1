import { expect, test } from 'vitest';
import { hashOfPair, hashOfText, ordinalsOwned, ownsKey, ownsOrdinal, type Shard } from '../../src/domain/token.ts';

const shardsOf = (count: number): Shard[] => Array.from({ length: count }, (_, place) => ({ index: place + 1, count }));
const shardOf = (hash: number, count: number) => shardsOf(count).filter((shard) => ownsKey(shard, hash));

test('a key belongs to the same shard in every version and on every platform', () => {
  const shards = (hash: number) => [2, 7, 8, 1000].map((count) => shardOf(hash, count)[0]!.index);
  expect(shards(hashOfText('token-1'))).toEqual([2, 6, 2, 722]);
  expect(shards(hashOfText('ключ'))).toEqual([1, 3, 1, 705]);
  expect(shards(hashOfPair(hashOfText('7'), hashOfText('a')))).toEqual([1, 5, 5, 405]);
});

test.each<readonly [string, (i: number) => number]>([
  ['numbers in a row', (i) => hashOfText(String(i))],
  ['numbers at a distance of 1,024', (i) => hashOfText(String(i * 1024))],
  ['words with a number', (i) => hashOfText(`token-${i}`)],
  ['hexadecimal text', (i) => hashOfText((i * 2_654_435_761).toString(16).padStart(32, '0'))],
  ['sort keys of one partition key', (i) => hashOfPair(hashOfText('user-1'), hashOfText(String(i)))],
  ['partition keys with one sort key', (i) => hashOfPair(hashOfText(String(i)), hashOfText('v0'))],
])('%s are spread evenly over any number of shards', (_title, hashAt) => {
  const hashes = Array.from({ length: 20_000 }, (_, i) => hashAt(i));
  for (const count of [2, 3, 7, 8, 32]) {
    const shards = shardsOf(count);
    const found = shards.map(() => 0);
    for (const hash of hashes) found[shards.findIndex((shard) => ownsKey(shard, hash))]!++;
    const expected = hashes.length / count;
    // Six standard deviations of keys that are drawn at random.
    const tolerance = 6 * Math.sqrt(expected);
    for (const rows of found) expect(Math.abs(rows - expected), `${count} shards`).toBeLessThan(tolerance);
  }
});

test('rows without a key belong to the shards in turn', () => {
  for (const count of [1, 4, 7]) {
    for (const shard of shardsOf(count)) {
      for (const rows of [0, 1, 3, 4, 7, 100]) {
        const owned = Array.from({ length: rows }, (_, ordinal) => ordinal).filter((each) => ownsOrdinal(shard, each));
        expect(ordinalsOwned(shard, rows)).toBe(owned.length);
      }
    }
    for (let ordinal = 0; ordinal < 20; ordinal++) {
      expect(shardsOf(count).filter((shard) => ownsOrdinal(shard, ordinal))).toHaveLength(1);
    }
  }
});
