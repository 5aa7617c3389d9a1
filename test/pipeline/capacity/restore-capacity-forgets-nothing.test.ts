import { expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { allSuspended, type ProvisionChange } from '../../../src/domain/table.ts';
import { restoreCapacity } from '../../../src/pipeline/capacity/restore-capacity.ts';
import { before, noSuspension, setUpRaise, target } from './set-up-raise.ts';

const onIndex = { ...target, index: 'by-user' };
const refusal = new ImportError('service-refused', 'above a quota');
const noAnswer = new ImportError('endpoint-unreachable', 'no answer');

test('a second, higher raise that is refused does not make the run forget the first', async () => {
  const { capacity, raise, restore, stored } = setUpRaise();
  await raise(1000);
  const update = capacity.update.bind(capacity);
  capacity.update = async () => Promise.reject(refusal);
  await expect(raise(50_000)).rejects.toBe(refusal);
  capacity.update = update;
  expect(await restore()).toEqual({ leftAlone: [] });
  expect(capacity.units()).toEqual(before);
  expect(stored.raise).toBeUndefined();
});

test('a raise of a killed process that shows late is not taken for what was there before', async () => {
  const { capacity, raise, stored, empty, restore } = setUpRaise();
  // Killed after capacity.json was written; its UpdateTable is still on its way.
  stored.raise = { ...empty, parts: [{ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 }] };
  const update = capacity.update.bind(capacity);
  let isLate = true;
  capacity.update = async (changes: readonly ProvisionChange[]) => {
    if (isLate) await update([{ index: undefined, writeUnits: 1000, readUnits: 5 }]);
    isLate = false;
    return update(changes);
  };
  await raise(2000);
  expect(stored.raise?.parts[0]).toMatchObject({ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 2000 });
  await restore();
  expect(capacity.units()).toEqual(before);
});

test('a raise that the table was too busy for is not waited for when it is restored', async () => {
  const stop = new AbortController();
  const { capacity, raise, stored } = setUpRaise({}, stop);
  capacity.update = async () => {
    stop.abort();
    return { kind: 'busy' };
  };
  expect(await raise()).toBe(false);
  expect(stored.raise).toMatchObject({ parts: [{}, {}], mayShowLate: 'nothing' });
});

test('auto scaling of an index that cannot be resumed at once is resumed by the next restore', async () => {
  const { capacity, raise, restore, stored } = setUpRaise({ scaling: [onIndex] });
  await raise(1000);
  const suspend = capacity.suspendScaling.bind(capacity);
  const refused = new ImportError('access-denied', 'may not register scalable targets');
  capacity.suspendScaling = async () => Promise.reject(refused);
  const first = await restore();
  expect(first.unrestored).toMatchObject({ parts: [], scaling: [onIndex] });
  capacity.suspendScaling = suspend;
  expect((await restore()).unrestored).toBeUndefined();
  expect(capacity.scalingTargets).toEqual([onIndex]);
  expect(stored.raise).toBeUndefined();
});

test('a raise above an earlier one that shows late is waited for, though the earlier one is lowered at once', async () => {
  const { clock, capacity, raise, restore, stored } = setUpRaise({ updateMs: 0 });
  await raise(1000);
  const update = capacity.update.bind(capacity);
  // Accepted, but its process is killed, and the table shows it only seconds later.
  const killed = new Error('killed');
  capacity.update = async (changes) => {
    clock.setTimer(6_000, () => void update(changes));
    throw killed;
  };
  await expect(raise(2000)).rejects.toBe(killed);
  capacity.update = update;
  await restore();
  await clock.advance(10_000);
  expect(capacity.units()).toEqual(before);
  expect(stored.raise).toBeUndefined();
});

test('a raise that is asked for again for a while may show late as of the last time', async () => {
  const { clock, capacity, raise, restore } = setUpRaise({ updateMs: 0 });
  const update = capacity.update.bind(capacity);
  let asked = 0;
  capacity.update = async (changes) => {
    asked++;
    clock.setTimer(9_000, () => void update(changes).catch(() => undefined));
    throw noAnswer;
  };
  await expect(raise(1000)).rejects.toBe(noAnswer);
  expect(asked).toBeGreaterThan(5);
  capacity.update = update;
  await restore();
  await clock.advance(10_000);
  expect(capacity.units()).toEqual(before);
});

test('a restore waits for nothing where all that was asked for has been seen', async () => {
  const { clock, raise, restore } = setUpRaise({ updateMs: 0 });
  await raise(1000);
  const startMs = clock.nowMs();
  await restore();
  expect(clock.nowMs() - startMs).toBeLessThan(1_000);
});

test('the signal at any moment of a restore leaves on disk what is not seen to be back', async () => {
  for (let stopMs = 0; stopMs < 2_000; stopMs += 50) {
    const { clock, capacity, raise, stored, work, store } = setUpRaise({ updateMs: 300, scaling: [target, onIndex] });
    await raise(1000);
    const slowly = capacity.suspendScaling.bind(capacity);
    capacity.suspendScaling = async (...given) => clock.sleep(400).then(() => slowly(...given));
    const stop = new AbortController();
    clock.setTimer(stopMs, () => stop.abort());
    await clock.runUntil(restoreCapacity({ ...work, signal: stop.signal }, stored.raise!, store));
    await clock.advance(1_000);
    for (const { index, suspended } of capacity.scalingTargets) {
      if (suspended !== allSuspended) continue;
      expect(stored.raise?.scaling.find((target) => target.index === index)?.suspended).toEqual(noSuspension);
    }
    if (JSON.stringify(capacity.units()) !== JSON.stringify(before)) expect(stored.raise?.parts).toHaveLength(2);
  }
});
