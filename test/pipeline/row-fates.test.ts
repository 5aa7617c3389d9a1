import { expect, test } from 'vitest';
import type { Amount } from '../../src/domain/amount.ts';
import { hashOfText } from '../../src/domain/token.ts';
import { KeyLocks } from '../../src/pipeline/key-locks.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { RowFates, tooManyRejects } from '../../src/pipeline/row-fates.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import { FakeClock } from '../support/fake-clock.ts';

const units = (value: number): Amount => ({ kind: 'units', value });
const percent = (value: number): Amount => ({ kind: 'percent', value });

test.each([
  ['none, though none is allowed', units(0), 0, 10, false],
  ['one where none is allowed', units(0), 1, 10, true],
  ['as many as allowed', units(3), 3, 10, false],
  ['one more than allowed', units(3), 4, 10, true],
  ['all, without a limit', units(-1), 10, 10, false],
  ['none of the share of 0 %', percent(0), 0, 5_000, false],
  ['one of the share of 0 %', percent(0), 1, 5_000, true],
  ['all of the first 999 rows, by a share', percent(1), 999, 999, false],
  ['just the share', percent(1), 10, 1_000, false],
  ['more than the share', percent(1), 11, 1_000, true],
  ['a share of a share', percent(0.1), 2, 1_999, true],
])('%s: --max-rejects %j, %i of %i rows', (_, limit, rejected, read, isTooMany) => {
  expect(tooManyRejects(limit, rejected, read) !== undefined).toBe(isTooMany);
});

test('the message names the numbers, the flag and where the reasons are', () => {
  const byNumber = tooManyRejects(units(3), 4, 10)!;
  expect(byNumber.message).toBe('4 of 10 rows were rejected; --max-rejects allows 3');
  expect(byNumber.hint).toContain('rejects.jsonl');
  const byShare = tooManyRejects(percent(2), 40, 1_000)!;
  expect(byShare.message).toBe('40 of 1,000 rows were rejected; --max-rejects allows 2%');
});

/** Fates of rows `k0`, `k1` and so on, each in a chunk with others, with a payload in shared memory. */
function start(reusesSlots: boolean) {
  const ledger = new Ledger({ maxAhead: 10, maxHeldBytes: 1_000, maxHeldTokens: 10, reusesSlots });
  const locks = new KeyLocks(new FakeClock(), 100, () => {});
  const control = new RunControl(new AbortController().signal);
  const fates = new RowFates({ ledger, locks, observer: { on: () => {} }, control, maxRejects: units(-1) });
  const chunk = Buffer.from('k0,1\nk1,1\nk2,1\n');
  const end = (ordinal: number, { isDoubtful = false, isRefused = false }) => {
    const slot = ledger.takeSlot();
    slot.row.place(chunk, ordinal * 5, 5, 0, ordinal, ordinal + 1, 1, ordinal * 5);
    slot.payload = `put ${ordinal}`;
    slot.slab = { byteLength: 100, holders: 0 };
    slot.setKeyAt(0, 2, hashOfText(`k${ordinal}`));
    ledger.track(slot.row);
    ledger.hold(slot);
    locks.admit(slot);
    if (isDoubtful) locks.doubt([slot]);
    if (isRefused) fates.refused(slot, 'refused');
    else fates.done(slot, 'written');
    return slot;
  };
  return { ledger, locks, end };
}

test.each([false, true])('a free slot is used again, but not while its key settles (refused: %s)', (isRefused) => {
  const { ledger, locks, end } = start(true);
  const first = end(0, { isRefused });
  const second = end(1, { isRefused, isDoubtful: true });
  expect(second).toBe(first);
  expect(ledger.takeSlot()).not.toBe(second);
  expect([second.key, second.keyHash, locks.size]).toEqual(['k1', hashOfText('k1'), 1]);
  locks.stop();
});

test.each([false, true])('a row that is done holds no memory while its key settles (refused: %s)', (isRefused) => {
  const { locks, end } = start(true);
  const { payload, slab, row } = end(1, { isRefused, isDoubtful: true });
  expect([payload, slab, row.slab, row.bytes.buffer.byteLength]).toEqual([undefined, undefined, undefined, 0]);
  locks.stop();
});

test('the token of a repository that may keep it is complete, and holds no chunk while its key settles', () => {
  const { locks, end } = start(false);
  const { payload, key, row } = end(1, { isDoubtful: true });
  expect([payload, key, Buffer.from(row.bytes).toString()]).toEqual(['put 1', 'k1', 'k1,1\n']);
  expect(row.bytes.buffer.byteLength).toBe(5);
  locks.stop();
});
