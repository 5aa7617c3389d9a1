import { expect, test } from 'vitest';
import type { Batch } from '../../src/domain/token.ts';
import { BatchDispatch } from '../../src/pipeline/dispatch-batches.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { tokenOf } from './tokens.ts';

/** A dispatch of two slots and batches of three, whose writes last until the test ends them. */
function start(write?: (batch: Batch) => Promise<void>) {
  const clock = new FakeClock();
  const control = new RunControl(new AbortController().signal);
  const sent: number[][] = [];
  const ends: (() => void)[] = [];
  const dispatch = new BatchDispatch({
    ...{ concurrency: 2, clock, control },
    limits: { maxTokens: 3, maxBodyBytes: 1_000, maxWriteUnits: 1_000 },
    write: (batch, end) => {
      sent.push(batch.tokens.map(({ row }) => row.ordinal));
      end(() => write?.(batch) ?? new Promise<void>((resolve) => ends.push(resolve)));
    },
  });
  let ordinal = 0;
  const add = (count: number) => {
    for (const end = ordinal + count; ordinal < end; ordinal++) dispatch.enqueue(tokenOf(ordinal));
  };
  const endOne = async () => {
    ends.shift()!();
    await clock.advance(0);
  };
  return { clock, control, dispatch, sent, add, endOne };
}

test('full batches go out as far as there are slots, the next when one is free', async () => {
  const { dispatch, sent, add, endOne, clock } = start();
  add(8);
  await clock.advance(0);
  expect([sent, dispatch.inFlight]).toEqual([
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
    2,
  ]);
  add(1);
  expect(sent).toHaveLength(2);
  await endOne();
  expect([sent.at(-1), dispatch.inFlight]).toEqual([[6, 7, 8], 2]);
});

test('a source that is silent for 50 ms lets short batches out, until it gives rows again', async () => {
  const { clock, dispatch, sent, add } = start();
  add(2);
  let give: (value: string) => void = () => {};
  const next = dispatch.whileSourceIsSilent(new Promise<string>((resolve) => (give = resolve)));
  await clock.advance(49);
  expect(sent).toEqual([]);
  await clock.advance(1);
  expect(sent).toEqual([[0, 1]]);
  give('rows');
  expect(await next).toBe('rows');
  add(1);
  await clock.advance(100);
  expect(sent).toEqual([[0, 1]]);
  expect(clock.pendingTimers).toBe(0);
});

test('what only the writing of all can bring about is awaited with short batches, and with those alone', async () => {
  const { clock, dispatch, sent, add, endOne } = start();
  add(4);
  const waiting = dispatch.whileAllIsSent(dispatch.drained());
  await clock.advance(0);
  expect(sent).toEqual([[0, 1, 2], [3]]);
  dispatch.giveBack(tokenOf(0));
  await endOne();
  expect(sent.at(-1)).toEqual([0]);
  await endOne();
  await endOne();
  await waiting;
  add(1);
  await clock.advance(0);
  expect(sent).toHaveLength(3);
});

test('the source waits where two batches are ready behind the slots, and is let go when one of them goes', async () => {
  const { clock, dispatch, add, endOne } = start();
  add(6);
  await clock.advance(0);
  add(5);
  expect(dispatch.crowded).toBe(false);
  await dispatch.room();
  add(1);
  expect(dispatch.crowded).toBe(true);
  let hasRoom = false;
  const room = dispatch.room().then(() => {
    hasRoom = true;
  });
  await clock.advance(0);
  expect(hasRoom).toBe(false);
  await endOne();
  await room;
  expect(dispatch.crowded).toBe(false);
});

test('once the run stops no batch goes out, and those in flight are waited for', async () => {
  const { clock, control, dispatch, sent, add, endOne } = start();
  add(3);
  await clock.advance(0);
  control.fail('a fault');
  add(3);
  let isDrained = false;
  const drained = dispatch.drained().then(() => {
    isDrained = true;
  });
  await clock.advance(0);
  expect([sent.length, isDrained]).toEqual([1, false]);
  await endOne();
  await drained;
  expect([sent.length, dispatch.inFlight]).toEqual([1, 0]);
});

test('a write that throws fails the run, and frees its slot', async () => {
  const fault = new Error('a bug');
  const { clock, control, dispatch, add } = start(() => Promise.reject(fault));
  add(3);
  await clock.advance(0);
  expect([control.fault, dispatch.inFlight]).toEqual([fault, 0]);
});

test('a write that throws before it has begun fails the run, and frees its slot', async () => {
  const control = new RunControl(new AbortController().signal);
  const dispatch = new BatchDispatch({
    ...{ concurrency: 1, clock: new FakeClock(), control },
    limits: { maxTokens: 1, maxBodyBytes: 1_000, maxWriteUnits: 1_000 },
    write: () => {
      throw new Error('a bug');
    },
  });
  dispatch.enqueue(tokenOf(0));
  await dispatch.drained();
  expect([control.fault, dispatch.inFlight]).toEqual([new Error('a bug'), 0]);
});
