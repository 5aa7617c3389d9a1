import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyType } from '../../src/domain/column.ts';
import { hashOfAscii, hashOfText, type KeyValue, keyOf, keyPart } from '../../src/domain/token.ts';

type TypedValue = { readonly type: KeyType; readonly value: KeyValue };

/** Few letters and lengths, so that values often nearly collide: `1:`, `S1`, digits, the empty string. */
const confusable = fc.string({ unit: fc.constantFrom('S', 'N', 'B', '0', '1', '2', ':', 'é', '😀'), maxLength: 6 });

const valuesOf: Readonly<Record<KeyType, fc.Arbitrary<TypedValue>>> = {
  S: confusable.map((value) => ({ type: 'S' as const, value })),
  N: fc.integer({ min: -120, max: 120 }).map((value) => ({ type: 'N' as const, value: String(value) })),
  B: fc.uint8Array({ maxLength: 4 }).map((value) => ({ type: 'B' as const, value })),
};

const anyType = fc.constantFrom<KeyType>('S', 'N', 'B');

/** Two values of one type, as two rows have them in one column. */
const twoValues = anyType.chain((type) => fc.tuple(valuesOf[type], valuesOf[type]));

function sameValue(a: TypedValue, b: TypedValue): boolean {
  if (a.type === 'N') return Number(a.value) === Number(b.value);
  return a.type === 'S' ? a.value === b.value : Buffer.compare(a.value as Uint8Array, b.value as Uint8Array) === 0;
}

function partOf({ type, value }: TypedValue): string {
  return keyPart(type, value);
}

describe('a key', () => {
  it('is equal text exactly for equal pairs of values', () => {
    fc.assert(
      fc.property(twoValues, twoValues, ([a, c], [b, d]) => {
        const equal = sameValue(a, c) && sameValue(b, d);
        expect(keyOf(partOf(a), partOf(b)) === keyOf(partOf(c), partOf(d))).toBe(equal);
      }),
      { numRuns: 1000 },
    );
  });

  it('of one value is equal text exactly for equal values', () => {
    fc.assert(
      fc.property(twoValues, ([a, b]) => {
        expect(keyOf(partOf(a)) === keyOf(partOf(b))).toBe(sameValue(a, b));
      }),
      { numRuns: 1000 },
    );
  });

  it('of a number is the same in every spelling of it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(7), (number, zeros) => {
        const part = keyPart('N', String(number));
        expect(keyPart('N', `${number}.${'0'.repeat(zeros)}`)).toBe(part);
        expect(keyPart('N', `${number}${'0'.repeat(zeros)}e-${zeros}`)).toBe(part);
      }),
    );
    expect(new Set(['1', '1.0', '1e0', '+1', '01', '10e-1'].map((text) => keyPart('N', text))).size).toBe(1);
  });

  it('holds every byte of binary values, long ones too', () => {
    const long = Uint8Array.from({ length: 10_000 }, (_, i) => i % 256);
    const other = Uint8Array.from(long);
    other[9_999] = 255 - other[9_999]!;
    expect(keyPart('B', long)).not.toBe(keyPart('B', other));
    expect(keyPart('B', Buffer.from(long))).toBe(keyPart('B', long));
  });
});

it('hashes ASCII to the same number as text and as bytes, wherever they stand', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (before, text) => {
      const bytes = Buffer.from(`${before}${text}behind`);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      expect(hashOfAscii(view, before.length, before.length + text.length)).toBe(hashOfText(text));
    }),
  );
});

it('hashes texts that differ in one character apart, as a rule', () => {
  const hashes = new Set<number>();
  for (let i = 0; i < 10_000; i++) hashes.add(hashOfText(`token-${String(i).padStart(12, '0')}`) & 0xffff);
  // 65,536 places: 9,275 different ones are expected of as many at random.
  expect(hashes.size).toBeGreaterThan(9_000);
});
