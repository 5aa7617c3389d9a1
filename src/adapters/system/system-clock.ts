import { setMaxListeners } from 'node:events';
import type { Clock } from '../../ports/clock.ts';

/** Above this, `setTimeout` fires at once. */
const maxTimeoutMs = 2 ** 31 - 1;

/** The clock of this machine. A timer keeps the process alive until it fires or is cancelled. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer,
  sleep,
};

function setTimer(delayMs: number, callback: () => void): () => void {
  const dueMs = performance.now() + delayMs;
  let timer = setTimeout(fire, timeoutMs(delayMs));
  return () => clearTimeout(timer);

  // Node counts whole milliseconds, so it may fire a fraction too early, which the limiter must never do.
  function fire(): void {
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) callback();
    else timer = setTimeout(fire, timeoutMs(leftMs));
  }
}

function timeoutMs(delayMs: number): number {
  return Math.min(Math.ceil(delayMs), maxTimeoutMs);
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    // Every batch may wait at once, and Node would warn of a leak on the screen.
    if (signal !== undefined) setMaxListeners(0, signal);
    const wake = () => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = setTimer(delayMs, wake);
    signal?.addEventListener('abort', wake);
  });
}
