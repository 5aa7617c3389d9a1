import { expect, test } from 'vitest';
import { ProgressGuard, RunControl } from '../../src/pipeline/run-control.ts';
import { FakeClock } from '../support/fake-clock.ts';

const stallTimeoutMs = 60_000;

/** `newKeysAtMs`: when the operator has put new credentials in place; `lookMs`: how long it takes to look for them. */
function start(newKeysAtMs = Number.POSITIVE_INFINITY, lookMs = 0) {
  const clock = new FakeClock();
  const stopper = new AbortController();
  const control = new RunControl(stopper.signal);
  const told: string[] = [];
  const looksMs: number[] = [];
  const guard = new ProgressGuard({
    ...{ clock, control, stallTimeoutMs, verb: 'written' },
    credentials: {
      renewCredentials: async () => {
        looksMs.push(clock.nowMs());
        if (lookMs > 0) await clock.sleep(lookMs);
        return clock.nowMs() >= newKeysAtMs;
      },
    },
    onPause: (reason) => told.push(`paused: ${reason}`),
    onGoOn: () => told.push('goes on'),
  });
  return { guard, clock, stopper, control, told, looksMs };
}

test('a run stalls when nothing gets through from the first failure to the time-out, and says what to do', async () => {
  const { guard, clock, control } = start();
  await clock.advance(500_000);
  guard.failed('the table throttles');
  await clock.advance(stallTimeoutMs / 2);
  guard.failed('the table throttles');
  await clock.advance(stallTimeoutMs / 2 - 1);
  guard.failed('the table throttles');
  expect(control.stopped).toBe(false);
  await clock.advance(1);
  guard.failed('no request gets through');
  expect(control.fault).toMatchObject({
    code: 'stalled',
    message: 'nothing was written for 60 s: no request gets through',
    hint: expect.stringContaining('--stall-timeout'),
  });
});

test('whatever gets through lets the time-out begin anew with the next failure', async () => {
  const { guard, clock, control } = start();
  guard.failed('throttled');
  await clock.advance(stallTimeoutMs - 1);
  guard.passed();
  await clock.advance(stallTimeoutMs);
  guard.failed('throttled');
  await clock.advance(stallTimeoutMs / 2);
  guard.failed('throttled');
  await clock.advance(stallTimeoutMs / 2 - 1);
  guard.failed('throttled');
  expect(control.stopped).toBe(false);
  await clock.advance(1);
  guard.failed('throttled');
  expect(control.fault).toMatchObject({ code: 'stalled' });
});

test('a process that was suspended for longer than the time-out goes on, and stalls if nothing gets through then', async () => {
  const { guard, clock, control } = start();
  guard.failed('throttled');
  await clock.advance(10 * stallTimeoutMs);
  guard.failed('time-out');
  expect(control.stopped).toBe(false);
  await clock.advance(stallTimeoutMs / 2);
  guard.failed('time-out');
  expect(control.fault).toMatchObject({ code: 'stalled' });
});

test('all batches wait for one renewal, which looks every 10 s', async () => {
  const { guard, clock, control, told, looksMs } = start(25_000);
  const ended: number[] = [];
  const renewed = [1, 2, 3].map(async (batch) => {
    await guard.renew(true, 'expired');
    ended.push(batch);
  });
  expect(guard.pause).toBeInstanceOf(Promise);
  await clock.advance(29_999);
  expect(ended).toEqual([]);
  await clock.advance(1);
  await Promise.all(renewed);
  expect(guard.pause).toBeUndefined();
  expect(looksMs).toEqual([0, 10_000, 20_000, 30_000]);
  expect(told).toEqual(['paused: expired', 'goes on']);
  expect(control.stopped).toBe(false);
});

test('credentials that stay expired are a stall', async () => {
  const { guard, clock, control } = start();
  await clock.runUntil(guard.renew(true, 'expired'));
  expect(clock.nowMs()).toBe(stallTimeoutMs);
  expect(control.fault).toMatchObject({ code: 'stalled', message: 'nothing was written for 60 s: expired' });
});

test('new credentials that expire at once, again and again, are a stall too', async () => {
  const { guard, clock, control } = start(0);
  for (let second = 0; second < 60; second++) {
    await clock.runUntil(guard.renew(true, 'expired'));
    await clock.advance(1_000);
  }
  expect(control.stopped).toBe(false);
  await clock.runUntil(guard.renew(true, 'expired'));
  expect(control.fault).toMatchObject({ code: 'stalled' });
});

test('credentials that can’t be renewed end the run at once, resumable', async () => {
  const { guard, control, told, looksMs } = start();
  await guard.renew(false, 'the keys have expired');
  expect(control.fault).toMatchObject({
    code: 'credentials-expired',
    message: 'the keys have expired',
    hint: 'Set new credentials, then resume.',
  });
  expect([told, looksMs]).toEqual([[], []]);
});

test('a run that is stopped does not wait for the next look', async () => {
  const { guard, clock, stopper, control, looksMs } = start();
  const renewed = guard.renew(true, 'expired');
  await clock.advance(15_000);
  stopper.abort();
  await renewed;
  expect(clock.nowMs()).toBe(15_000);
  expect(looksMs).toEqual([0, 10_000]);
  expect(control.fault).toBeUndefined();
});

test('a look for credentials that takes long is waited for, and not begun a second time meanwhile', async () => {
  const { guard, clock, control, looksMs } = start(0, 45_000);
  await clock.runUntil(guard.renew(true, 'expired'));
  expect(clock.nowMs()).toBe(45_000);
  expect(looksMs).toEqual([0]);
  expect(control.stopped).toBe(false);
});

test('a look for credentials that never ends is a stall, and holds up no stop', async () => {
  const stalled = start(0, 1e9);
  await stalled.clock.runUntil(stalled.guard.renew(true, 'expired'));
  expect(stalled.clock.nowMs()).toBeLessThan(stallTimeoutMs + 20_000);
  expect(stalled.control.fault).toMatchObject({ code: 'stalled' });

  const { guard, clock, stopper, control } = start(0, 1e9);
  const renewed = guard.renew(true, 'expired');
  await clock.advance(3_000);
  stopper.abort();
  await renewed;
  expect(clock.nowMs()).toBe(3_000);
  expect(control.fault).toBeUndefined();
});
