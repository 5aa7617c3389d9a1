import { describe, expect, test } from 'vitest';
import { ImportError } from '../../src/domain/import-error.ts';
import { batchOf, type Token } from '../../src/domain/token.ts';
import type { Failed, WriteResult } from '../../src/domain/write-result.ts';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import { BatchWriter } from '../../src/pipeline/write-batch.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import {
  type DirectRepository,
  directAttempts,
  type Lease,
  type TokenRepository,
} from '../../src/ports/token-repository.ts';
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
  const detached: number[] = [];
  let attempts = 0;
  const over = (more: Partial<TokenRepository>, hasWritten = false) =>
    new BatchWriter({
      ...{ clock, control, limiter, stallTimeoutMs, hasWritten },
      random: () => 0.5,
      detach: ({ row }) => void detached.push(row.ordinal),
      observer: { on: (event) => void events.push(event) },
      repository: {
        ...{ maxBatchTokens: 25, maxBatchBytes: 1_000_000 },
        encoder: () => ({ encode: () => undefined, bodyBytes: () => 0 }),
        write: async ({ tokens }) => answer(tokens, ++attempts),
        renewCredentials: async () => renew?.() ?? false,
        traffic: () => ({ connectionsOpened: 0, bytesSent: 0 }),
        close: async () => {},
        ...more,
      },
      fates: {
        kept: ({ row }) => void fates['kept']!.push(row.ordinal),
        written: ({ row }) => void fates['written']!.push(row.ordinal),
        giveBack: ({ row }) => void fates['back']!.push(row.ordinal),
        rejected: ({ row }) => void fates['rejected']!.push(row.ordinal),
        doubtful: (tokens) => void fates['doubtful']!.push(...tokens.map(({ row }) => row.ordinal)),
      },
    });
  const writer = over({});
  const write = (count: number) => clock.runUntil(writer.write(batchOf(rows.slice(0, count))));
  return { writer, over, clock, stopper, control, limiter, fates, events, detached, write, attempts: () => attempts };
}

const rows = Array.from({ length: 25 }, (_, i) => tokenOf(i));
const nothing = { written: [], kept: [], back: [], rejected: [], doubtful: [] };
const accepted = (
  unprocessed: readonly Token[] = [],
  consumedWriteUnits?: number,
  consumedIndexUnits?: readonly number[],
): WriteResult => ({ kind: 'accepted', unprocessed, consumedWriteUnits, consumedIndexUnits });

describe('a lease', () => {
  /** What happens, in order, at a repository that gives its lease when the test says so. */
  function leased(leases: readonly (Lease | Failed)[]) {
    const told: string[] = [];
    const gates: (() => void)[] = [];
    const left = [...leases];
    const stage = start((tokens) => {
      told.push(`write ${tokens.length}`);
      return accepted();
    });
    const next = () => left.shift() ?? lease(told);
    const given = () => new Promise<Lease | Failed>((resolve) => gates.push(() => resolve(next())));
    return { ...stage, told, gates, writer: stage.over({ lease: given }) };
  }
  const lease = (told: string[], holds = true): Lease => ({
    ...{ kind: 'lease', holds },
    release: () => void told.push('release'),
  });

  test('comes before the permits, so that none are spent while it is waited for', async () => {
    const { writer, clock, gates, limiter, told } = leased([]);
    const writing = writer.write(batchOf(rows.slice(0, 3)));
    await clock.advance(5_000);
    expect([limiter.granted, told]).toEqual([0, []]);
    gates.shift()!();
    await clock.runUntil(writing);
    expect([limiter.granted, told]).toEqual([3, ['write 3']]);
  });

  test('that is not to be had costs no permits, and another one is asked for after a pause', async () => {
    const refused: Failed = { kind: 'transient', reason: 'ECONNREFUSED', fateUnknown: false };
    const { writer, clock, gates, limiter, events, fates } = leased([refused]);
    const writing = writer.write(batchOf(rows.slice(0, 3)));
    await clock.advance(0);
    gates.shift()!();
    await clock.advance(25);
    expect(events).toMatchObject([{ kind: 'attempt-failed', permits: 0, reason: 'ECONNREFUSED', delayMs: 25 }]);
    expect([limiter.granted, fates['doubtful']]).toEqual([0, []]);
    gates.shift()!();
    await clock.runUntil(writing);
    expect([limiter.granted, fates['written']]).toEqual([3, [0, 1, 2]]);
  });

  test('that has lapsed costs no permits, is released, and its rows are given back', async () => {
    const told: string[] = [];
    const { writer, clock, gates, limiter, fates } = leased([lease(told, false)]);
    const writing = writer.write(batchOf(rows.slice(0, 3)));
    await clock.advance(0);
    gates.shift()!();
    await clock.runUntil(writing);
    expect([limiter.granted, told]).toEqual([0, ['release']]);
    expect(fates).toEqual({ ...nothing, back: [0, 1, 2] });
  });

  test('is released where the run stops while its batch waits for permits', async () => {
    const { writer, clock, gates, limiter, stopper, told, fates } = leased([]);
    await limiter.acquire(25);
    const writing = writer.write(batchOf(rows.slice(0, 25)));
    await clock.advance(0);
    gates.shift()!();
    await clock.advance(1);
    stopper.abort();
    await clock.runUntil(writing);
    expect(told).toEqual(['release']);
    expect(fates['back']).toHaveLength(25);
  });
});

