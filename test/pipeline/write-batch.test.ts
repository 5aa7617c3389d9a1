import { describe, expect, test } from 'vitest';
import { batchOf } from '../../src/domain/batch.ts';
import { ImportError } from '../../src/domain/import-error.ts';
import type { Token } from '../../src/domain/token.ts';
import type { WriteResult } from '../../src/domain/write-result.ts';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import { BatchWriter } from '../../src/pipeline/write-batch.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { tokenOf } from './tokens.ts';

const stallTimeoutMs = 60_000;

/** A writer over a table that answers as the test says; it tells the fate of each row by ordinal. */
function start(
  answer: (tokens: readonly Token[], attempt: number) => WriteResult,
  renew?: () => boolean,
  indexRates: readonly number[] = [],
) {
  const clock = new FakeClock();
  const stopper = new AbortController();
  const control = new RunControl(stopper.signal);
  const limiter = new RateLimiter(clock, 1_000, 25, indexRates);
  control.onStop(() => limiter.stop());
  const fates: Record<string, number[]> = { written: [], kept: [], back: [], rejected: [], doubtful: [] };
  const events: RunEvent[] = [];
  let attempts = 0;
  const writer = new BatchWriter({
    ...{ clock, control, limiter, stallTimeoutMs },
    random: () => 0.5,
    observer: { on: (event) => void events.push(event) },
    repository: {
      ...{ maxBatchTokens: 25, maxBatchBytes: 1_000_000 },
      encoder: () => ({ encode: () => undefined, bodyBytes: () => 0 }),
      write: async ({ tokens }) => answer(tokens, ++attempts),
      renewCredentials: async () => renew?.() ?? false,
      traffic: () => ({ connectionsOpened: 0, bytesSent: 0 }),
      close: async () => {},
    },
    fates: {
      kept: ({ row }) => void fates['kept']!.push(row.ordinal),
      written: ({ row }) => void fates['written']!.push(row.ordinal),
      giveBack: ({ row }) => void fates['back']!.push(row.ordinal),
      rejected: ({ row }) => void fates['rejected']!.push(row.ordinal),
      doubtful: (tokens) => void fates['doubtful']!.push(...tokens.map(({ row }) => row.ordinal)),
    },
  });
  const write = (count: number) => clock.runUntil(writer.write(batchOf(rows.slice(0, count))));
  return { writer, clock, stopper, control, limiter, fates, events, write, attempts: () => attempts };
}

const rows = Array.from({ length: 25 }, (_, i) => tokenOf(i));
const nothing = { written: [], kept: [], back: [], rejected: [], doubtful: [] };
const accepted = (
  unprocessed: readonly Token[] = [],
  consumedWriteUnits?: number,
  consumedIndexUnits?: readonly number[],
): WriteResult => ({ kind: 'accepted', unprocessed, consumedWriteUnits, consumedIndexUnits });

describe('an accepted batch', () => {
  test('is written but for what the table hands back', async () => {
    const { write, fates, limiter } = start((tokens) => accepted([tokens[1]!]));
    await write(3);
    expect(fates).toEqual({ ...nothing, written: [0, 2], back: [1] });
    expect(limiter.granted).toBe(3);
  });

  test('of which the table keeps its own items is neither written nor sent again, and is paid for', async () => {
    const { write, fates, limiter, events } = start((tokens) => ({ ...accepted(), kept: [tokens[0]!, tokens[2]!] }));
    await write(3);
    expect(fates).toEqual({ ...nothing, written: [1], kept: [0, 2] });
    expect(events).toMatchObject([
      { kind: 'batch-accepted', tokens: 3, unprocessed: 0, kept: 2, consumedWriteUnits: 3 },
    ]);
    expect(limiter.granted).toBe(3);
  });

  test('that consumed more than estimated leaves a debt', async () => {
    const { write, limiter, clock } = start(() => accepted([], 35));
    await write(10);
    await clock.runUntil(limiter.acquire(25));
    expect(clock.nowMs()).toBeCloseTo(35, 3);
  });

  test('leaves a debt with the index that consumed more than estimated, and with that alone', async () => {
    const { writer, limiter, clock } = start(() => accepted([], 10, [10, 40]), undefined, [100, 100]);
    const indexed = rows.slice(0, 10).map((row) => ({ ...row, indexUnits: [1, 1] }));
    await clock.runUntil(writer.write(batchOf(indexed)));
    await clock.runUntil(limiter.acquire(0, [15, 0]));
    expect(clock.nowMs()).toBe(0);
    await clock.runUntil(limiter.acquire(0, [0, 15]));
    expect(clock.nowMs()).toBeCloseTo(300, 3);
  });

  test('that consumed less than estimated gives nothing back', async () => {
    const { write, limiter, clock } = start(() => accepted([], 1));
    await write(25);
    await clock.runUntil(limiter.acquire(25));
    expect(clock.nowMs()).toBeCloseTo(25, 3);
  });
});

