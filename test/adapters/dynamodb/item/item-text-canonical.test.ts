import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalItem, type Item, itemSizeBytes } from '../../../../src/adapters/dynamodb/item/item-text.ts';
import { itemBytes } from '../../../support/plain-table/item-size.ts';

const item: Item = {
  token: { S: 'a' },
  n: { N: '1.50' },
  b: { B: 'AAE=' },
  flags: { L: [{ BOOL: true }, { NULL: true }, { N: '1e2' }] },
  more: { M: { y: { S: '1' }, x: { N: '-0' } } },
  set: { NS: ['2', '1.0'] },
};

test('equal items have equal text in any order and any notation of their numbers', () => {
  const other: Item = {
    set: { NS: ['1', '2.0'] },
    more: { M: { x: { N: '0' }, y: { S: '1' } } },
    flags: { L: [{ BOOL: true }, { NULL: true }, { N: '100' }] },
    b: { B: 'AAE=' },
    n: { N: '15e-1' },
    token: { S: 'a' },
  };
  expect(canonicalItem(other)).toBe(canonicalItem(item));
});

test.each<[string, Item]>([
  ['a value', { ...item, n: { N: '1.51' } }],
  ['a type', { ...item, n: { S: '1.5' } }],
  ['an attribute more', { ...item, extra: { NULL: true } }],
  ['an order in a list', { ...item, flags: { L: [{ NULL: true }, { BOOL: true }, { N: '1e2' }] } }],
  ['text that looks like another attribute', { ...item, token: { S: 'a","n":N1.5' } }],
])('%s makes another text', (_what, other) => {
  expect(canonicalItem(other)).not.toBe(canonicalItem(item));
});

const value: fc.Arbitrary<Item[string]> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }).map((S) => ({ S })),
    fc.integer().map((n) => ({ N: String(n) })),
    fc.uint8Array().map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
    fc.constant({ BOOL: true }),
    fc.constant({ NULL: true }),
    fc.array(tie('value'), { maxLength: 4 }).map((L) => ({ L })),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }).map((M) => ({ M })),
  ),
})).value as fc.Arbitrary<Item[string]>;

test('the size of an item is what another count of it says', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (drawn) => {
      expect(itemSizeBytes(drawn as Item)).toBe(itemBytes(drawn as never));
    }),
  );
});
