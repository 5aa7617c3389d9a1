import { expect, test } from 'vitest';
import { noneDone } from '../../../src/domain/checkpoint.ts';
import { noTotals } from '../../../src/domain/run-totals.ts';
import type { RunEvent } from '../../../src/ports/run-observer.ts';
import type { Snapshot } from '../../../src/report/watch/run-context.ts';
import { RunProgress } from '../../../src/report/watch/run-progress.ts';
import { countRun } from '../../../src/report/watch/run-stats.ts';

const limit = 1000;
const unpaused: RunEvent = { kind: 'unpaused' };

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    ...noTotals,
    ...countRun().counted(),
    fates: noneDone,
    inFlight: 0,
    ratePerSecond: limit,
    storedBytesRead: 0,
    storedBytesTotal: 100_000,
    residentBytes: 0,
    heapBytes: 0,
    ...change,
  };
}

/** A run that is looked at four times a second. */
class LookedAt {
  readonly progress = new RunProgress(undefined);
  nowMs = 0;
  units = 0;
  now = snapshot();

  constructor() {
    this.progress.begin(0);
    this.progress.note(this.now, 0);
  }

  /** Goes on for so long at so many units a second, a row each. */
  go(seconds: number, unitsPerSecond: number, change: Partial<Snapshot> = {}): void {
    for (let quarter = 0; quarter < seconds * 4; quarter++) {
      this.nowMs += 250;
      this.units += unitsPerSecond / 4;
      const bytes = Math.min(100_000, this.units);
      const rows = { rowsRead: this.units, rowsDone: this.units, storedBytesRead: bytes };
      this.now = snapshot({ ...rows, writeUnits: this.units, ...change });
      this.progress.note(this.now, this.nowMs);
    }
  }

  on(event: RunEvent): void {
    this.progress.on(event, this.nowMs);
  }

  get figures() {
    const { writeUnitsPerSecond, isRampingUp } = this.progress;
    const eta = this.progress.etaSeconds(this.now);
    return { rate: writeUnitsPerSecond, isRampingUp, eta: eta === undefined ? undefined : Math.round(eta) };
  }
}

test('in the first second no rate is told, since a burst would look like one', () => {
  const run = new LookedAt();
  run.go(0.75, 4000);
  expect(run.figures.rate).toBeUndefined();
  run.go(0.25, 0);
  expect(run.figures.rate).toBe(limit);
});

test('answers that come in a bunch after a stall do not look like a rate above the limit', () => {
  const run = new LookedAt();
  run.go(20, 1000);
  run.go(3, 0);
  run.go(1, 4000);
  expect(run.figures.rate).toBe(limit);
});

test('a rate that stays above the limit is told as it is', () => {
  const run = new LookedAt();
  run.go(60, 2000);
  expect(run.figures.rate).toBeGreaterThan(1.8 * limit);
});

test('after a pause the windows begin anew, and the run ramps up until it has reached its rate', () => {
  const run = new LookedAt();
  run.go(10, 1000);
  run.go(20, 0);
  expect(run.figures).toMatchObject({ rate: 0, eta: undefined, isRampingUp: false });
  run.on(unpaused);
  run.go(2, 500);
  expect(run.figures).toEqual({ rate: 500, isRampingUp: true, eta: (100_000 - 11_000) / 500 });
  run.go(5, 1000);
  expect(run.figures).toMatchObject({ rate: 1000, isRampingUp: false });
});

test('a limit that is raised is ramped up to, one that is lowered is not', () => {
  const run = new LookedAt();
  run.go(10, 1000);
  const change = { kind: 'rate-changed', slowed: false, isLimit: true, reason: 'the rate file says so' } as const;
  run.on({ ...change, ratePerSecond: 2000 });
  run.go(2, 1000, { ratePerSecond: 2000 });
  expect(run.figures.isRampingUp).toBe(true);
  run.on({ ...change, ratePerSecond: 500 });
  run.go(2, 400, { ratePerSecond: 500 });
  expect(run.figures).toMatchObject({ rate: 400, isRampingUp: false });
});

test('a run that never reaches its rate is not said to ramp up for ever', () => {
  const run = new LookedAt();
  run.on(unpaused);
  run.go(29, 100);
  expect(run.figures.isRampingUp).toBe(true);
  run.go(2, 100);
  expect(run.figures.isRampingUp).toBe(false);
});

test('while nothing gets through, and while the run is paused, there is no time left to tell', () => {
  const run = new LookedAt();
  run.go(10, 1000);
  expect(run.figures.eta).toBe(90);
  run.go(6, 0);
  expect(run.figures.eta).toBeUndefined();
  run.go(10, 1000, { pausedFor: 'the credentials expired' });
  expect(run.figures.eta).toBeUndefined();
});

test.each([
  ['the source, by its bytes', undefined, { rowsRead: 1234, storedBytesRead: 9876 }, { count: 12_500, isExact: false }],
  ['a source read to its end', undefined, { rowsRead: 777, storedBytesRead: 100_000 }, { count: 777, isExact: true }],
  ['--max-rows', 500, { rowsRead: 100, storedBytesRead: 1000 }, { count: 500, isExact: true }],
  ['a source shorter than --max-rows', 500, { rowsRead: 100, storedBytesRead: 50_000 }, { count: 200, isExact: false }],
  ['standard input', undefined, { rowsRead: 100, storedBytesTotal: undefined }, undefined],
  [
    'standard input with --max-rows',
    500,
    { rowsRead: 100, storedBytesTotal: undefined },
    { count: 500, isExact: true },
  ],
])('the rows of %s are told as far as they are known', (_, rowsWanted, change, expected) => {
  expect(new RunProgress(rowsWanted).rowsExpected(snapshot(change))).toEqual(expected);
});

test('standard input with --max-rows has a share that is done', () => {
  expect(new RunProgress(500).fraction(snapshot({ rowsDone: 100, storedBytesTotal: undefined }))).toBe(0.2);
});