test('a throttled batch gives up its slot at once, all its rows to be sent again', async () => {
  const { write, fates, clock, attempts } = start(() => ({ kind: 'throttled', reason: 'table' }));
  await write(3);
  expect(fates).toEqual({ ...nothing, back: [0, 1, 2] });
  expect([attempts(), clock.nowMs()]).toEqual([1, 0]);
});

test('a transient fault is tried again after a pause, and every attempt pays its permits', async () => {
  const { write, fates, clock, limiter } = start((_, attempt) =>
    attempt < 3 ? { kind: 'transient', reason: 'reset', fateUnknown: attempt === 1 } : accepted(),
  );
  await write(3);
  expect(fates).toEqual({ ...nothing, written: [0, 1, 2], doubtful: [0, 1, 2] });
  expect(limiter.granted).toBe(9);
  expect(clock.nowMs()).toBe(25 + 50);
});

test.each([1, 2, 3, 7, 25])(
  'of %i rows the ones that the table refuses are found, the others written',
  async (count) => {
    const bad = new Set([0, 6, count - 1]);
    const { write, fates, attempts, limiter } = start((tokens) =>
      tokens.some(({ row }) => bad.has(row.ordinal)) ? { kind: 'invalid', message: 'refused' } : accepted(),
    );
    await write(count);
    const ordinals = rows.slice(0, count).map(({ row }) => row.ordinal);
    const rejected = ordinals.filter((ordinal) => bad.has(ordinal));
    expect(fates).toEqual({ ...nothing, rejected, written: ordinals.filter((ordinal) => !bad.has(ordinal)) });
    expect(attempts()).toBeLessThan(2 * count);
    expect(limiter.granted).toBeGreaterThanOrEqual(count);
  },
);

test.each<{ name: string; result: WriteResult }>([
  { name: 'no answer', result: { kind: 'transient', reason: 'time-out', fateUnknown: true } },
  { name: 'credentials that stay expired', result: { kind: 'expired', renewable: true, message: 'expired' } },
])('$name ends the run after the stall time-out, its rows given back', async ({ result }) => {
  const { write, fates, control, clock } = start(() => result);
  await write(2);
  expect(control.fault).toMatchObject({ code: 'stalled', hint: expect.stringContaining('--stall-timeout') });
  expect(fates['back']).toEqual([0, 1]);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(stallTimeoutMs);
  expect(clock.nowMs()).toBeLessThan(stallTimeoutMs + 10_001);
});

test('throttling stalls only where nothing at all is accepted for that long', async () => {
  const { write, control, clock } = start((_, attempt) =>
    attempt === 3 ? accepted() : { kind: 'throttled', reason: 'table' },
  );
  for (let attempt = 1; attempt <= 5; attempt++) {
    await write(1);
    await clock.advance(40_000);
    expect(control.stopped).toBe(false);
  }
  await write(1);
  expect(control.fault).toMatchObject({ code: 'stalled' });
});

test('expired credentials are read anew every 10 s while the run pauses', async () => {
  let reads = 0;
  const { write, fates, clock, events } = start(
    (_, attempt) => (attempt === 1 ? { kind: 'expired', renewable: true, message: 'expired' } : accepted()),
    () => ++reads === 3,
  );
  await write(2);
  expect(fates).toEqual({ ...nothing, written: [0, 1] });
  expect(clock.nowMs()).toBe(20_000);
  expect(events.map(({ kind }) => kind)).toEqual(['attempt-failed', 'paused', 'unpaused', 'batch-accepted']);
});

test('credentials that can’t be renewed end the run at once', async () => {
  const { write, fates, control, clock } = start(() => ({ kind: 'expired', renewable: false, message: 'expired' }));
  await write(2);
  expect(control.fault).toMatchObject({ code: 'credentials-expired' });
  expect(fates).toEqual({ ...nothing, back: [0, 1] });
  expect(clock.nowMs()).toBe(0);
});

test('a fatal answer ends the run with its fault', async () => {
  const error = new ImportError('table-missing', 'gone');
  const { write, fates, control } = start(() => ({ kind: 'fatal', error }));
  await write(2);
  expect(control.fault).toBe(error);
  expect(fates).toEqual({ ...nothing, back: [0, 1] });
});

test('a run that was stopped sends nothing more', async () => {
  const { write, fates, stopper, attempts } = start(() => accepted());
  stopper.abort();
  await write(2);
  expect(fates).toEqual({ ...nothing, back: [0, 1] });
  expect(attempts()).toBe(0);
});
