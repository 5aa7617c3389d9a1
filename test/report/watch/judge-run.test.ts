import { expect, test } from 'vitest';
import { noTotals } from '../../../src/domain/run-totals.ts';
import { bottleneckAdvice, findBottleneck } from '../../../src/report/watch/judge-run.ts';
import { countRun } from '../../../src/report/watch/run-stats.ts';
import { deafTable, judgementOn, narrowLine, slowFirstAnswer, sometimesSlow } from './held-run.ts';

test('a run at its limit is well', async () => {
  expect(await judgementOn({ rows: 4000, rate: 1000 })).toEqual({
    bottleneck: 'limit',
    advice: 'the limit of 1,000 write units a second, so all is well; --wps or the rate file sets it',
  });
});

test('a table that throttles is to be raised, or asked for less', async () => {
  expect(await judgementOn({ rows: 4000, rate: 5000, wcu: 800 })).toEqual({
    bottleneck: 'table',
    advice: expect.stringMatching(
      /^the table( \(--memory-wcu is used up\))?: \d+ % of what is sent is refused; raise the capacity of the table \(--raise-wcu, aws dynamodb update-table\), or lower --wps$/,
    ),
  });
});

test('where all connections are busy and the limiter is idle, Little’s law says how many are needed', async () => {
  // 1,000 units a second in batches of 25 that take 0.5 s: 20 in flight, and a fifth more.
  expect(await judgementOn({ rows: 1000, rate: 1000, latencyMs: 500, concurrency: 4 })).toEqual({
    bottleneck: 'connections',
    advice: 'the connections: all 4 are busy, at 500 ms a request; try --concurrency 24',
  });
});

test('connections that a few slow requests keep busy are counted by the mean of all, not by the half', async () => {
  // 10 ms, and 1,000 ms more for one in ten: 110 ms on average, at 80 requests a second 8.8 in flight.
  const { advice } = await judgementOn({ rows: 4000, rate: 2000, concurrency: 4, through: sometimesSlow(1000) });
  const [, meanMs, better] = /all 4 are busy, at (\d+) ms a request; try --concurrency (\d+)$/.exec(advice)!;
  expect(Number(meanMs)).toBeGreaterThan(90);
  expect(Number(meanMs)).toBeLessThan(150);
  expect(Number(better)).toBeGreaterThanOrEqual(9);
});

test('without a limit twice as many connections are worth a try', async () => {
  expect(await judgementOn({ rows: 1000, latencyMs: 500, concurrency: 4 })).toMatchObject({
    advice: expect.stringMatching(/try --concurrency 8$/),
  });
});

test('a line that takes no more is the network, though all connections are busy', async () => {
  expect(await judgementOn({ rows: 8000, concurrency: 32, latencyMs: 4, through: narrowLine(100_000) })).toEqual({
    bottleneck: 'network',
    advice: 'the network: 1 Mb/s is the most that passed, requests queue; use a faster line, not more --concurrency',
  });
});

test('requests without an answer are the network too', async () => {
  const { bottleneck, advice } = await judgementOn({ rows: 3000, rate: 20_000, latencyMs: 100, through: deafTable() });
  expect(bottleneck).toBe('network');
  expect(advice).toMatch(/^the network: 2\d % of the requests fail \(time-out\); --request-timeout says/);
});

test('where nothing is answered, more connections are no remedy', async () => {
  const span = { ...noTotals, durationMs: 5000, permits: 5000, slotWaitMs: 5000 };
  const pace = { rateLimit: 20_000, askedRate: 20_000, indexSlowed: false };
  const run = { askedRate: 20_000, concurrency: 64, maxAhead: 100_000 };
  expect(findBottleneck(span, pace, { lowestMs: 0, lowestEverMs: 4, peakBytesPerSecond: 1e6 })).toBe('network');
  expect(bottleneckAdvice('network', span, run, pace, countRun().counted(), 1e6)).toBe(
    'the network: no request is answered; --request-timeout says how long to wait for an answer',
  );
});

test('at a limit, too, requests without an answer are what is wrong', async () => {
  expect(await judgementOn({ rows: 3000, rate: 500, latencyMs: 10, through: deafTable() })).toEqual({
    bottleneck: 'network',
    advice: expect.stringMatching(/^the network: 2\d % of the requests fail/),
  });
});

test('a thread that is never idle is the CPU, even where the limiter waits now and then', async () => {
  const advice = 'the CPU: a process uses one core, and it is busy; run several with --shard, such as --shard 1/4';
  expect(await judgementOn({ rows: 4000, latencyMs: 100, busy: 0.97 })).toEqual({ bottleneck: 'cpu', advice });
});

test('a busy thread that holds its limit all the same is well', async () => {
  expect(await judgementOn({ rows: 4000, rate: 1000, busy: 0.97 })).toMatchObject({ bottleneck: 'limit' });
});

test('a source that gives its rows slowly is waited for', async () => {
  expect(await judgementOn({ rows: 1000, sourcePauseMs: 900 })).toEqual({
    bottleneck: 'source',
    advice: 'the source: the next rows are waited for; a faster disk or pipe would help, a higher --wps would not',
  });
});

test('one row that is not done holds back all behind the window', async () => {
  expect(await judgementOn({ rows: 4000, maxAhead: 200, through: slowFirstAnswer(5000) })).toEqual({
    bottleneck: 'max-ahead',
    advice: 'rows that are not done: those behind them wait; --max-ahead 400 would read further',
  });
});

test('of a run too short to judge nothing is said', async () => {
  expect(await judgementOn({ rows: 25 })).toEqual({ bottleneck: 'none', advice: '' });
});
