import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { allSuspended } from '../../../src/domain/table.ts';
import { raiseCapacity } from '../../../src/pipeline/capacity/raise-capacity.ts';
import { restoreCapacity } from '../../../src/pipeline/capacity/restore-capacity.ts';
import { before, noSuspension, raised, setUpRaise as setUp, target } from './set-up-raise.ts';

describe('raising', () => {
  test('is done once it holds, and is stored and announced before it is requested', async () => {
    const { capacity, clock, said, stored, raise } = setUp();
    const asked = capacity.update.bind(capacity);
    capacity.update = async (changes) => {
      said.push(`asked with ${stored.raise?.parts.length} parts stored`);
      return asked(changes);
    };
    expect(await raise()).toBe(true);
    expect(capacity.units()).toEqual(raised);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(60_000);
    expect(said.slice(0, 3)).toEqual([
      'announced: undo',
      'raising: raising the table from 20 to 1,000 write units a second, index "by-user" from 30 to 1,000 write units a second',
      'asked with 2 parts stored',
    ]);
    expect(said).toContainEqual('waiting: the table is UPDATING, index "by-user" is UPDATING: waiting');
    expect(said.at(-1)).toBe('raised: the capacity is raised');
  });

  test('waits for a table that is UPDATING already, and restores what it finds then', async () => {
    const { capacity, raise, stored } = setUp();
    await capacity.update([{ index: undefined, writeUnits: 50, readUnits: 5 }]);
    expect(await raise()).toBe(true);
    expect(stored.raise?.parts[0]).toEqual({ index: undefined, beforeWriteUnits: 50, raisedWriteUnits: 1000 });
  });

  test('ends where the table stays UPDATING for longer than is allowed', async () => {
    const { raise } = setUp({ updateMs: 700_000 });
    await expect(raise()).rejects.toMatchObject({ code: 'stalled', hint: expect.stringContaining('--stall-timeout') });
  });

  test('goes on after moments without an answer', async () => {
    const { capacity, raise } = setUp();
    for (let i = 0; i < 3; i++) capacity.faults.push(new ImportError('endpoint-unreachable', 'no answer'));
    expect(await raise()).toBe(true);
    expect(capacity.units()).toEqual(raised);
  });

  test('stops for the signal, with the raise in the store', async () => {
    const stop = new AbortController();
    const { clock, raise, stored, capacity } = setUp({}, stop);
    clock.setTimer(30_000, () => stop.abort('SIGINT'));
    expect(await raise()).toBe(false);
    expect(clock.nowMs()).toBe(30_000);
    expect(stored.raise?.parts).toHaveLength(2);
    expect(capacity.units()).toEqual(before);
  });

  test('is dated by its request, however long it was prepared before', async () => {
    const { clock, raise, stored } = setUp();
    await clock.advance(45_000);
    const askedMs = clock.wallMs();
    await raise();
    expect(Date.parse(stored.raise!.since)).toBe(askedMs);
    await clock.advance(300_000);
    const askedAgainMs = clock.wallMs();
    await raise(2000);
    expect(Date.parse(stored.raise!.since)).toBe(askedAgainMs);
  });

  test('is not requested if it cannot be stored', async () => {
    const { capacity, clock, work, empty, store } = setUp();
    const full = new ImportError('disk-full', 'the disk is full');
    const request = { writeUnits: 1000, raise: empty, scaling: [], undoCommand: () => '' };
    const raise = raiseCapacity(work, request, { ...store, save: () => Promise.reject(full) }, () => {});
    await expect(clock.runUntil(raise)).rejects.toBe(full);
    await clock.advance(120_000);
    expect(capacity.units()).toEqual(before);
  });

  test('says that an endpoint without an answer is asked again, and gives up after a minute', async () => {
    const { capacity, clock, raise, said } = setUp();
    for (let i = 0; i < 200; i++) capacity.faults.push(new ImportError('endpoint-unreachable', 'no answer'));
    await expect(raise()).rejects.toMatchObject({ code: 'endpoint-unreachable' });
    expect(said).toEqual(['waiting: no answer: retrying for a minute']);
    expect(clock.nowMs()).toBeGreaterThan(50_000);
    expect(clock.nowMs()).toBeLessThanOrEqual(60_000);
  });

  test('stores nothing if everything is high enough', async () => {
    const { raise, stored, said } = setUp();
    expect(await raise(20, [])).toBe(true);
    // The index has more than that already.
    expect({ stored: stored.raise, said }).toEqual({ stored: undefined, said: [] });
  });
});

