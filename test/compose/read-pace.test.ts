import { expect, test } from 'vitest';
import { openReadPace } from '../../src/compose/read-pace.ts';
import { BatchReader } from '../../src/pipeline/read-batch.ts';
import { RunControl } from '../../src/pipeline/run-control.ts';
import type { ReadResult } from '../../src/ports/token-reader.ts';
import { tokenOf } from '../pipeline/tokens.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Capacity } from '../support/fault-proxy/capacity.ts';
import { seededRandom } from '../support/seeded-random.ts';

const table = 'tokens';
const rcu = 1_000;
const unitsOfItem = 0.5;

/** Readers without end, on a table that serves just so many read units a second and hands back or throttles the rest. */
function start(servedUnits: number | undefined, seed: number) {
  const clock = new FakeClock();
  const random = seededRandom(seed);
  const control = new RunControl(new AbortController().signal);
  const capacity = new Capacity(() => clock.nowMs());
  const serve = (writeUnits: number) => capacity.set({ table, writeUnits });
  if (servedUnits !== undefined) serve(servedUnits);
  const warnings: string[] = [];
  const answers: { readonly atMs: number; readonly sent: number; readonly served: number }[] = [];
  const { pace, maxTokens } = openReadPace({
    ...{ clock, unitsOfItem, readUnitsPerSecond: rcu, maxBatchTokens: 100 },
    warn: (message) => void warnings.push(message),
  });
  control.onStop(() => pace.limiter.stop());
  const batchReader = new BatchReader({
    ...{ clock, control, random, pace, maxTokens, limiter: pace.limiter, stallTimeoutMs: 60_000, warn: () => {} },
    reader: {
      maxBatchTokens: 100,
      encoder: () => ({ encode: () => undefined, bodyBytes: () => 0 }),
      readUnitsOf: () => unitsOfItem,
      async read(tokens): Promise<ReadResult> {
        await clock.sleep(8 * (0.75 + random() / 2));
        const served = tokens.filter(() => capacity.take(table, { table: unitsOfItem, indexes: {} }).length === 0);
        const [sent, got] = [tokens.length * unitsOfItem, served.length * unitsOfItem];
        answers.push({ atMs: clock.nowMs(), sent, served: got });
        if (got === 0) return { kind: 'throttled', reason: 'no capacity' };
        return {
          kind: 'read',
          verdicts: new Map(served.map((token) => [token, { kind: 'equal' }])),
          consumedReadUnits: got,
        };
      },
      close: async () => {},
    },
  });
  const readOn = async () => {
    let ordinal = 0;
    while (!control.stopped) await batchReader.read(Array.from({ length: 100 }, () => tokenOf(ordinal++)));
  };
  const reading = Promise.all(Array.from({ length: 32 }, readOn));
  /** Read units a second between two moments, in seconds. */
  const flow = (from: number, until: number) => {
    const within = answers.filter(({ atMs }) => atMs >= from * 1000 && atMs < until * 1000);
    const perSecond = (of: 'sent' | 'served') => within.reduce((sum, one) => sum + one[of], 0) / (until - from);
    const requests = within.length / (until - from);
    return { sent: perSecond('sent'), served: perSecond('served'), unitsOfRequest: perSecond('sent') / requests };
  };
  const stop = async () => {
    control.fail('the end of the test');
    pace.stop();
    await clock.runUntil(reading);
  };
  return { clock, pace, maxTokens, serve, warnings, flow, stop };
}

test.each([1, 2, 3])(
  'a table that serves a fifth of --rcu is asked for little more, and for all again when it serves that (seed %i)',
  async (seed) => {
    const { clock, pace, serve, warnings, flow, stop } = start(rcu / 5, seed);
    await clock.advance(30_000);
    const slow = flow(10, 30);
    expect(slow.served).toBeGreaterThan(0.9 * (rcu / 5));
    expect(slow.sent).toBeLessThan(1.3 * (rcu / 5));
    // Batches were formed for the full rate; what is asked for at once follows the lower one.
    expect(slow.unitsOfRequest).toBeLessThan(0.1 * (rcu / 5));

    serve(2 * rcu);
    await clock.advance(20_000);
    expect(pace.ratePerSecond).toBe(rcu);
    expect(flow(45, 50).served).toBeGreaterThan(0.95 * rcu);
    expect(warnings).toEqual([
      expect.stringMatching(/^the table throttles: slowed to \d+ read units a second/),
      'back at 1,000 read units a second',
    ]);
    await stop();
    expect(clock.pendingTimers).toBe(0);
  },
);

test('a table that serves --rcu is read at that rate, in requests of a twentieth of it at most', async () => {
  const { clock, pace, maxTokens, warnings, flow, stop } = start(undefined, 1);
  await clock.advance(10_000);
  expect(flow(1, 10).served).toBeGreaterThan(0.98 * rcu);
  expect(flow(1, 10).served).toBeLessThan(1.01 * rcu);
  expect(maxTokens()).toBeGreaterThan((rcu * 0.04) / unitsOfItem);
  expect(maxTokens()).toBeLessThanOrEqual((rcu * 0.05) / unitsOfItem);
  expect([pace.ratePerSecond, warnings]).toEqual([rcu, []]);
  await stop();
});
