import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZstdFrames } from '../../../src/adapters/packing/packing.ts';

/** One frame by the rules of RFC 8878, its content being of no matter. */
const frame = fc
  .record({
    isSingleSegment: fc.boolean(),
    hasChecksum: fc.boolean(),
    dictionaryFlag: fc.nat(3),
    sizeFlag: fc.nat(3),
    blocks: fc.array(fc.record({ type: fc.nat(2), bytes: fc.nat(300) }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ isSingleSegment, hasChecksum, dictionaryFlag, sizeFlag, blocks }) => {
    const descriptor = (sizeFlag << 6) | (isSingleSegment ? 0x20 : 0) | (hasChecksum ? 4 : 0) | dictionaryFlag;
    const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
    const dictionaryBytes = dictionaryFlag === 3 ? 4 : dictionaryFlag;
    const header = Buffer.alloc((isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes, 0x55);
    const parts = blocks.map(({ type, bytes }, index) => {
      const isLast = index === blocks.length - 1 ? 1 : 0;
      const head = Buffer.alloc(3);
      head.writeUIntLE((bytes << 3) | (type << 1) | isLast, 0, 3);
      return Buffer.concat([head, Buffer.alloc(type === 1 ? 1 : bytes, 0x55)]);
    });
    const checksum = Buffer.alloc(hasChecksum ? 4 : 0, 0x55);
    return Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.of(descriptor), header, ...parts, checksum]);
  });

const skippable = fc.tuple(fc.nat(15), fc.nat(300)).map(([kind, bytes]) => {
  const head = Buffer.from([0x50 + kind, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes, 4);
  return Buffer.concat([head, Buffer.alloc(bytes, 0x55)]);
});

test('frames are whole behind the last byte of each, and nowhere else', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(frame, skippable), { minLength: 1, maxLength: 4 }), (all) => {
      const ends = new Set<number>();
      let end = 0;
      for (const each of all) {
        end += each.length;
        ends.add(end);
      }
      const frames = new ZstdFrames();
      const bytes = Buffer.concat(all);
      for (let at = 0; at < bytes.length; at++) {
        frames.push(bytes.subarray(at, at + 1));
        expect(frames.whole).toBe(ends.has(at + 1));
      }
      const atOnce = new ZstdFrames();
      atOnce.push(bytes);
      expect(atOnce.whole).toBe(true);
    }),
    { numRuns: 50 },
  );
});
