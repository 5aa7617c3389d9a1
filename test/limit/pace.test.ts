import { describe, expect, onTestFinished, test } from 'vitest';
import { index, SimulatedImport, type Simulation, table } from './simulated-import.ts';

/** An import that is stopped after the test. */
function start(simulation: Simulation): SimulatedImport {
  const run = new SimulatedImport(simulation);
  onTestFinished(() => run.stop());
  return run;
}

function rateChanges(run: SimulatedImport) {
  return run.events.flatMap((event) => (event.kind === 'rate-changed' ? [event] : []));
}

/** Where the table takes so much, next to nothing is refused, and hardly less is sent. */
async function expectSettled(run: SimulatedImport, takes: number, fromSeconds: number, untilSeconds: number) {
  await run.run(untilSeconds - run.clock.nowMs() / 1000);
  const flow = run.flow(fromSeconds, untilSeconds);
  expect(flow.refused / flow.sent).toBeLessThanOrEqual(0.05);
  expect(flow.accepted).toBeGreaterThanOrEqual(0.92 * takes);
}

async function expectFullSpeed(run: SimulatedImport, rate: number, within: number) {
  await run.run(within);
  const nowSeconds = run.clock.nowMs() / 1000;
  await run.run(2);
  expect(run.flow(nowSeconds, nowSeconds + 2).accepted).toBeGreaterThan(0.95 * rate);
}

describe('an on-demand table that takes 5,000 units of 20,000', () => {
  test.each([1, 2, 3])('is given just that, and 20,000 soon after it takes them (seed %i)', async (seed) => {
    const run = start({ wps: 20_000, capacity: [{ table, writeUnits: 5_000 }], seed });
    await expectSettled(run, 5_000, 5, 20);
    run.capacity.set({ table, writeUnits: 20_000 });
    await expectFullSpeed(run, 20_000, 8);
    expect(rateChanges(run).at(-1)).toMatchObject({ ratePerSecond: 20_000, slowed: false });
  });

  test('is given just that also once its burst capacity is used up', async () => {
    const run = start({ wps: 20_000, capacity: [{ table, writeUnits: 5_000, burstSeconds: 15 }] });
    await run.run(5);
    expect(run.flow(0, 5).accepted).toBeGreaterThan(0.98 * 20_000);
    await expectSettled(run, 5_000, 10, 25);
    run.capacity.set({ table, writeUnits: 20_000, burstSeconds: 15 });
    await expectFullSpeed(run, 20_000, 8);
  });

  test('is given just that also where its answers take long', async () => {
    const run = start({ wps: 20_000, capacity: [{ table, writeUnits: 1_000 }], latencyMs: 250 });
    await expectSettled(run, 1_000, 5, 30);
  });
});

test('a table that takes less for a while is followed down and up again', async () => {
  const run = start({ wps: 4_000, capacity: [{ table, writeUnits: 5_000 }] });
  await run.run(3);
  expect(rateChanges(run)).toEqual([]);
  run.capacity.set({ table, writeUnits: 500 });
  await expectSettled(run, 500, 8, 20);
  run.capacity.set({ table, writeUnits: 5_000 });
  await expectFullSpeed(run, 4_000, 8);
});

test.each([2, 8, 60])('a table that takes nothing for %i s has its rate again soon after', async (seconds) => {
  const run = start({ wps: 20_000, capacity: [{ table, writeUnits: 20_000 }] });
  await run.run(3);
  run.capacity.set({ table, writeUnits: 0 });
  await run.run(seconds);
  run.capacity.set({ table, writeUnits: 20_000 });
  await expectFullSpeed(run, 20_000, 7);
});

test.each([3, 10, 100])(
  'a table that takes %i units for a while is given those, and its rate again soon after',
  async (few) => {
    const run = start({ wps: 20_000, capacity: [{ table, writeUnits: 20_000 }] });
    await run.run(3);
    run.capacity.set({ table, writeUnits: few });
    await run.run(60);
    const { sent, accepted } = run.flow(23, 63);
    expect(accepted).toBeGreaterThan(0.9 * few);
    expect(sent).toBeLessThan(1.35 * few);
    run.capacity.set({ table, writeUnits: 20_000 });
    await expectFullSpeed(run, 20_000, 14);
  },
);

test.each([2, 8, 60])('without a limit too it is not flooded after %i s in which it took nothing', async (seconds) => {
  const run = start({ wps: undefined, capacity: [{ table, writeUnits: 5_000 }] });
  await run.run(8);
  run.capacity.set({ table, writeUnits: 0 });
  await run.run(seconds);
  run.capacity.set({ table, writeUnits: 5_000 });
  const restored = 8 + seconds;
  const before = rateChanges(run).length;
  await run.run(3);
  expect(run.flow(restored, restored + 3).sent).toBeLessThan(3 * 5_000);
  expect(
    rateChanges(run)
      .slice(before)
      .every(({ ratePerSecond }) => ratePerSecond !== null),
  ).toBe(true);
  await expectSettled(run, 5_000, restored + 12, restored + 22);
});