describe('an attempt without promises', () => {
  const lease: Lease = { kind: 'lease', holds: true, release: () => {} };
  /** A repository whose leases are at hand as the test says, and whose attempts are answered by it. */
  function direct(leasing: () => Lease | Promise<Lease | Failed> = () => lease) {
    const answers: ((result: WriteResult) => void)[] = [];
    const stage = start(() => accepted());
    const directly: Partial<DirectRepository> = {
      [directAttempts]: true,
      lease: leasing,
      start: (_batch, _lease, done) => void answers.push(done),
    };
    const writer = stage.over(directly);
    const ended: ('at once' | Promise<void>)[] = [];
    const send = (count: number) =>
      writer.start(batchOf(rows.slice(0, count)), (goOn) => void ended.push(goOn?.() ?? 'at once'));
    return { ...stage, answers, ended, send };
  }

  test('is made at once where lease and permits are at hand, and ends with its answer', () => {
    const { send, answers, ended, fates, limiter } = direct();
    send(3);
    expect([limiter.granted, answers.length, ended]).toEqual([3, 1, []]);
    answers[0]!(accepted([rows[1]!]));
    expect(fates).toEqual({ ...nothing, written: [0, 2], back: [1] });
    expect(ended).toEqual(['at once']);
  });

  test('is followed by further ones where it fails', async () => {
    const { send, answers, ended, fates, events, clock, attempts } = direct();
    send(3);
    answers[0]!({ kind: 'transient', reason: 'ECONNRESET', fateUnknown: true });
    await clock.runUntil(Promise.all(ended));
    expect(fates).toEqual({ ...nothing, written: [0, 1, 2], doubtful: [0, 1, 2] });
    expect(events).toMatchObject([
      { kind: 'attempt-failed', attempt: 1 },
      { kind: 'batch-accepted', attempt: 2 },
    ]);
    expect(attempts()).toBe(1);
  });

  test.each([
    { what: 'the lease', leasing: () => Promise.resolve(lease) },
    { what: 'the permits', taken: 25 },
  ])('waits for $what where they are not at hand', async ({ leasing, taken = 0 }) => {
    const { send, answers, ended, fates, limiter, clock } = direct(leasing);
    expect(limiter.tryAcquire(taken)).toBe(true);
    send(3);
    expect([answers.length, limiter.granted]).toEqual([0, taken]);
    await clock.runUntil(Promise.all(ended));
    expect(fates).toEqual({ ...nothing, written: [0, 1, 2] });
  });

  test('is not made once the run stops', async () => {
    const { send, stopper, ended, fates, clock } = direct();
    stopper.abort();
    send(3);
    await clock.runUntil(Promise.all(ended));
    expect(fates).toEqual({ ...nothing, back: [0, 1, 2] });
  });
});

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

  test('of which an item is put again is paid for once an attempt, and hands nothing back', async () => {
    const { writer, fates, limiter, events, clock } = start((tokens, attempt) => ({
      ...accepted([], 10),
      ...(attempt === 1 && { again: tokens }),
    }));
    const large = batchOf([tokenOf(0, 'k', 10)]);
    await clock.runUntil(writer.write(large));
    expect(fates).toEqual({ ...nothing, back: [0] });
    expect(events).toMatchObject([{ kind: 'batch-accepted', unprocessed: 0, again: 1, consumedWriteUnits: 10 }]);
    await clock.runUntil(writer.write(large));
    expect(fates).toEqual({ ...nothing, back: [0], written: [0] });
    // 20 of the burst of 25 are used, not more: 5 are left at once.
    await clock.runUntil(limiter.acquire(5));
    expect([clock.nowMs(), limiter.granted]).toEqual([0, 25]);
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

test('a row that is handed back is copied out of the memory that it shares with others', async () => {
  const { write, detached } = start((tokens) => accepted([tokens[1]!]));
  await write(3);
  expect(detached).toEqual([1]);
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

test.each([1, 3, 7, 25])('of %i rows the ones that the table refuses are found, the others written', async (count) => {
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
});

describe('where nothing was accepted yet', () => {
  const refusing = (message: (ordinal: number) => string | undefined) =>
    start((tokens) => {
      const messages = tokens.map(({ row }) => message(row.ordinal));
      const found = messages.find((text) => text !== undefined);
      return found === undefined ? accepted() : { kind: 'invalid', message: found };
    });

  test.each([2, 7, 25])('%i items that are refused in the same words are not at fault: the run ends', async (count) => {
    const { write, fates, control, limiter } = refusing(() => 'not supported');
    await write(count);
    expect(control.fault).toMatchObject({
      code: 'service-refused',
      message: `no item has been accepted yet, and all ${count} items of a batch were refused one by one with the same message: not supported`,
    });
    expect(fates['rejected']).toEqual([]);
    expect(fates['back']).toHaveLength(count);
    expect(limiter.granted).toBeGreaterThanOrEqual(2 * count);
  });

  test.each<{ what: string; message: (ordinal: number) => string | undefined; rejected: number[] }>([
    { what: 'refused in other words', message: (ordinal) => `refused ${ordinal % 2}`, rejected: [0, 1, 2] },
    { what: 'accepted', message: (ordinal) => (ordinal === 1 ? undefined : 'refused'), rejected: [0, 2] },
  ])('items are rejected where one of their batch is $what', async ({ message, rejected }) => {
    const { write, fates, control } = refusing(message);
    await write(3);
    expect([control.failed, fates['rejected']]).toEqual([false, rejected]);
  });

  test('a batch of one item tells nothing of the request: the item is rejected', async () => {
    const { write, fates, control } = refusing(() => 'refused');
    await write(1);
    expect([control.failed, fates['rejected']]).toEqual([false, [0]]);
  });

  test('once a batch was accepted, items are rejected however many are refused alike', async () => {
    const { writer, clock, fates, control } = refusing((ordinal) => (ordinal < 2 ? 'refused' : undefined));
    await clock.runUntil(writer.write(batchOf(rows.slice(2, 4))));
    await clock.runUntil(writer.write(batchOf(rows.slice(0, 2))));
    expect([control.failed, fates['rejected']]).toEqual([false, [0, 1]]);
  });

  test('the run goes on if an earlier process of it has written', async () => {
    const { over, clock, fates, control } = refusing(() => 'refused');
    await clock.runUntil(over({}, true).write(batchOf(rows.slice(0, 2))));
    expect([control.failed, fates['rejected']]).toEqual([false, [0, 1]]);
  });
});

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
