import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Mark, SourceHash } from '../../src/domain/checkpoint.ts';
import { RunningHash } from '../../src/input/source-hash.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const markAt = (fileIndex: number, byteOffset: number): Mark => ({ fileIndex, byteOffset, ordinal: 0, line: 1 });

function feed(hash: RunningHash, files: readonly Uint8Array[], chunkBytes: number): void {
  for (const [fileIndex, bytes] of files.entries()) {
    for (let from = 0; from < bytes.length; from += chunkBytes) {
      hash.update(fileIndex, from, bytes.subarray(from, from + chunkBytes));
    }
    hash.endFile(fileIndex);
  }
}

/** The same, but for the bytes that need not be read. */
function feedFrom(hash: RunningHash, files: readonly Uint8Array[], chunkBytes: number): void {
  for (const [fileIndex, bytes] of files.entries()) {
    for (let from = hash.mustReadFrom(fileIndex); from < bytes.length; from += chunkBytes) {
      hash.update(fileIndex, from, bytes.subarray(from, from + chunkBytes));
    }
  }
}

const filesArbitrary = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 3 });

test('at every mark the hash is that of all bytes up to it, though reading is ahead', () => {
  fc.assert(
    fc.property(filesArbitrary, fc.integer({ min: 1, max: 9 }), (files, chunkBytes) => {
      const hash = new RunningHash();
      feed(hash, files, chunkBytes);
      for (const [fileIndex, bytes] of files.entries()) {
        for (let byteOffset = 1; byteOffset <= bytes.length; byteOffset++) {
          const below = Buffer.concat([...files.slice(0, fileIndex), bytes.subarray(0, byteOffset)]);
          const told = hash.below(markAt(fileIndex, byteOffset));
          expect(told).toEqual({ fileIndex, byteOffset, sha256: sha256(below) });
        }
      }
    }),
  );
});

test('a resume takes the same bytes, in chunks of any size, and goes on telling the same hashes', () => {
  fc.assert(
    fc.property(filesArbitrary, fc.integer({ min: 1, max: 9 }), fc.nat(), (files, chunkBytes, at) => {
      const fileIndex = at % files.length;
      const byteOffset = 1 + (at % files[fileIndex]!.length);
      const first = new RunningHash();
      feed(first, files, 5);
      const resumed = new RunningHash(first.below(markAt(fileIndex, byteOffset)));
      feed(resumed, files, chunkBytes);
      const end = markAt(files.length - 1, files.at(-1)!.length);
      expect(resumed.below(end)).toEqual(first.below(end));
    }),
  );
});

test('a resume that knows the source begins a new stretch, and one that does not comes by all of them', () => {
  fc.assert(
    fc.property(filesArbitrary, fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(), { maxLength: 4 }), (...given) => {
      const [files, chunkBytes, stops] = given;
      const all = Buffer.concat(files);
      const begins = files.map((_, index) => Buffer.concat(files.slice(0, index)).length);
      const placeOf = (at: number) => {
        const fileIndex = begins.findLastIndex((begin) => begin < at || at === 0);
        return markAt(at === 0 ? 0 : fileIndex, at === 0 ? 0 : at - begins[fileIndex]!);
      };
      const ends = [...stops.map((at) => at % (all.length + 1)), all.length].sort((a, b) => a - b);
      let told: SourceHash | undefined;
      for (const end of ends) {
        const hash: RunningHash = new RunningHash(told, true);
        feedFrom(hash, files, chunkBytes);
        told = hash.below(placeOf(end));
      }
      expect((told!.before ?? []).length).toBeLessThan(new Set(ends).size);
      expect(() => feed(new RunningHash(told), files, chunkBytes)).not.toThrow();
      const changed = all.map((byte) => byte ^ 1);
      const others = files.map((file, index) => changed.subarray(begins[index], begins[index]! + file.length));
      expect(() => feed(new RunningHash(told), others, chunkBytes)).toThrow('is not the one this run began with');
    }),
  );
});

test('each byte of each stretch counts', () => {
  const bytes = Uint8Array.from({ length: 30 }, (_, i) => i);
  let told: SourceHash | undefined;
  for (const end of [10, 15, 25]) {
    const hash: RunningHash = new RunningHash(told, true);
    feedFrom(hash, [bytes], 4);
    told = hash.below(markAt(0, end));
  }
  expect(told!.before!.map(({ byteOffset }) => byteOffset)).toEqual([10, 15]);
  for (let changed = 0; changed < bytes.length; changed++) {
    const resume = () => feed(new RunningHash(told), [bytes.with(changed, 99)], 4);
    if (changed < 25) expect(resume).toThrow(expect.objectContaining({ code: 'resume-mismatch' }));
    else expect(resume).not.toThrow();
  }
});

