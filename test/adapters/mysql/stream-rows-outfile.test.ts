import { expect, test } from 'vitest';
import { OutfileRows } from '../../../src/adapters/mysql/stream-rows.ts';
import { encodeOutfile } from '../../support/mysql-encoder.ts';
import { type Random, randomBelow, seededRandom } from '../../support/seeded-random.ts';

const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);

test(`2,000 random rows are those of the independent encoder, in whole rows (seed ${seed})`, () => {
  const random = seededRandom(seed);
  const rows = Array.from({ length: 2000 }, () => Array.from({ length: 3 }, () => randomValue(random)));
  const encoder = new OutfileRows(16 * 1024);
  const chunks: Uint8Array[] = [];
  for (const row of rows) {
    encoder.add(row);
    if (encoder.isFull) chunks.push(encoder.take());
  }
  const last = encoder.take();
  const expected = encodeOutfile(rows, ['binary', 'binary', 'binary'], { bits: 'escaped' });
  expect(Buffer.concat([...chunks, last]).equals(expected)).toBe(true);
  expect(chunks.length).toBeGreaterThan(10);
  for (const chunk of chunks) expect(chunk.at(-1)).toBe(0x0a);
});

test('a row that is longer than a chunk is written whole', () => {
  const encoder = new OutfileRows(8 * 1024);
  const value = Buffer.alloc(100_000, '\\');
  encoder.add([value]);
  expect(encoder.isFull).toBe(true);
  expect(encoder.take()).toHaveLength(200_001);
  expect(encoder.isFull).toBe(false);
});

test('a chunk that was taken stays as it is', () => {
  const encoder = new OutfileRows(8 * 1024);
  encoder.add([Buffer.from('one')]);
  const taken = encoder.take();
  encoder.add([Buffer.from('two'), null]);
  expect(Buffer.from(taken).toString()).toBe('one\n');
  expect(Buffer.from(encoder.take()).toString()).toBe('two\t\\N\n');
  expect(encoder.take()).toHaveLength(0);
});

const special = Buffer.from('\0\t\n\\N0\r"');

function randomValue(random: Random): Buffer | null {
  if (random() < 0.2) return null;
  const byte = () => (random() < 0.5 ? special[randomBelow(random, special.length)]! : randomBelow(random, 256));
  return Buffer.from(Array.from({ length: randomBelow(random, random() < 0.01 ? 30_000 : 40) }, byte));
}
