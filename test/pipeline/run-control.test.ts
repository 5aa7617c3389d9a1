import { expect, test } from 'vitest';
import { RunControl } from '../../src/pipeline/run-control.ts';

const never = new AbortController().signal;

test('it stops for the signal, also one that came before it', () => {
  const stopper = new AbortController();
  const running = new RunControl(stopper.signal);
  expect([running.stopped, running.signal.aborted]).toEqual([false, false]);
  stopper.abort();
  expect([running.stopped, running.failed, running.signal.aborted]).toEqual([true, false, true]);
  const late = new RunControl(stopper.signal);
  expect([late.stopped, late.signal.aborted]).toEqual([true, true]);
});

test('it stops for the first fault, and keeps that one', () => {
  const control = new RunControl(never);
  control.fail('first');
  control.fail('second');
  expect([control.stopped, control.failed, control.fault, control.signal.aborted]).toEqual([true, true, 'first', true]);
});

test('those who asked are told when it stops, at once where it has', () => {
  const control = new RunControl(never);
  const told: string[] = [];
  control.onStop(() => told.push('before'));
  expect(told).toEqual([]);
  control.fail('a fault');
  control.onStop(() => told.push('after'));
  expect(told).toEqual(['before', 'after']);
});

test('a wait ends with its promise, or as soon as the run stops', async () => {
  const control = new RunControl(never);
  expect(await control.unlessStopped(Promise.resolve(5))).toBe(5);
  await expect(control.unlessStopped(Promise.reject(new Error('no')))).rejects.toThrow('no');
  const waiting = control.unlessStopped(new Promise(() => {}));
  control.fail('a fault');
  expect(await waiting).toBeUndefined();
  expect(await control.unlessStopped(Promise.reject(new Error('not awaited any more')))).toBeUndefined();
});