test('one changed byte below the mark is another source, one above it is not', () => {
  const bytes = Uint8Array.from({ length: 30 }, (_, i) => i);
  const first = new RunningHash();
  feed(first, [bytes], 7);
  const expected = first.below(markAt(0, 20));
  for (let changed = 0; changed < bytes.length; changed++) {
    const other = bytes.with(changed, 99);
    const resume = () => feed(new RunningHash(expected), [other], 4);
    if (changed < 20) expect(resume).toThrow(expect.objectContaining({ code: 'resume-mismatch' }));
    else expect(resume).not.toThrow();
  }
});

test('a resume accepts a hash from the beginning of a chunk, far ahead of the mark', () => {
  const mebibyte = 1024 * 1024;
  const bytes = new Uint8Array(20 * mebibyte);
  const first = new RunningHash();
  feed(first, [bytes], mebibyte);
  const told = first.below(markAt(0, 18.5 * mebibyte));
  expect(told).toEqual({ fileIndex: 0, byteOffset: 18 * mebibyte, sha256: sha256(bytes.subarray(0, told.byteOffset)) });
  expect(() => feed(new RunningHash(told), [bytes], 3 * mebibyte)).not.toThrow();
});

test('a hash that is never asked for takes bounded memory, and is right when asked for', () => {
  const chunkBytes = 16;
  const bytes = Uint8Array.from({ length: 30_000 * chunkBytes }, (_, i) => i % 251);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const heldBytes = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const hash = new RunningHash();
  const before = heldBytes();
  feed(hash, [bytes], chunkBytes);
  // Each chunk has an object in the heap for its context outside of it: 30,000 of them take 5 MB and more.
  expect(heldBytes() - before).toBeLessThan(1_000_000);
  let last = 0;
  for (const byteOffset of [1, 100, 77_777, 240_000, 479_999, bytes.length]) {
    const told = hash.below(markAt(0, byteOffset));
    expect(told.sha256).toBe(sha256(bytes.subarray(0, told.byteOffset)));
    expect(told.byteOffset).toBeLessThanOrEqual(byteOffset);
    expect(byteOffset - told.byteOffset).toBeLessThanOrEqual(bytes.length / 256);
    expect(told.byteOffset).toBeGreaterThanOrEqual(last);
    last = told.byteOffset;
    expect(() => feed(new RunningHash(told), [bytes], 1000)).not.toThrow();
  }
});

test('a source of thousands of small files is hashed in a time that grows as they do', () => {
  const hash = new RunningHash();
  const files = Array.from({ length: 20_000 }, (_, i) => Uint8Array.of(i % 256));
  feed(hash, files, 1);
  const told = hash.below(markAt(files.length - 1, 1));
  expect(told).toEqual({ fileIndex: files.length - 1, byteOffset: 1, sha256: sha256(Buffer.concat(files)) });
});

test('a source that may change below the mark is hashed at the mark itself, however far reading is ahead', () => {
  const bytes = Buffer.alloc(8 * 1024 * 1024, 'row\n');
  const hashes = [new RunningHash(), new RunningHash()];
  hashes[1]!.tellExactly();
  for (const hash of hashes) feed(hash, [bytes], 256 * 1024);
  const mark = markAt(0, 5_000_004);
  const [near, exact] = hashes.map((hash) => hash.below(mark));
  expect(near!.byteOffset).toBeLessThan(mark.byteOffset);
  expect(exact).toEqual({
    fileIndex: 0,
    byteOffset: mark.byteOffset,
    sha256: sha256(bytes.subarray(0, mark.byteOffset)),
  });
});

test('reading such a source waits until the mark has passed some of the 64 MiB that are kept', async () => {
  const hash = new RunningHash();
  hash.tellExactly();
  const chunk = Buffer.alloc(16 * 1024 * 1024);
  for (let at = 0; at < 3; at++) hash.update(0, at * chunk.length, chunk);
  await hash.room();
  hash.update(0, 3 * chunk.length, chunk);
  const events: string[] = [];
  const room = hash.room().then(() => events.push('room'));
  await Promise.resolve();
  events.push('the mark moves');
  hash.below(markAt(0, chunk.length));
  await room;
  expect(events).toEqual(['the mark moves', 'room']);
});
