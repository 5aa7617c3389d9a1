import { expect, test } from 'vitest';
import type { Progress } from '../../src/domain/checkpoint.ts';
import { ImportError } from '../../src/domain/import-error.ts';
import type { RejectedRow } from '../../src/domain/row.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import { CheckpointSaver } from '../../src/pipeline/save-checkpoints.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { randomBelow, seededRandom } from '../support/seeded-random.ts';
import { rowOf, tokenOf } from './tokens.ts';

/** A disk that keeps what is saved in order, and a saver over it; a save lasts `saveMs`. */
function start({ saveMs = 0, maxAhead = 1_000, failSaves = 0, fault = new Error('disk full') } = {}) {
  const clock = new FakeClock();
  const control = new RunControl(new AbortController().signal);
  const ledger = new PatientLedger({ maxAhead, maxHeldBytes: 1e9, maxHeldTokens: 1e9 });
  const disk: (Progress | readonly number[])[] = [];
  const events: RunEvent[] = [];
  let failures = failSaves;
  let rowsBytes = 0;
  const saver = new CheckpointSaver({
    ...{ clock, control, ledger, hash: new RunningHash(), observer: { on: (event) => void events.push(event) } },
    rejects: {
      append: async (rows) => {
        disk.push(rows.map(({ position }) => position.ordinal));
        rowsBytes += rows.length * 10;
      },
      sync: async () => ({ rowsBytes, reasonsBytes: 2 * rowsBytes }),
      close: async () => {},
    },
    store: {
      save: async (progress) => {
        await clock.sleep(saveMs);
        if (failures-- > 0) throw fault;
        disk.push(progress);
      },
    },
  });
  let ordinal = 0;
  const write = (count: number) => {
    for (const end = ordinal + count; ordinal < end; ordinal++) {
      ledger.track(rowOf(ordinal));
      ledger.hold(tokenOf(ordinal));
      ledger.done(tokenOf(ordinal), 'written');
    }
  };
  /** A row that is not done yet: the mark stays below it. */
  const begin = () => {
    const token = tokenOf(ordinal++);
    ledger.track(token.row);
    ledger.hold(token);
    return { finish: () => ledger.done(token, 'written') };
  };
  const reject = (byteLength = 10) => {
    const position = rowOf(ordinal++);
    ledger.track(position);
    const row: RejectedRow = { code: 'not-json', message: 'no', position, bytes: new Uint8Array(byteLength) };
    ledger.reject(row);
  };
  const marks = () => disk.flatMap((entry) => ('mark' in entry ? [entry.mark.ordinal] : []));
  return { clock, control, ledger, saver, disk, events, write, begin, reject, marks };
}

/** Ends a saver that goes round in microtasks, which would starve the timer of the test too. */
class PatientLedger extends Ledger {
  #taken = 0;

