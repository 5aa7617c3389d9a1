import { expect, test } from 'vitest';
import type { Token } from '../../../src/domain/token.ts';
import { RateLimiter } from '../../../src/limit/rate-limiter.ts';
import { RunControl } from '../../../src/pipeline/run-control.ts';
import { BatchReader, OrderedReads } from '../../../src/pipeline/verify/read-batches.ts';
import type { Comparison, ReadResult } from '../../../src/ports/token-repository.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { tokenOf } from '../tokens.ts';

const concurrency = 2;
const mostWaiting = concurrency * 4;

/** A window over a table that answers each batch after the milliseconds given, by the ordinal of its first row. */
function start(
  latencyMs: (ordinal: number) => number,
  comparisonOf: (token: Token) => Comparison = () => ({ kind: 'equal' }),
) {
  const clock = new FakeClock();
  const control = new RunControl(new AbortController().signal);
  const flight = { now: 0, most: 0, asked: [] as number[] };
  const batchReader = new BatchReader({
    ...{ clock, control, limiter: new RateLimiter(clock, undefined, 1), random: () => 0.5 },
    ...{ stallTimeoutMs: 60_000, warn: () => {} },
    reader: {
      maxBatchTokens: 2,
      encoder: () => ({ encode: () => undefined, bodyBytes: () => 0 }),
      readUnitsOf: () => 0.5,
      async read(tokens): Promise<ReadResult> {
        const { ordinal } = tokens[0]!.row;
        flight.asked.push(ordinal);
        flight.most = Math.max(flight.most, ++flight.now);
        await clock.sleep(latencyMs(ordinal));
        flight.now--;
        // Read when the answer is made, as a table does.
        const comparisons = new Map(tokens.map((token) => [token, comparisonOf(token)]));
        return { kind: 'read', comparisons, consumedReadUnits: undefined };
      },
      close: async () => {},
    },
  });
  const passedOn: (readonly [ordinal: number, kind: Comparison['kind'], markOrdinal: number])[] = [];
  const window = new OrderedReads(batchReader, control, concurrency, (comparisons, { mark }) => {
    for (const [{ row }, { kind }] of comparisons) passedOn.push([row.ordinal, kind, mark.ordinal]);
  });
  const add = (ordinal: number, key?: string) => {
    const mark = { fileIndex: 0, byteOffset: ordinal * 10 + 10, ordinal: ordinal + 1, line: ordinal + 3 };
    window.readBatch([tokenOf(ordinal, key)], {
      mark,
      counts: { superseded: 0, rejected: 0, skipped: 0, rejectsByCode: {} },
    });
  };
  return { window, add, clock, control, flight, passedOn };
}

test('batches are passed on in the order in which they were asked for', async () => {
  const { window, add, clock, passedOn } = start((ordinal) => (ordinal === 0 ? 100 : 10));
  for (let i = 0; i < 5; i++) add(i);
  await clock.advance(99);
  expect(passedOn).toEqual([]);
  await clock.runUntil(window.empty());
  expect(passedOn).toEqual([0, 1, 2, 3, 4].map((ordinal) => [ordinal, 'equal', ordinal + 1]));
});

test('a key that is twice in the window is compared with both rows, the later one last', async () => {
  const { window, add, clock, passedOn } = start(
    (ordinal) => (ordinal === 0 ? 100 : 10),
    ({ row }) => ({ kind: row.ordinal === 0 ? 'missing' : 'equal' }),
  );
  add(0, 'k');
  add(1, 'k');
  await clock.runUntil(window.empty());
  expect(passedOn.map(([ordinal, kind]) => [ordinal, kind])).toEqual([
    [0, 'missing'],
    [1, 'equal'],
  ]);
});

test('no more batches are read at once than the concurrency', async () => {
  const { window, add, clock, flight } = start((ordinal) => 10 + (ordinal % 3) * 7);
  for (let i = 0; i < 8; i++) add(i);
  await clock.runUntil(window.empty());
  expect([flight.most, flight.now]).toEqual([concurrency, 0]);
  expect(flight.asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('after a slow batch, only a window of batches is read until its comparison is passed on', async () => {
  const { window, add, clock } = start((ordinal) => (ordinal === 0 ? 1_000 : 1));
  for (let i = 0; i < mostWaiting - 1; i++) add(i);
  expect(window.room()).toBeUndefined();
  add(mostWaiting - 1);
  let hasRoom = false;
  const room = window.room()!.then(() => {
    hasRoom = true;
  });
  await clock.advance(999);
  expect(hasRoom).toBe(false);
  await clock.advance(1);
  await room;
  expect(window.isEmpty).toBe(true);
});

test('a stop lets go who waits, and what is in flight is awaited; nothing more is read', async () => {
  const { window, add, clock, control, flight } = start(() => 50);
  for (let i = 0; i < mostWaiting; i++) add(i);
  const waiting = window.room()!;
  await clock.advance(10);
  control.fail('a fault');
  await waiting;
  await window.empty();
  expect([flight.now, window.isEmpty, clock.nowMs()]).toEqual([2, false, 10]);
  await clock.runUntil(window.drained());
  expect([flight.now, flight.asked]).toEqual([0, [0, 1]]);
});

test('a bug of the reader ends the run, and leaves nothing in flight', async () => {
  const bug = new TypeError('a bug');
  const { window, add, clock, control, passedOn } = start(
    () => 10,
    ({ row }) => {
      if (row.ordinal === 1) throw bug;
      return { kind: 'equal' };
    },
  );
  for (let i = 0; i < 4; i++) add(i);
  await clock.runUntil(window.empty());
  await clock.runUntil(window.drained());
  expect(control.fault).toBe(bug);
  expect(passedOn.map(([ordinal]) => ordinal)).toEqual([0]);
});
