import { expect, test } from 'vitest';
import { Row } from '../../src/domain/row.ts';
import { hashOfText } from '../../src/domain/token.ts';
import { RowSlot } from '../../src/pipeline/row-slot.ts';

const chunk = Buffer.from('a,1\nkey,2\nb,3\n');

/** A slot with the row `key,2`, whose key is not made into text yet. */
function filled(): RowSlot {
  const slot = new RowSlot(new Row(chunk, 4, 6, 0, 1, 2, 1, 4));
  slot.setKeyAt(0, 3, hashOfText('key'));
  return slot;
}

test('a key is read from the bytes of the row, also once they were copied out of their chunk', () => {
  const slot = filled();
  expect([slot.key, slot.keyHash]).toEqual(['key', hashOfText('key')]);
  const detached = filled();
  detached.detach('copy', undefined);
  expect([detached.key, detached.payload]).toEqual(['key', 'copy']);
  expect(detached.row.bytes.buffer.byteLength).toBe(6);
});

test('a slot that is filled again tells the key of its new row, whichever way it is given', () => {
  const slot = filled();
  expect(slot.key).toBe('key');
  slot.row.place(chunk, 10, 4, 0, 2, 3, 1, 10);
  slot.setKeyAt(0, 1, hashOfText('b'));
  expect(slot.key).toBe('b');
  slot.key = 'ä';
  expect([slot.key, slot.keyHash]).toEqual(['ä', undefined]);
});

test('a slot that was dropped holds neither the bytes of its row nor its payload', () => {
  const slot = filled();
  Object.assign(slot, { payload: {}, slab: { byteLength: 1, holders: 0 } });
  slot.row.slab = { byteLength: chunk.length, holders: 0 };
  slot.drop();
  expect([slot.payload, slot.slab, slot.row.slab, slot.row.bytes.buffer.byteLength]).toEqual([
    undefined,
    undefined,
    undefined,
    0,
  ]);
});
