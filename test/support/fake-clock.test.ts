import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';

test('timers fire in the order they fall due, each at its own time', async () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.setTimer(20, () => fired.push(`b at ${clock.nowMs()}`));
  clock.setTimer(10, () => fired.push(`a at ${clock.nowMs()}`));
  clock.setTimer(20, () => fired.push(`c at ${clock.nowMs()}`));
  clock.setTimer(31, () => fired.push('too late'));
  await clock.advance(30);
  expect(fired).toEqual(['a at 10', 'b at 20', 'c at 20']);
  expect(clock.nowMs()).toBe(30);
  expect(clock.pendingTimers).toBe(1);
});

test('a cancelled timer does not fire', async () => {
  const clock = new FakeClock();
  let fired = false;
  const cancel = clock.setTimer(5, () => {
    fired = true;
  });
  cancel();
  await clock.advance(10);
  expect(fired).toBe(false);
});

test('what a timer wakes runs before time moves on, and its timers count', async () => {
  const clock = new FakeClock();
  const times: number[] = [];
  const loop = async () => {
    for (let round = 0; round < 3; round++) {
      await clock.sleep(10);
      await Promise.resolve();
      times.push(clock.nowMs());
    }
  };
  const done = loop();
  await clock.advance(100);
  await done;
  expect(times).toEqual([10, 20, 30]);
});

test('a sleep ends when its signal aborts, at once if it was aborted before', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(1_000, controller.signal);
  controller.abort();
  await sleeping;
  await clock.sleep(1_000, controller.signal);
  expect(clock.nowMs()).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

test('runUntil jumps to the end of a promise and says when nothing can settle it', async () => {
  const clock = new FakeClock();
  const work = clock.sleep(70).then(() => 'done');
  expect(await clock.runUntil(work)).toBe('done');
  expect(clock.nowMs()).toBe(70);
  await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow('nothing is left to happen after 70 ms');
});

test('the wall clock moves with the fake clock', async () => {
  const clock = new FakeClock({ wallStartMs: 1_000 });
  await clock.advance(250);
  expect(clock.wallMs()).toBe(1_250);
});