  override takePassed() {
    if (++this.#taken > 10_000) throw new Error('the saver never rests');
    return super.takePassed();
  }
}

test('the mark is saved once a second, but only where it moved', async () => {
  const { clock, saver, write, marks, events } = start();
  saver.start();
  write(3);
  await clock.advance(999);
  expect(marks()).toEqual([]);
  await clock.advance(1);
  expect(marks()).toEqual([3]);
  await clock.advance(5_000);
  expect(marks()).toEqual([3]);
  write(2);
  await clock.advance(1_000);
  expect(marks()).toEqual([3, 5]);
  expect(events).toMatchObject([
    { kind: 'checkpointed', mark: { ordinal: 3 } },
    { kind: 'checkpointed', mark: { ordinal: 5 } },
  ]);
});

test('the rejects below a mark are on disk before it, each once, with the lengths that the mark tells', async () => {
  const { clock, saver, write, reject, disk } = start();
  saver.start();
  write(1);
  reject();
  await clock.advance(1_000);
  reject();
  write(1);
  await clock.advance(1_000);
  expect(disk).toMatchObject([
    [1],
    { mark: { ordinal: 2 }, rejects: { rowsBytes: 10, reasonsBytes: 20 }, settled: false },
    [2],
    { mark: { ordinal: 4 }, rejects: { rowsBytes: 20, reasonsBytes: 40 }, settled: false },
  ]);
});

test('many rows that are done, or many bytes of rejects, do not wait for the next second', async () => {
  const rows = start({ maxAhead: 10 });
  rows.write(4);
  rows.saver.saveIfDue();
  await rows.clock.advance(0);
  expect(rows.marks()).toEqual([]);
  rows.write(1);
  rows.saver.saveIfDue();
  await rows.clock.advance(0);
  expect(rows.marks()).toEqual([5]);

  const rejects = start();
  rejects.reject(4 * 1024 * 1024);
  rejects.saver.saveIfDue();
  await rejects.clock.advance(0);
  expect(rejects.marks()).toEqual([1]);
});

test('one save at a time, and what became due meanwhile is saved right after', async () => {
  const { clock, saver, write, marks } = start({ saveMs: 300, maxAhead: 10 });
  write(5);
  saver.saveIfDue();
  saver.saveIfDue();
  await clock.advance(299);
  write(5);
  saver.saveIfDue();
  expect(marks()).toEqual([]);
  await clock.advance(301);
  expect(marks()).toEqual([5, 10]);
});

test('the last one waits for that under way, and is made though nothing was done since', async () => {
  const { clock, saver, write, disk, marks } = start({ saveMs: 300, maxAhead: 10 });
  saver.start();
  write(6);
  saver.saveIfDue();
  await clock.advance(0);
  write(1);
  await clock.runUntil(saver.saveLast(true));
  expect(marks()).toEqual([6, 7]);
  expect(disk.at(-1)).toMatchObject({ settled: true });
  await clock.runUntil(saver.saveLast(true));
  expect(marks()).toEqual([6, 7, 7]);
  expect(clock.pendingTimers).toBe(0);
  saver.start();
  expect(clock.pendingTimers).toBe(0);
});

test('rejects above the last mark are appended behind it, in source order and not counted by it', async () => {
  const { clock, saver, ledger, disk, write } = start();
  write(1);
  ledger.track(rowOf(1));
  for (const ordinal of [2, 3]) ledger.track(rowOf(ordinal));
  for (const ordinal of [3, 2]) {
    ledger.reject({ code: 'not-json', message: 'no', position: rowOf(ordinal), bytes: new Uint8Array(10) });
  }
  await clock.runUntil(saver.saveLast(true));
  expect(disk).toMatchObject([{ mark: { ordinal: 1 }, rejects: { rowsBytes: 0 }, rejectsByCode: {} }, [2, 3]]);
  expect(ledger.rejectsByCode).toEqual({ 'not-json': 2 });
});

test('after a save that failed the run fails, and no later mark is saved without the rejects it lost', async () => {
  const { clock, control, saver, write, reject, marks } = start({ failSaves: 1 });
  saver.start();
  reject();
  await clock.advance(1_000);
  expect(control.fault).toMatchObject({ message: 'disk full' });
  write(1);
  await clock.runUntil(saver.saveLast(true));
  expect(marks()).toEqual([]);
});

test('rejects above a mark that stands still are saved once it moves, and until then the saver rests', async () => {
  const { saver, clock, control, begin, reject, marks, disk } = start();
  const slow = begin();
  reject(4 * 1024 * 1024);
  reject(4 * 1024 * 1024);
  saver.saveIfDue();
  await clock.advance(0);
  expect([control.fault, disk]).toEqual([undefined, []]);
  slow.finish();
  saver.saveIfDue();
  await clock.advance(0);
  expect(disk).toMatchObject([[1, 2], { mark: { ordinal: 3 } }]);
  saver.saveIfDue();
  await clock.advance(0);
  expect(marks()).toEqual([3]);
});

test('however rows end, a mark is saved once for each time that it moved', { timeout: 20_000 }, async () => {
  const seed = 11;
  console.info(`saver: seed ${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < 100; round++) {
    const { saver, clock, begin, reject, write, marks } = start({ maxAhead: 40 });
    saver.start();
    const open: { finish(): void }[] = [];
    for (let step = 0; step < 30; step++) {
      const dice = random();
      if (dice < 0.3) open.push(begin());
      else if (dice < 0.5) reject(randomBelow(random, 3) * 2 * 1024 * 1024);
      else if (dice < 0.7) write(1);
      else if (open.length > 0) open.splice(randomBelow(random, open.length), 1)[0]!.finish();
      saver.saveIfDue();
      if (random() < 0.2) await clock.advance(randomBelow(random, 1500));
    }
    await clock.advance(2_000);
    for (const { finish } of open) finish();
    await clock.advance(1_000);
    const saved = marks();
    expect(saved).toEqual([...new Set(saved)].sort((a, b) => a - b));
    await clock.runUntil(saver.saveLast(true));
  }
});

test.each(['EMFILE', 'ENFILE'])(
  'where no file can be opened (%s) the save is tried again, each reject once',
  async (code) => {
    const fault = new ImportError('run-dir', 'no', { cause: Object.assign(new Error(code), { code }) });
    const { clock, control, saver, write, reject, disk, ledger } = start({ failSaves: 3, fault, maxAhead: 4 });
    saver.start();
    write(1);
    reject();
    // The mark is due out of turn, and must not be tried without a pause.
    saver.saveIfDue();
    await clock.advance(0);
    reject();
    saver.saveIfDue();
    await clock.advance(3_000);
    expect(control.failed).toBe(false);
    expect(disk).toMatchObject([[1], [2], { mark: { ordinal: 3 }, rejects: { rowsBytes: 20 } }]);
    expect(ledger.unsavedRejectBytes).toBe(0);
    write(1);
    await clock.runUntil(saver.saveLast(true));
    expect(disk.at(-1)).toMatchObject({ mark: { ordinal: 4 }, settled: true });
  },
);

test('where no file can be opened for long after the end, the run fails', async () => {
  const fault = new ImportError('run-dir', 'no', { cause: Object.assign(new Error(), { code: 'EMFILE' }) });
  const { clock, control, saver, write } = start({ failSaves: 100, fault });
  write(1);
  await clock.runUntil(saver.saveLast(true));
  expect(control.fault).toBe(fault);
  expect(clock.nowMs()).toBe(9_000);
});
