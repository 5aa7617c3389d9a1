import { expect, test } from 'vitest';
import { hashOfText } from '../../../src/domain/token.ts';
import { LastRows } from '../../../src/pipeline/convert/last-rows.ts';
import { randomBelow, seededRandom, shuffled } from '../../support/seeded-random.ts';

type KeyedLine = readonly [key: string, line: string];

function taken(rows: readonly KeyedLine[], hashOf = hashOfText): LastRows {
  const last = new LastRows();
  for (const [key, line] of rows) {
    const bytes = Buffer.from(`before${key}${line}after`);
    const lineStart = 6 + Buffer.byteLength(key);
    last.take(bytes, hashOf(key), 6, lineStart, lineStart + Buffer.byteLength(line));
  }
  return last;
}

function linesOf(last: LastRows, seed = 1): string[] {
  return Buffer.concat([...last.shuffledLines(seed)])
    .toString()
    .split('\n')
    .slice(0, -1);
}

test.each([51, 52, 53])('the last line of each key is kept, whatever its length (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const rows = Array.from({ length: 20_000 }, (_, i): KeyedLine => {
    const key = `k${randomBelow(random, 5000)}`;
    return [key, `${key} ${i} ${'é'.repeat(randomBelow(random, 40))}`];
  });
  const last = taken(rows);
  const expected = new Map(rows);
  expect(linesOf(last).sort()).toEqual([...expected.values()].sort());
  expect(last.count).toBe(expected.size);
  expect(last.superseded).toBe(rows.length - expected.size);
  expect(last.bytes).toBe(Buffer.byteLength([...expected.values()].join('\n')) + 1);
});

test('keys with one hash are told apart by their bytes', () => {
  const rows = Array.from({ length: 300 }, (_, i): KeyedLine => [`k${i % 100}`, `line ${i}`]);
  const last = taken(rows, () => -7);
  expect(linesOf(last).sort()).toEqual([...new Map(rows).values()].sort());
});

test('the order depends on the seed and the keys, not on the order of the rows', () => {
  const random = seededRandom(54);
  const rows = Array.from({ length: 5000 }, (_, i): KeyedLine => [`k${i}`, `line ${i}`]);
  const lines = linesOf(taken(rows));
  expect(linesOf(taken(shuffled(random, rows)))).toEqual(lines);
  expect(linesOf(taken(rows), 2)).not.toEqual(lines);
  const places = lines.map((line) => Number(line.slice(5)));
  const near = places.filter((place, i) => i > 0 && Math.abs(place - places[i - 1]!) < 50);
  expect(near.length).toBeLessThan(places.length * 0.04);
});

test('rows are forgotten, and others take their memory', () => {
  const last = taken(Array.from({ length: 50_000 }, (_, i): KeyedLine => [`k${i}`, 'z'.repeat(400)]));
  last.clear();
  expect(linesOf(last)).toEqual([]);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 50_000; i++)
    last.take(Buffer.from(`k${i}line ${i}`), i, 0, `k${i}`.length, `k${i}line ${i}`.length);
  expect(last.count).toBe(50_000);
  expect(last.superseded).toBe(0);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 ** 2);
  expect(linesOf(last).sort()).toEqual(Array.from({ length: 50_000 }, (_, i) => `line ${i}`).sort());
});

test('a line longer than a block, and one longer than a chunk, come whole', () => {
  const long = 'x'.repeat(9 * 1024 ** 2);
  const last = taken([
    ['a', 'short'],
    ['b', long],
    ['a', 'y'.repeat(1024 ** 2)],
  ]);
  expect(linesOf(last).sort()).toEqual([long, 'y'.repeat(1024 ** 2)].sort());
});

test('a key that comes a million times takes the memory of one', () => {
  const before = process.memoryUsage().arrayBuffers;
  const last = new LastRows();
  const bytes = Buffer.from(`k${'v'.repeat(200)}`);
  for (let i = 0; i < 1_000_000; i++) last.take(bytes, 5, 0, 1, bytes.length);
  expect(last.superseded).toBe(999_999);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 ** 2);
});
