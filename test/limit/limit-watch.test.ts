import { describe, expect, test } from 'vitest';
import { type Amount, readAmount } from '../../src/domain/amount.ts';
import { ImportError } from '../../src/domain/import-error.ts';
import type { TableInfo } from '../../src/domain/table.ts';
import { type CapacityBaseline, chooseRate, shareRates } from '../../src/limit/choose-rate.ts';
import { LimitWatch } from '../../src/limit/limit-watch.ts';
import { Pace } from '../../src/limit/pace.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { provisioned } from './capacity-table.ts';

const reserve: Amount = { kind: 'percent', value: 20 };

/** A run with a table and a rate file that the test changes; each may throw instead. */
function start(wps: Amount | undefined, found: TableInfo, baseline?: CapacityBaseline, override?: string, shards = 1) {
  const clock = new FakeClock();
  const events: RunEvent[] = [];
  const observer = { on: (event: RunEvent) => void events.push(event) };
  const world = { table: (): TableInfo => found, override: (): string | undefined => override };
  const choose = (amount: Amount | undefined, table: TableInfo | undefined) =>
    shareRates(chooseRate(amount, reserve, table, baseline), { index: 1, count: shards });
  const rates = choose(wps, found);
  const pace = new Pace({ clock, observer, rates, maxTokens: 25, maxBodyBytes: 1_000_000 });
  const watch = new LimitWatch({
    ...{ clock, pace, observer, wps, table: found, readAmount, choose, shards },
    capacity: { describe: async () => world.table() },
    override: { read: async () => world.override() },
  });
  const bugs: unknown[] = [];
  const started = watch.start((bug) => void bugs.push(bug));
  const warnings = () => events.flatMap((event) => (event.kind === 'limit-warning' ? [event.message] : []));
  return { clock, world, pace, watch, events, warnings, bugs, started };
}

const units = (value: number): Amount => ({ kind: 'units', value });

describe('the table', () => {
  test('is looked at every minute, and the rate follows what it has less the reserve', async () => {
    const { clock, world, pace, events } = start(units(20_000), provisioned(5_000, { 'by-user': 3_000 }));
    expect(pace.limiter.ratePerSecond).toBe(4_000);
    world.table = () => provisioned(10_000, { 'by-user': 1_000 });
    await clock.advance(59_000);
    expect(pace.limiter.ratePerSecond).toBe(4_000);
    await clock.advance(2_000);
    expect(pace.limiter.ratePerSecond).toBe(8_000);
    expect(pace.batchLimits.maxIndexUnits).toEqual([Math.min(40, 25 - 4)]);
    expect(events).toMatchObject([
      { ratePerSecond: 8_000, isLimit: true, reason: expect.stringContaining('10,000 write units provisioned') },
      { ratePerSecond: 800, isLimit: true, index: 'by-user' },
    ]);
    world.table = () => provisioned(30_000, { 'by-user': 1_000 });
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(20_000);
  });

  test('that can’t be described leaves the rate as it is, is told once, and is looked at again', async () => {
    const { clock, world, pace, warnings } = start(undefined, provisioned(5_000));
    world.table = () => {
      throw new ImportError('endpoint-unreachable', 'no answer from DynamoDB');
    };
    await clock.advance(180_000);
    expect(warnings()).toEqual(['no answer from DynamoDB; the rate does not change']);
    expect(pace.limiter.ratePerSecond).toBe(4_000);
    world.table = () => provisioned(1_000);
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(800);
  });

  test('that can’t be read for a bug is told of, and not looked at again', async () => {
    const { clock, world, pace, warnings, bugs } = start(undefined, provisioned(5_000));
    const bug = new TypeError('not a fault of the run');
    world.table = () => {
      throw bug;
    };
    await clock.advance(180_000);
    expect(bugs).toEqual([bug]);
    expect(warnings()).toEqual([]);
    world.table = () => provisioned(1_000);
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(4_000);
  });

  test('that has no more than its reserve all but stops the run, until it has more', async () => {
    const { clock, world, pace, warnings } = start(undefined, provisioned(5_000, { 'by-user': 5_000 }));
    world.table = () => provisioned(0);
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(1);
    expect(warnings()).toEqual([expect.stringContaining('nothing is left to import with')]);
    world.table = () => provisioned(1_000, { 'by-user': 500 });
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(800);
  });

  test('that was raised for the run keeps for production what it had before', async () => {
    const baseline = { writeUnits: 500, indexes: {} };
    const { clock, world, pace } = start(units(20_000), provisioned(10_000), baseline);
    expect(pace.limiter.ratePerSecond).toBe(9_500);
    world.table = () => provisioned(500);
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(400);
  });
});

