import { expect, test } from 'vitest';
import { figuresText, runFigures } from '../../src/report/run-figures.ts';
import { countRun } from '../../src/report/run-stats.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { accepted, rejectedOn, runOf } from './facts.ts';

test('a line tells rows, share, rate against limit, time left, throttles and rejects', async () => {
  const clock = new FakeClock();
  const live = { rowsRead: 0, storedBytesRead: 0 };
  const stats = countRun();
  const figures = runFigures(runOf(clock, live), stats);
  await clock.advance(1000);
  Object.assign(live, { rowsRead: 12_345, storedBytesRead: 3000 });
  stats.on(accepted(19_990));
  stats.on({ kind: 'batch-throttled', tokens: 25, permits: 25, reason: 'table', latencyMs: 1 });
  stats.on(rejectedOn(7));
  expect(figuresText(figures())).toBe(
    '12,345 rows   25 %   19,990/s of 20,000 write units   ETA 3 s   1 throttled   1 rejected',
  );
});

test('a resumed run begins at its share of the source and judges the time left by what it reads itself', async () => {
  const clock = new FakeClock();
  const live = { rowsRead: 50_000, storedBytesRead: 6000 };
  const figures = runFigures(runOf(clock, live), countRun());
  await clock.advance(10_000);
  live.storedBytesRead = 7000;
  expect(figures()).toMatchObject({ fraction: 0.5833, etaSeconds: 50 });
});

test('a source without a size has no share and no time left', async () => {
  const clock = new FakeClock();
  const live = { rowsRead: 10, storedBytesRead: 500, storedBytesTotal: undefined };
  const figures = runFigures({ ...runOf(clock, live), rateLimit: null }, countRun());
  await clock.advance(1000);
  expect(figuresText(figures())).toBe('10 rows   0/s write units');
});

test('a paused run says why instead of when it ends', async () => {
  const clock = new FakeClock();
  const stats = countRun();
  const figures = runFigures(runOf(clock), stats);
  stats.on({ kind: 'paused', reason: 'the credentials expired' });
  expect(figuresText(figures())).toBe('0 rows   0 %   paused: the credentials expired');
});
