import { expect, test } from 'vitest';
import { noneDone } from '../../../src/domain/checkpoint.ts';
import { noTotals, type RunTotals } from '../../../src/domain/run-totals.ts';
import type { LiveFigures, RunSample } from '../../../src/report/watch/run-context.ts';
import { RunWatch } from '../../../src/report/watch/watch-run.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { accepted, rejectedOn } from '../facts.ts';

/** A run of 12,000 bytes, whose figures a test sets. */
function watched(change: Partial<LiveFigures> = {}, rowsWanted?: number, earlier?: RunTotals) {
  const clock = new FakeClock();
  const live: { -readonly [Name in keyof LiveFigures]: LiveFigures[Name] } = {
    ...noTotals,
    fates: noneDone,
    inFlight: 0,
    ratePerSecond: 20_000,
    storedBytesRead: 0,
    storedBytesTotal: 12_000,
    residentBytes: 100,
    heapBytes: 50,
    ...change,
  };
  const samples: RunSample[] = [];
  const watch = new RunWatch({
    ...{ clock, askedRate: 20_000, concurrency: 64, maxAhead: 100_000, rowsWanted, earlier },
    live: () => ({ ...live }),
    onSample: (sample) => samples.push(sample),
  });
  watch.begin();
  return { clock, live, samples, watch };
}

test('a resumed run begins at its share of the source and judges the time left by what it reads itself', async () => {
  const { clock, live, watch } = watched({ rowsRead: 50_000, rowsDone: 50_000, storedBytesRead: 6000 });
  await clock.advance(10_000);
  Object.assign(live, { rowsRead: 60_000, rowsDone: 60_000, storedBytesRead: 7000 });
  expect(watch.figures()).toMatchObject({ fraction: 0.5833, etaSeconds: 50 });
});

test('the totals of a resume tell its own rows and units apart from those of the run', async () => {
  const earlier = { ...noTotals, durationMs: 60_000, rowsRead: 50_000, rowsDone: 50_000, writeUnits: 49_000 };
  const { clock, live, watch } = watched({ rowsRead: 50_000, rowsDone: 50_000 }, undefined, earlier);
  watch.on(accepted(25));
  Object.assign(live, { rowsRead: 50_030, rowsDone: 50_025 });
  await clock.advance(10_000);
  const { thisProcess, wholeRun } = watch.figures();
  expect(thisProcess).toMatchObject({ durationMs: 10_000, rowsRead: 30, rowsDone: 25, writeUnits: 25 });
  expect(wholeRun).toMatchObject({ durationMs: 70_000, rowsRead: 50_030, rowsDone: 50_025, writeUnits: 49_025 });
});

test('rows that are read and not done are neither in the share nor in the time left', async () => {
  const { clock, live, watch } = watched();
  Object.assign(live, { rowsRead: 100, rowsDone: 20, storedBytesRead: 12_000 });
  await clock.advance(10_000);
  expect(watch.figures()).toMatchObject({ wholeRun: { rowsDone: 20 }, fraction: 0.2, etaSeconds: 40 });
});

test('where rows are read and none are done there is no time left to be told', async () => {
  const { clock, live, watch } = watched({ rowsRead: 1000, rowsDone: 1000, storedBytesRead: 6060 });
  await clock.advance(10_000);
  Object.assign(live, { rowsRead: 1100, rowsDone: 1000, storedBytesRead: 6600 });
  expect(watch.figures()).toMatchObject({ fraction: 0.5, etaSeconds: undefined });
});

test('where the reading ends with --max-rows, share and time left are those of these rows', async () => {
  const { clock, live, watch } = watched({ rowsRead: 100, rowsDone: 100, storedBytesRead: 120 }, 1000);
  await clock.advance(10_000);
  Object.assign(live, { rowsRead: 620, rowsDone: 600, storedBytesRead: 750 });
  expect(watch.figures()).toMatchObject({ fraction: 0.6, etaSeconds: 8 });
});

test('a source that ends before --max-rows is done with its last row', async () => {
  const { clock, live, watch } = watched({}, 1000);
  await clock.advance(10_000);
  Object.assign(live, { rowsRead: 400, rowsDone: 400, storedBytesRead: 12_000 });
  expect(watch.figures()).toMatchObject({ fraction: 1, etaSeconds: 0 });
});

test('every second has a sample, the last one what is left', async () => {
  const { clock, live, samples, watch } = watched();
  watch.on(accepted(25, { latencyMs: 4 }));
  watch.on(rejectedOn(3));
  Object.assign(live, { bytesSent: 5000, cpuMs: 120, loopBusyMs: 110, inFlight: 7 });
  await clock.advance(1000);
  watch.on(accepted(25, { latencyMs: 8, unprocessed: 5 }));
  await clock.advance(300);
  watch.close();
  await clock.advance(5000);
  expect(samples).toMatchObject([
    { durationMs: 1000, requestsSent: 1, bytesSent: 5000, cpuMs: 120, inFlight: 7, rateLimit: 20_000 },
    { durationMs: 300, requestsSent: 1, unprocessedItems: 5, bytesSent: 0 },
  ]);
  expect(samples.map(({ p50Ms }) => Math.round(p50Ms))).toEqual([4, 8]);
  expect(clock.pendingTimers).toBe(0);
});

test('what is before the beginning counts for nothing', async () => {
  const { clock, samples, watch } = watched();
  await clock.advance(500);
  watch.begin();
  await clock.advance(1000);
  watch.close();
  expect(samples.map(({ durationMs }) => durationMs)).toEqual([1000]);
});

test('latency and bytes a second are those of the last seconds', async () => {
  const { clock, live, watch } = watched();
  watch.on(accepted(25, { latencyMs: 900 }));
  live.bytesSent = 1_000_000;
  await clock.advance(6000);
  for (let second = 0; second < 6; second++) {
    watch.on(accepted(25, { latencyMs: 4 }));
    live.bytesSent += 2000;
    await clock.advance(1000);
  }
  const { latencyMs, bytesPerSecond } = watch.figures();
  expect([Math.round(latencyMs.p99), bytesPerSecond]).toEqual([4, 2000]);
});

test('the judgement of the whole run is what held it for most of its time', async () => {
  const { clock, live, watch } = watched();
  for (let second = 0; second < 40; second++) {
    live[second < 10 ? 'sourceWaitMs' : 'limiterWaitMs'] += 1000;
    await clock.advance(1000);
  }
  watch.close();
  expect(watch.judgement()).toEqual({
    bottleneck: 'limit',
    advice: 'the limit of 20,000 write units a second, so all is well; --wps or the rate file sets it',
  });
});