describe('the rate file', () => {
  test.each([
    ['500', 500],
    ['50%', 2_500],
    ['100000', 4_000],
    ['100%', 4_000],
  ])('that says %s makes the rate %d of 5,000 provisioned, never above what the reserve leaves', async (text, rate) => {
    const { clock, world, pace } = start(units(1_000), provisioned(5_000));
    world.override = () => text;
    await clock.advance(1_000);
    expect(pace.limiter.ratePerSecond).toBe(rate);
    world.override = () => undefined;
    await clock.advance(1_000);
    expect(pace.limiter.ratePerSecond).toBe(1_000);
  });

  test('that is there already holds before the first row', async () => {
    const { clock, pace, events, started } = start(units(4_000), provisioned(5_000), undefined, '500');
    await started;
    expect(clock.nowMs()).toBe(0);
    expect(pace.limiter.ratePerSecond).toBe(500);
    expect(events).toMatchObject([{ ratePerSecond: 500, reason: expect.stringContaining('the rate file sets') }]);
  });

  test('holds also when the table changes after it was read', async () => {
    const { clock, world, pace } = start(units(1_000), provisioned(5_000));
    world.override = () => '3000';
    await clock.advance(1_000);
    world.table = () => provisioned(2_000);
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(1_600);
  });

  test.each(['', 'fast', '0', '-5', '120%', '1e3'])('that says "%s" is ignored, and told once', async (text) => {
    const { clock, world, pace, warnings } = start(units(1_000), provisioned(5_000));
    world.override = () => text;
    await clock.advance(10_000);
    expect(warnings()).toEqual([expect.stringContaining('the rate file is ignored')]);
    expect(pace.limiter.ratePerSecond).toBe(1_000);
  });

  test('that changes to another invalid rate warns again, and for 0 says how to stop a run', async () => {
    const { clock, world, pace, warnings } = start(units(1_000), provisioned(5_000));
    for (const text of ['500', 'fast', '0', '0']) {
      world.override = () => text;
      await clock.advance(1_000);
    }
    expect(warnings()).toEqual([
      expect.stringMatching(/or a share such as 80%$/),
      expect.stringMatching(
        /is ignored.*; to stop the run, press Ctrl-C or send SIGTERM, and continue it with --resume$/,
      ),
    ]);
    expect(pace.limiter.ratePerSecond).toBe(500);
  });

  test('that can’t be read is told once', async () => {
    const { clock, world, warnings } = start(units(1_000), provisioned(5_000));
    world.override = () => {
      throw new ImportError('run-dir', '/run/rate can’t be read (EISDIR)');
    };
    await clock.advance(10_000);
    expect(warnings()).toEqual(['/run/rate can’t be read (EISDIR); the rate does not change']);
  });
});

test('after the stop nothing wakes, and what is being read changes nothing', async () => {
  const { clock, world, pace, watch } = start(units(1_000), provisioned(5_000));
  world.override = () => {
    watch.stop();
    return '500';
  };
  await clock.advance(120_000);
  expect(pace.limiter.ratePerSecond).toBe(1_000);
  expect(clock.pendingTimers).toBe(0);
});

describe('a shard', () => {
  test('takes its part of the rate file, which holds the rate of all', async () => {
    const { clock, world, pace, events } = start(
      units(2_000),
      provisioned(5_000, { 'by-user': 800 }),
      undefined,
      '',
      8,
    );
    expect(pace.limiter.ratePerSecond).toBe(250);
    world.override = () => '1000';
    await clock.advance(1_000);
    expect(pace.limiter.ratePerSecond).toBe(125);
    expect(events.at(-1)).toMatchObject({
      ratePerSecond: 125,
      reason: 'the rate file sets 1,000 for 8 shards together',
    });
  });

  test('shares even the last write unit while the table has no more than its reserve', async () => {
    const { clock, world, pace, warnings } = start(undefined, provisioned(5_000), undefined, undefined, 8);
    world.table = () => provisioned(0);
    await clock.advance(60_000);
    expect(pace.limiter.ratePerSecond).toBe(0.125);
    expect(warnings()).toEqual([expect.stringContaining('the rate is 0.13 write units a second until there is more')]);
  });
});
