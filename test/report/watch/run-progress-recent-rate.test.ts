import { expect, test } from 'vitest';
import { recentRate } from '../../../src/report/watch/run-progress.ts';

test('one total gives no rate', () => {
  const rate = recentRate(5000);
  expect(rate.perSecond()).toBeUndefined();
  rate.add(0, 100);
  expect(rate.perSecond()).toBeUndefined();
});

test('the rate is that of the window, not of the whole run', () => {
  const rate = recentRate(5000);
  let total = 0;
  for (let atMs = 0; atMs <= 20_000; atMs += 250) {
    rate.add(atMs, total);
    total += atMs < 10_000 ? 25 : 250;
  }
  expect(rate.perSecond()).toBe(1000);
});

test('what was counted before the first total is not part of the rate', () => {
  const rate = recentRate(5000);
  rate.add(1000, 5_000_000);
  rate.add(2000, 5_000_100);
  expect(rate.perSecond()).toBe(100);
});

test('totals told more seldom than the window still give a rate', () => {
  const rate = recentRate(5000);
  rate.add(0, 0);
  rate.add(60_000, 6000);
  rate.add(120_000, 18_000);
  expect(rate.perSecond()).toBe(200);
});
