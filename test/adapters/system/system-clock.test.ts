import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('wall time is of the calendar, monotonic time goes on from any zero', () => {
  const startMs = systemClock.nowMs();
  vi.advanceTimersByTime(1500);
  expect(systemClock.wallMs()).toBe(1_700_000_001_500);
  expect(systemClock.nowMs() - startMs).toBe(1500);
});

test('a timer fires once, not before its delay', () => {
  let fired = 0;
  systemClock.setTimer(10.5, () => fired++);
  vi.advanceTimersByTime(10);
  expect(fired).toBe(0);
  vi.advanceTimersByTime(100);
  expect(fired).toBe(1);
});

test('a timer that Node fires a fraction early waits for the rest', () => {
  const startMs = performance.now();
  let early = true;
  // The clock that is read runs behind the one that fires timers, until it has been asked anew.
  vi.spyOn(performance, 'now').mockImplementation(
    () => startMs + (vi.getMockedSystemTime()!.getTime() - 1_700_000_000_000) - (early ? 0.4 : 0),
  );
  let fired = false;
  early = false;
  systemClock.setTimer(10, () => {
    fired = true;
  });
  early = true;
  vi.advanceTimersByTime(10);
  expect(fired).toBe(false);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(true);
  vi.restoreAllMocks();
});

test('a delay longer than a timer of Node can take is kept all the same', () => {
  const delayMs = 30 * 24 * 3600 * 1000;
  let fired = false;
  systemClock.setTimer(delayMs, () => {
    fired = true;
  });
  vi.advanceTimersByTime(delayMs - 1);
  expect(fired).toBe(false);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(true);
});

test('a cancelled timer never fires and holds nothing', () => {
  const cancel = systemClock.setTimer(10, () => {
    throw new Error('Expected the timer to be cancelled');
  });
  cancel();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(100);
});

test('a sleep ends after its delay, and lets go of its signal', async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(10, controller.signal);
  await vi.advanceTimersByTimeAsync(10);
  await sleeping;
  controller.abort();
  expect(vi.getTimerCount()).toBe(0);
});

test('a sleep ends at once when its signal aborts, or has aborted, and leaves no timer', async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(1e6, controller.signal);
  controller.abort();
  await sleeping;
  await systemClock.sleep(1e6, controller.signal);
  expect(vi.getTimerCount()).toBe(0);
});

test('as many sleeps as there are batches may share a signal without a warning', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  const controller = new AbortController();
  const sleeping = Array.from({ length: 64 }, () => systemClock.sleep(1e6, controller.signal));
  controller.abort();
  await Promise.all(sleeping);
  // Warnings are told when the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
