import { expect, test } from 'vitest';
import type { Amount } from '../../src/domain/amount.ts';
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

test('the slot of a row is used again once its key is free, and not while that settles', () => {
  const clock = new FakeClock();
  const ledger = new Ledger({ maxAhead: 10, maxHeldBytes: 1_000, maxHeldTokens: 10, reusesSlots: true });
  const locks = new KeyLocks(clock, 100, () => {});
  const control = new RunControl(new AbortController().signal);
  const maxRejects = { kind: 'units', value: 0 } as const;
  const fates = new RowFates({ ledger, locks, observer: { on: () => {} }, control, maxRejects });
  const write = (ordinal: number, isDoubtful: boolean) => {
    const slot = Object.assign(ledger.takeSlot(), { key: `k${ordinal}` });
    slot.row.ordinal = ordinal;
    ledger.track(slot.row);
    ledger.hold(slot);
    locks.admit(slot);
    if (isDoubtful) locks.doubt([slot]);
    fates.done(slot, 'written');
    return slot;
  };
  const first = write(0, false);
  const second = write(1, true);
  expect(second).toBe(first);
  expect(ledger.takeSlot()).not.toBe(second);
  expect([second.key, locks.size]).toEqual(['k1', 1]);
  locks.stop();
});