test('a table that takes nothing for a while and then a part of before soon gets just that', async () => {
  const run = start({ wps: 20_000, capacity: [{ table, writeUnits: 20_000 }] });
  await run.run(3);
  run.capacity.set({ table, writeUnits: 0 });
  await run.run(10);
  run.capacity.set({ table, writeUnits: 3_000 });
  await run.run(10);
  await expectSettled(run, 3_000, 23, 33);
});

test('a rehearsal without a limit finds what the modelled table takes', async () => {
  const run = start({ wps: undefined, capacity: [{ table, writeUnits: 2_000 }] });
  await expectSettled(run, 2_000, 5, 15);
});

describe('an index that takes 2,000 units', () => {
  test('governs, is named, and leaves the rate of the table as it is', async () => {
    const run = start({ wps: 20_000, indexWps: null, capacity: [{ table, index, writeUnits: 2_000 }] });
    await expectSettled(run, 2_000, 5, 20);
    const changes = rateChanges(run);
    expect(new Set(changes.map((change) => change.index))).toEqual(new Set([index]));
    expect(changes.some(({ reason }) => reason.startsWith(`the write capacity of index "${index}"`))).toBe(true);
    expect(run.pace.limiter.ratePerSecond).toBe(20_000);
  });

  test('is found by its consumption where items are only handed back', async () => {
    const run = start({ wps: 3_000, indexWps: 2_100, capacity: [{ table, index, writeUnits: 2_000 }] });
    await expectSettled(run, 2_000, 5, 20);
    const [first] = rateChanges(run);
    expect(first).toMatchObject({ index, reason: `the write capacity of index "${index}" (inferred)` });
  });

  test('is named beside the table if both use as much of their rate', async () => {
    const run = start({ wps: 3_000, indexWps: 3_000, capacity: [{ table, index, writeUnits: 2_000 }] });
    await run.run(5);
    expect(rateChanges(run)[0]).toMatchObject({
      cause: { limit: 'capacity', inferred: true, alternatives: [{ index }] },
      reason: `the write capacity of the table or index "${index}" (inferred)`,
    });
  });

  test('is never asked for more where its limit says so', async () => {
    const run = start({ wps: 20_000, indexWps: 1_600, capacity: [{ table, index, writeUnits: 2_000 }] });
    await run.run(5);
    expect(run.flow(1, 5)).toMatchObject({ refused: 0 });
    expect(run.flow(1, 5).accepted).toBeGreaterThan(0.99 * 1_600);
  });
});

test.each([25, 1])(
  'a key that is always refused waits alone while others keep the rate, with %i a request',
  async (maxTokens) => {
    const capacity = [{ table, writeUnits: 5_000 }];
    const run = start({ wps: 4_000, capacity, refusedKeys: new Set(['t500']), maxTokens });
    await run.run(15);
    expect(run.flow(0, 15).accepted).toBeGreaterThan(0.99 * 4_000);
    expect(rateChanges(run)).toEqual([]);
    expect(run.events.filter(({ kind }) => kind === 'partition-parked').length).toBe(1);
    const { refused } = run.flow(5, 15);
    expect(refused * 10).toBeLessThan(20);
  },
);

test.each([1, 2, 3, 4])('refusals that no lower rate makes fewer bring no run to a halt (seed %i)', async (seed) => {
  const run = start({ wps: 2_000, capacity: [], refusedShare: 0.1, seed });
  await run.run(60);
  expect(run.flow(10, 60).sent).toBeGreaterThan(0.4 * 2_000);
  expect(run.flow(30, 60).sent).toBeGreaterThan(0.4 * 2_000);
});

test('other limits hold at once, and a slowed rate finds its way up to them', async () => {
  const run = start({ wps: 4_000, capacity: [{ table, writeUnits: 3_000 }] });
  await run.run(5);
  const rates = (writeUnitsPerSecond: number) => ({ writeUnitsPerSecond, chosen: '', indexes: [] });
  run.pace.setLimits(rates(1_000), 'rate file');
  await run.run(4);
  expect(run.flow(6, 9).accepted).toBeGreaterThan(0.98 * 1_000);
  expect(run.flow(6, 9).accepted).toBeLessThan(1.02 * 1_000);
  expect(run.pace.batchLimits.maxWriteUnits).toBeLessThanOrEqual(50);
  run.pace.setLimits(rates(2_500), 'rate file');
  await expectFullSpeed(run, 2_500, 1);
});
