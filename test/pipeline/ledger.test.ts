import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RejectedRow, Slab } from '../../src/domain/row.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { rowOf, tokenOf } from './tokens.ts';

const limits = { maxAhead: 5, maxHeldBytes: 1_000, maxHeldTokens: 1_000 };

function rejectedOf(ordinal: number): RejectedRow {
  return { code: 'not-a-number', message: 'no', position: rowOf(ordinal), bytes: new Uint8Array(10) };
}

function slabOf(byteLength: number): Slab {
  return { byteLength, holders: 0 };
}

/** A ledger that has taken note of so many rows and holds the tokens of all. */
function ledgerOf(rows: number): Ledger {
  const ledger = new Ledger(limits);
  for (let ordinal = 0; ordinal < rows; ordinal++) {
    ledger.track(rowOf(ordinal));
    ledger.hold(tokenOf(ordinal));
  }
  return ledger;
}

test('the mark stops before the first row that is not done', () => {
  const ledger = ledgerOf(3);
  ledger.done(tokenOf(1), 'written');
  ledger.done(tokenOf(2), 'superseded');
  expect(ledger.takePassed()).toMatchObject({ mark: { ordinal: 0, byteOffset: 0, line: 1 }, counts: { written: 0 } });
  expect(ledger.countPending()).toBe(1);
  ledger.done(tokenOf(0), 'kept');
  expect(ledger.takePassed()).toMatchObject({
    mark: { fileIndex: 0, ordinal: 3, byteOffset: 30, line: 5 },
    counts: { written: 1, superseded: 1, kept: 1 },
  });
});

test('rejects are given out in source order as the mark passes them, each once', () => {
  const ledger = ledgerOf(4);
  for (const ordinal of [3, 1, 2]) ledger.reject(rejectedOf(ordinal), tokenOf(ordinal));
  expect(ledger.takePassed()).toMatchObject({ rejects: [], rejectsByCode: {} });
  ledger.done(tokenOf(0), 'written');
  const { rejects, rejectsByCode } = ledger.takePassed();
  expect(rejects.map(({ position }) => position.ordinal)).toEqual([1, 2, 3]);
  expect(rejectsByCode).toEqual({ 'not-a-number': 3 });
  expect(ledger.takePassed().rejects).toEqual([]);
});

test('it is full so many rows past the saved mark, and tells when there is room', async () => {
  const ledger = ledgerOf(5);
  expect(ledger.full).toBe(true);
  let hasRoom = false;
  const room = ledger.room().then(() => {
    hasRoom = true;
  });
  ledger.done(tokenOf(4), 'written');
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  ledger.done(tokenOf(0), 'written');
  ledger.saved(ledger.takePassed());
  await room;
  expect(ledger.full).toBe(false);
});

test('payloads and unsaved rejects count against the bytes held, until they are done or saved', async () => {
  const ledger = new Ledger({ maxAhead: 100, maxHeldBytes: 20, maxHeldTokens: 1_000 });
  for (const ordinal of [0, 1]) ledger.track(rowOf(ordinal));
  ledger.hold(tokenOf(0));
  ledger.hold(tokenOf(1));
  expect(ledger.full).toBe(true);
  ledger.reject(rejectedOf(0), tokenOf(0));
  expect([ledger.full, ledger.unsavedRejectBytes]).toEqual([true, 10]);
  const room = ledger.room();
  ledger.saved(ledger.takePassed());
  await room;
  expect([ledger.full, ledger.unsavedRejectBytes]).toEqual([false, 0]);
});

test('memory that rows share counts in full from the first of them that is held to the last', () => {
  const ledger = new Ledger({ maxAhead: 100, maxHeldBytes: 300, maxHeldTokens: 1_000 });
  const [puts, chunk] = [slabOf(100), slabOf(200)];
  const tokens = [0, 1, 2].map((ordinal) => {
    const token = { ...tokenOf(ordinal), slab: ordinal === 2 ? slabOf(100) : puts };
    token.row.slab = chunk;
    ledger.track(token.row);
    return token;
  });
  const full = () => ledger.full;
  expect(full()).toBe(false);
  ledger.hold(tokens[0]!);
  expect(full()).toBe(true);
  ledger.hold(tokens[1]!);
  ledger.done(tokens[0]!, 'written');
  expect(full()).toBe(true);
  ledger.done(tokens[1]!, 'written');
  expect([full(), puts.holders, chunk.holders]).toEqual([false, 0, 0]);
  ledger.hold(tokens[2]!);
  expect(full()).toBe(true);
});