describe('restoring', () => {
  test('lowers table and index, and clears the store', async () => {
    const { capacity, raise, restore, stored } = setUp();
    await raise();
    expect(await restore()).toEqual({ leftAlone: [] });
    expect(capacity.units()).toEqual(before);
    expect(stored.raise).toBeUndefined();
  });

  test('waits for a raise that is under way', async () => {
    const stop = new AbortController();
    const { clock, capacity, raise, stored, work, store } = setUp({}, stop);
    clock.setTimer(1_000, () => stop.abort('SIGINT'));
    await raise();
    const { signal: _aborted, ...patient } = work;
    expect(await clock.runUntil(restoreCapacity(patient, stored.raise!, store))).toEqual({ leftAlone: [] });
    expect(capacity.units()).toEqual(before);
  });

  test('keeps the reads that someone changed meanwhile', async () => {
    const { capacity, raise, restore } = setUp();
    await raise();
    capacity.setUnits(undefined, { readUnits: 77 });
    await restore();
    expect(capacity.units()).toEqual({ ...before, '': { writeUnits: 20, readUnits: 77 } });
  });

  test('leaves alone what someone else has changed, and says so', async () => {
    const { capacity, raise, restore, said, stored } = setUp();
    await raise();
    capacity.setUnits(undefined, { writeUnits: 400 });
    expect((await restore()).leftAlone).toMatchObject([{ index: undefined, foundWriteUnits: 400 }]);
    expect(capacity.units()).toEqual({ ...before, '': { writeUnits: 400, readUnits: 5 } });
    expect(said).toContainEqual(
      expect.stringContaining('left-alone: the table has 400 now, not the 1,000 write units'),
    );
    expect(stored.raise).toBeUndefined();
  });

  test('lowers the part that may go down where the other may not, and says when the rest can be done', async () => {
    const { clock, capacity, raise, restore, stored } = setUp();
    await raise();
    capacity.useUpDecreases('by-user', 4);
    const usedUpMs = clock.wallMs();
    const { unrestored, fault, allowedAtMs } = await restore();
    expect(capacity.units()).toEqual({ ...raised, '': before[''] });
    expect(unrestored?.parts).toEqual([{ index: 'by-user', beforeWriteUnits: 30, raisedWriteUnits: 1000 }]);
    expect(stored.raise).toEqual(unrestored);
    expect(allowedAtMs).toBe(usedUpMs + 3_600_000);
    expect(fault).toMatchObject({
      code: 'capacity-not-restored',
      hint: expect.stringMatching(/after 2026-01-31T13:\d\d:\d\dZ/),
    });

    await clock.advance(3_600_000);
    expect(await restore()).toEqual({ leftAlone: [] });
    expect(capacity.units()).toEqual(before);
    expect(stored.raise).toBeUndefined();
  });

  test('keeps the raise if the table does not answer for a minute', async () => {
    const { capacity, raise, restore, stored } = setUp();
    await raise();
    for (let i = 0; i < 200; i++) capacity.faults.push(new ImportError('endpoint-unreachable', 'no answer'));
    expect(await restore()).toMatchObject({ unrestored: stored.raise, fault: { message: 'no answer' } });
    expect(stored.raise?.parts).toHaveLength(2);
  });

  test('forgets a table that is gone', async () => {
    const { capacity, raise, restore, stored } = setUp();
    await raise();
    capacity.faults.push(new ImportError('table-missing', 'gone'));
    expect(await restore()).toEqual({ leftAlone: [] });
    expect(stored.raise).toBeUndefined();
  });

  test('looks twice where nothing seems to be raised a moment after the raise was asked for', async () => {
    const { clock, capacity, stored, store, restore, empty } = setUp();
    const parts = [{ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 }];
    await store.save({ ...empty, parts });
    // The request of a process that is gone takes effect late.
    clock.setTimer(5_000, () => capacity.setUnits(undefined, { writeUnits: 1000 }));
    await restore();
    expect(capacity.units()).toEqual(before);
    expect(stored.raise).toBeUndefined();
  });
});

describe('auto scaling', () => {
  test('is suspended for the raise and goes on afterwards as it was', async () => {
    const suspended = { ...noSuspension, scheduled: true };
    const { capacity, raise, restore } = setUp({ scaling: [{ ...target, suspended }] });
    await raise();
    expect(capacity.scalingTargets[0]?.suspended).toEqual(allSuspended);
    await restore();
    expect(capacity.scalingTargets[0]?.suspended).toEqual(suspended);
  });

  test('is left alone where someone else has changed it meanwhile', async () => {
    const { capacity, raise, restore } = setUp({ scaling: [target] });
    await raise();
    const others = { ...allSuspended, scaleOut: false };
    await capacity.suspendScaling(undefined, others);
    await restore();
    expect(capacity.scalingTargets[0]?.suspended).toEqual(others);
  });

  test('is remembered as it was before the first raise by a process that raises again', async () => {
    const { capacity, raise, restore, stored } = setUp({ scaling: [target] });
    await raise();
    await raise(1000, [], stored.raise);
    await restore();
    expect(capacity.scalingTargets[0]?.suspended).toEqual(noSuspension);
  });
});
