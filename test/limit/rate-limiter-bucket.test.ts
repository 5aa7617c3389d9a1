import { expect, test } from 'vitest';
import { TokenBucket } from '../../src/limit/rate-limiter.ts';

function tryTake(bucket: TokenBucket, permits: number, nowMs: number): boolean {
  const areAvailable = bucket.waitMs(permits, nowMs) === 0;
  if (areAvailable) bucket.charge(permits, nowMs);
  return areAvailable;
}

test('a full bucket gives its burst at once and no more', () => {
  const bucket = new TokenBucket(100, 25, 0);
  expect(tryTake(bucket, 20, 0)).toBe(true);
  expect(tryTake(bucket, 6, 0)).toBe(false);
  expect(tryTake(bucket, 5, 0)).toBe(true);
});

test('a refused request takes nothing and is told how long it has to wait', () => {
  const bucket = new TokenBucket(100, 25, 0);
  tryTake(bucket, 25, 0);
  expect(bucket.waitMs(10, 0)).toBe(100);
  expect(bucket.waitMs(10, 60)).toBe(40);
  expect(tryTake(bucket, 10, 99)).toBe(false);
  expect(tryTake(bucket, 10, 100)).toBe(true);
});

test('idle time is not saved up beyond the burst', () => {
  const bucket = new TokenBucket(100, 25, 0);
  expect(tryTake(bucket, 25, 60_000)).toBe(true);
  expect(tryTake(bucket, 1, 60_000)).toBe(false);
});

test('a request above the burst passes a full bucket, and its debt is waited out', () => {
  const bucket = new TokenBucket(100, 25, 0);
  expect(tryTake(bucket, 125, 0)).toBe(true);
  expect(bucket.waitMs(1, 0)).toBe(1010);
  expect(bucket.waitMs(125, 0)).toBe(1250);
});

test('a clock that goes back gives nothing', () => {
  const bucket = new TokenBucket(100, 25, 1000);
  tryTake(bucket, 25, 1000);
  expect(tryTake(bucket, 1, 500)).toBe(false);
  expect(bucket.waitMs(1, 1000)).toBe(10);
});

test('what was used stays used when the burst changes', () => {
  const bucket = new TokenBucket(1000, 50, 0);
  tryTake(bucket, 40, 0);
  bucket.setRate(100, 10, 0);
  expect(bucket.waitMs(10, 0)).toBe(400);
  bucket.setRate(1000, 50, 0);
  expect(tryTake(bucket, 11, 0)).toBe(false);
  expect(tryTake(bucket, 10, 0)).toBe(true);
});