test('a row that is copied out of the memory that it shares counts with its copies from then on', () => {
  const ledger = new Ledger({ maxAhead: 100, maxHeldBytes: 300, maxHeldTokens: 1_000 });
  const chunk = slabOf(300);
  const token = tokenOf(0);
  token.row.slab = chunk;
  ledger.track(token.row);
  ledger.hold(token);
  expect(ledger.full).toBe(true);
  ledger.detach(token, ({ row }) => {
    row.slab = slabOf(10);
  });
  expect([ledger.full, chunk.holders, token.row.slab?.holders]).toEqual([false, 0, 1]);
  ledger.done(token, 'written');
  expect(token.row.slab?.holders).toBe(0);
});

test('a slot serves one row after the other only where that was allowed', () => {
  const reusing = new Ledger({ ...limits, reusesSlots: true });
  const slot = reusing.takeSlot();
  expect(reusing.takeSlot()).not.toBe(slot);
  reusing.giveSlotBack(slot);
  expect(reusing.takeSlot()).toBe(slot);
  const keeping = new Ledger(limits);
  keeping.giveSlotBack(slot);
  expect(keeping.takeSlot()).not.toBe(slot);
});

test('tokens are counted while they are held, however small they are', () => {
  const ledger = new Ledger({ maxAhead: 100, maxHeldBytes: 1_000, maxHeldTokens: 2 });
  for (const ordinal of [0, 1, 2]) ledger.track(rowOf(ordinal));
  ledger.hold(tokenOf(0));
  expect(ledger.full).toBe(false);
  ledger.hold(tokenOf(1));
  expect(ledger.full).toBe(true);
  ledger.done(tokenOf(1), 'superseded');
  expect(ledger.full).toBe(false);
  ledger.hold(tokenOf(2));
  expect(ledger.full).toBe(true);
  ledger.reject(rejectedOf(0), tokenOf(0));
  expect(ledger.full).toBe(false);
});

test('it goes on where an earlier process left off', () => {
  const counts = { written: 6, superseded: 1, kept: 0, deleted: 0, rejected: 2, skipped: 1 };
  const mark = { fileIndex: 0, ordinal: 10, byteOffset: 100, line: 12 };
  const ledger = new Ledger(limits, { mark, counts, rejectsByCode: { 'not-json': 2 } });
  expect(ledger.totals).toEqual(counts);
  ledger.track(rowOf(10));
  ledger.reject(rejectedOf(10));
  const passed = ledger.takePassed();
  expect(passed).toMatchObject({ mark: { ordinal: 11 }, rejectsByCode: { 'not-json': 2, 'not-a-number': 1 } });
  expect(passed.counts).toEqual({ ...counts, rejected: 3 });
});

test('in any order of endings the mark is just before the first pending row, and the counts are those below it', async () => {
  const fate = fc.constantFrom('written', 'superseded', 'kept', 'rejected', 'skipped');
  const picks = fc.array(fc.tuple(fc.nat(), fate), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(picks, async (endings) => {
      const ledger = new Ledger({ maxAhead: 7, maxHeldBytes: 1_000, maxHeldTokens: 1_000 });
      const pending: number[] = [];
      const fates: (string | undefined)[] = [];
      const rejects: number[] = [];
      for (const [pick, how] of endings) {
        while (!ledger.full) {
          pending.push(fates.length);
          ledger.track(rowOf(fates.length));
          fates.push(undefined);
        }
        const [ordinal] = pending.splice(pick % pending.length, 1) as [number];
        fates[ordinal] = how;
        if (how === 'rejected') ledger.reject(rejectedOf(ordinal));
        else if (how === 'skipped') ledger.skip(rowOf(ordinal));
        else {
          ledger.hold(tokenOf(ordinal));
          ledger.done(tokenOf(ordinal), how as 'written');
        }
        const passed = ledger.takePassed();
        ledger.saved(passed);
        rejects.push(...passed.rejects.map(({ position }) => position.ordinal));
        const below = fates.slice(0, Math.min(...pending, fates.length));
        expect(passed.mark.ordinal).toBe(below.length);
        for (const [name, count] of Object.entries(passed.counts)) {
          expect(count).toBe(below.filter((done) => done === name).length);
        }
        expect(rejects).toEqual(below.flatMap((done, i) => (done === 'rejected' ? [i] : [])));
        expect(ledger.countPending()).toBe(pending.length);
      }
      const done = ledger.allDone();
      for (const ordinal of pending) ledger.skip(rowOf(ordinal));
      await done;
    }),
  );
});
