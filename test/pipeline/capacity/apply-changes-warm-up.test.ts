import { expect, test } from 'vitest';
import type { TableInfo } from '../../../src/domain/table.ts';
import { planWarm } from '../../../src/limit/plan-capacity.ts';
import { type CapacityWork, warmUp } from '../../../src/pipeline/capacity/apply-changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeTableCapacity } from '../../support/fake-table-capacity.ts';

function setUp(more: Partial<CapacityWork> = {}) {
  const clock = new FakeClock();
  const capacity = new FakeTableCapacity({
    clock,
    updateMs: 60_000,
    billing: 'on-demand',
    table: { writeUnits: 0, readUnits: 0 },
    indexes: { 'by-user': { writeUnits: 0, readUnits: 0 } },
  });
  capacity.warmUnits.set(undefined, 4_000).set('by-user', 9_000);
  let requests = 0;
  const warm = capacity.warm.bind(capacity);
  capacity.warm = (changes) => {
    requests++;
    return warm(changes);
  };
  const told: string[] = [];
  const work: CapacityWork = {
    capacity,
    clock,
    timeoutMs: 600_000,
    tell: (_change, text) => told.push(text),
    ...more,
  };
  const plan = (units: number) => (table: TableInfo) => planWarm(table, () => units);
  return { clock, capacity, work, plan, told, requests: () => requests };
}

test('only what is below the figure is raised, with one request, and polled until the table has it', async () => {
  const { clock, capacity, work, plan, told, requests } = setUp();
  let isDone = false;
  const warming = warmUp(work, plan(8_000)).finally(() => {
    isDone = true;
  });
  await clock.advance(59_000);
  expect(isDone).toBe(false);
  await clock.advance(10_000);
  expect(await warming).toMatchObject({ warmWriteUnits: 8_000 });
  expect([...capacity.warmUnits]).toEqual([
    [undefined, 8_000],
    ['by-user', 9_000],
  ]);
  expect(requests()).toBe(1);
  expect(told).toContain('the table is UPDATING: waiting');
});

test('a table that is busy is asked again, one that takes too long ends the work, and a signal stops it', async () => {
  const busy = setUp();
  await busy.capacity.warm([{ index: undefined, writeUnits: 5_000 }]);
  const warming = warmUp(busy.work, busy.plan(8_000));
  await busy.clock.advance(200_000);
  expect(await warming).toMatchObject({ warmWriteUnits: 8_000 });
  expect(busy.requests()).toBe(2);

  const slow = setUp({ timeoutMs: 30_000 });
  const failing = expect(warmUp(slow.work, slow.plan(8_000))).rejects.toMatchObject({ code: 'stalled' });
  await slow.clock.advance(60_000);
  await failing;

  const stop = new AbortController();
  const stopped = setUp({ signal: stop.signal });
  const ending = warmUp(stopped.work, stopped.plan(8_000));
  await stopped.clock.advance(1_000);
  stop.abort();
  await stopped.clock.advance(10_000);
  expect(await ending).toBeUndefined();
});
