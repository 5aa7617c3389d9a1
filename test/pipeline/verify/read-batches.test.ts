import { expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import type { Token } from '../../../src/domain/token.ts';
import { RateLimiter } from '../../../src/limit/rate-limiter.ts';
import { RunControl } from '../../../src/pipeline/run-control.ts';
import { BatchReader } from '../../../src/pipeline/verify/read-batches.ts';
import type { Lease, ReadResult } from '../../../src/ports/token-repository.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { tokenOf } from '../tokens.ts';

const stallTimeoutMs = 60_000;
const tokens = Array.from({ length: 8 }, (_, i) => tokenOf(i));

/** A table that holds every row as it is, and answers as the test says. A key read takes half a unit, 100 units a second. */
function start(answer: (asked: readonly Token[], attempt: number) => ReadResult, newKeysAtMs = 0, lease?: () => Lease) {
  const clock = new FakeClock();
  const control = new RunControl(new AbortController().signal);
  const limiter = new RateLimiter(clock, 100, 4);
  control.onStop(() => limiter.stop());
  const asked: { readonly ordinals: readonly number[]; readonly atMs: number }[] = [];
  const warnings: string[] = [];
  const looksMs: number[] = [];
  const batchReader = new BatchReader({
    ...{ clock, control, limiter, stallTimeoutMs, random: () => 0.5 },
    warn: (message) => void warnings.push(message),
    reader: {
      maxBatchTokens: 8,
      encoder: () => ({ encode: () => undefined, bodyBytes: () => 0 }),
      readUnitsOf: () => 0.5,
      async read(batch) {
        asked.push({ ordinals: batch.map(({ row }) => row.ordinal), atMs: clock.nowMs() });
        return answer(batch, asked.length);
      },
      async renewCredentials() {
        looksMs.push(clock.nowMs());
        return clock.nowMs() >= newKeysAtMs;
      },
      close: async () => {},
      ...(lease !== undefined && { lease }),
    },
  });
  const read = (batch: readonly Token[] = tokens) => clock.runUntil(batchReader.read(batch));
  return { batchReader, read, clock, control, limiter, asked, warnings, looksMs };
}

function found(asked: readonly Token[], consumedReadUnits?: number): ReadResult {
  return { kind: 'read', comparisons: new Map(asked.map((token) => [token, { kind: 'equal' }])), consumedReadUnits };
}

test('a batch that is read at once has a comparison for each token and costs its permits', async () => {
  const { read, batchReader, limiter, warnings } = start((asked) => found(asked));
  const comparisons = await read();
  expect([...comparisons!.keys()]).toEqual(tokens);
  expect(batchReader.requests).toEqual({ sent: 1, throttled: 0, retried: 0, unprocessedKeys: 0 });
  expect([limiter.granted, batchReader.readUnits, warnings]).toEqual([4, 4, []]);
});

test('keys that are handed back are read again, they alone, and paid for again', async () => {
  const { read, batchReader, asked, limiter, clock } = start((batch) => found(batch.slice(0, 3)));
  const comparisons = await read();
  expect(comparisons!.size).toBe(8);
  expect(asked.map(({ ordinals }) => ordinals)).toEqual([
    [0, 1, 2, 3, 4, 5, 6, 7],
    [3, 4, 5, 6, 7],
    [6, 7],
  ]);
  expect(batchReader.requests).toEqual({ sent: 3, throttled: 0, retried: 0, unprocessedKeys: 7 });
  expect([limiter.granted, batchReader.readUnits]).toEqual([4 + 2.5 + 1, 4]);
  expect(clock.nowMs()).toBeGreaterThan(25);
});

test('refused requests wait ever longer, until something is read', async () => {
  const { read, asked, batchReader, warnings } = start((batch, attempt) => {
    if (attempt <= 3) return { kind: 'throttled', reason: 'no capacity' };
    if (attempt === 4) return { kind: 'transient', reason: 'reset', fateUnknown: true };
    return attempt === 5 ? found(batch.slice(0, 7)) : found(batch);
  });
  await read();
  const waitsMs = asked.slice(1).map(({ atMs }, i) => atMs - asked[i]!.atMs);
  // Half of ceilings of 50, 100, 200 and 400 ms, or what four units take at 100 a second where that is longer; then anew.
  expect(waitsMs.map((ms) => Math.round(ms))).toEqual([40, 50, 100, 200, 25]);
  expect(batchReader.requests).toEqual({ sent: 6, throttled: 3, retried: 4, unprocessedKeys: 1 });
  expect(warnings).toEqual([
    'the table throttles: no capacity',
    'a request failed and is sent again: reset',
    'the table hands back keys',
  ]);
});

test('what was consumed above the permits is paid for by later batches', async () => {
  const { read, clock, batchReader } = start((batch) => found(batch, 14));
  await read();
  expect(batchReader.readUnits).toBe(14);
  await read();
  // Ten units of debt and four of the batch, at 100 a second.
  expect(clock.nowMs()).toBeCloseTo(140, 3);
});

test.each<{ name: string; result: ReadResult }>([
  { name: 'throttling without end', result: { kind: 'throttled', reason: 'no capacity' } },
  { name: 'failing without end', result: { kind: 'transient', reason: 'reset', fateUnknown: true } },
  { name: 'handing back every key', result: found([], 0) },
])('$name ends the run after the stall time-out', async ({ result }) => {
  const { read, control, clock } = start(() => result);
  expect(await read()).toBeUndefined();
  expect(control.fault).toMatchObject({
    code: 'stalled',
    message: expect.stringContaining('nothing was read for 60 s'),
    hint: expect.stringContaining('--stall-timeout'),
  });
  expect(clock.nowMs()).toBeGreaterThanOrEqual(stallTimeoutMs);
  expect(clock.nowMs()).toBeLessThan(stallTimeoutMs + 5_001);
});

test('a table that reads one key in a while is no stall', async () => {
  let lastMs = 0;
  const { read, control, clock } = start((batch) => {
    if (clock.nowMs() - lastMs < stallTimeoutMs * 0.9) return { kind: 'throttled', reason: 'no capacity' };
    lastMs = clock.nowMs();
    return found(batch.slice(0, 1));
  });
  expect((await read())!.size).toBe(8);
  expect(clock.nowMs()).toBeGreaterThan(7 * stallTimeoutMs);
  expect(control.stopped).toBe(false);
});

test('batches whose credentials have expired wait for one renewal, and are read then', async () => {
  const expired: ReadResult = { kind: 'expired', renewable: true, message: 'the credentials have expired' };
  const { batchReader, clock, looksMs, warnings } = start(
    (batch) => (clock.nowMs() < 15_000 ? expired : found(batch)),
    15_000,
  );
  const both = Promise.all([batchReader.read(tokens.slice(0, 4)), batchReader.read(tokens.slice(4))]);
  const comparisons = await clock.runUntil(both);
  expect(comparisons.map((one) => one?.size)).toEqual([4, 4]);
  expect(looksMs).toEqual([0, 10_000, 20_000]);
  expect(warnings).toEqual(['paused: the credentials have expired']);
});

test.each<{ name: string; result: ReadResult; fault: object }>([
  {
    name: 'credentials that can’t be renewed',
    result: { kind: 'expired', renewable: false, message: 'expired' },
    fault: { code: 'credentials-expired' },
  },
  {
    name: 'a request that the service refuses',
    result: { kind: 'invalid', message: 'a ValidationException' },
    fault: { code: 'service-refused', message: 'a read was refused: a ValidationException' },
  },
  {
    name: 'a fatal fault',
    result: { kind: 'fatal', error: new ImportError('access-denied', 'no') },
    fault: { code: 'access-denied' },
  },
])('$name ends the run at once', async ({ result, fault }) => {
  const { read, control, asked } = start(() => result);
  expect(await read()).toBeUndefined();
  expect(control.fault).toMatchObject(fault);
  expect(asked.length).toBe(1);
});

test('a stop wakes a batch that waits, which is not read again', async () => {
  const { batchReader, clock, control, asked } = start(() => ({ kind: 'throttled', reason: 'no capacity' }));
  const reading = batchReader.read(tokens);
  await clock.advance(1_000);
  const sent = asked.length;
  control.fail('a fault beside it');
  expect(await reading).toBeUndefined();
  expect([asked.length, clock.nowMs()]).toEqual([sent, 1_000]);
});

test('a lease that has lapsed is released without a read, and another one is taken', async () => {
  const released: number[] = [];
  let leases = 0;
  const lease = (): Lease => {
    const number = ++leases;
    return { kind: 'lease', holds: number > 1, release: () => void released.push(number) };
  };
  const { read, asked, limiter } = start((batch) => found(batch), 0, lease);
  expect((await read())!.size).toBe(8);
  expect([leases, released, asked.length, limiter.granted]).toEqual([2, [1], 1, 4]);
});
