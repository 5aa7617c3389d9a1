import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeRunLock } from '../../../src/adapters/file/run/run-lock.ts';
import { processIdentity } from '../../../src/adapters/system/process-identity.ts';
import { abandonedClaim } from '../../../src/compose/run/resume-run.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { workDir } from '../../support/work-dir.ts';

const onShare = () => Promise.resolve(false);

/** A run whose process holds the folder from another machine, on storage that both mount. */
function heldElsewhere(): { readonly folder: string; progress(atMs: number): void } {
  const folder = workDir().path;
  const claim = { pid: 7, startTime: '1', bootId: 'another-machine', pidNamespace: 'pid:[1]', host: 'node-7' };
  writeFileSync(join(folder, 'lock.1'), `${JSON.stringify(claim)}\n`);
  const progress = (atMs: number) => writeFileSync(join(folder, 'progress.json'), `{"atMs":${atMs}}`);
  progress(0);
  return { folder, progress };
}

/** A clock whose sleeps are over at once, and tell how late it is. */
class HastyClock extends FakeClock {
  readonly #onSleep: (nowMs: number) => void;
  #sleptMs = 0;

  constructor(onSleep: (nowMs: number) => void = () => {}) {
    super();
    this.#onSleep = onSleep;
  }

  override nowMs(): number {
    return this.#sleptMs;
  }

  override async sleep(delayMs: number): Promise<void> {
    this.#sleptMs += delayMs;
    this.#onSleep(this.#sleptMs);
  }
}

function attempt(
  folder: string,
  clock: HastyClock,
  signal = new AbortController().signal,
): Promise<string | undefined> {
  return abandonedClaim(folder, { pid: process.pid, signal, warn: () => {} }, { clock, isLocal: onShare });
}

async function take(folder: string, abandoned?: string): Promise<void> {
  const lock = await takeRunLock(folder, process.pid, processIdentity, onShare, abandoned);
  onTestFinished(() => lock.release());
}

test('a folder held from another machine is taken over after a minute without a sign of that run', async () => {
  const { folder } = heldElsewhere();
  const clock = new HastyClock();
  await expect(take(folder)).rejects.toMatchObject({ code: 'run-locked' });
  const abandoned = await attempt(folder, clock);
  expect(clock.nowMs()).toBe(60_000);
  await take(folder, abandoned);
  expect(abandoned).toContain('node-7');
});

test('a run on another machine that still writes its figures keeps its folder', async () => {
  const { folder, progress } = heldElsewhere();
  const clock = new HastyClock((nowMs) => {
    if (nowMs === 59_000) progress(nowMs);
  });
  const abandoned = await attempt(folder, clock);
  expect({ abandoned, waitedMs: clock.nowMs() }).toEqual({ abandoned: undefined, waitedMs: 59_000 });
  await expect(take(folder, abandoned)).rejects.toMatchObject({ code: 'run-locked' });
});

test('a claim that was made meanwhile is not the abandoned one', async () => {
  const { folder } = heldElsewhere();
  const abandoned = await attempt(folder, new HastyClock());
  const claim = { ...JSON.parse(abandoned!), host: 'node-8' };
  writeFileSync(join(folder, 'lock.2'), `${JSON.stringify(claim)}\n`);
  await expect(take(folder, abandoned)).rejects.toMatchObject({ message: expect.stringContaining('node-8') });
});

test('a signal ends the wait without taking the folder over', async () => {
  const { folder } = heldElsewhere();
  const stop = new AbortController();
  const clock = new HastyClock((nowMs) => {
    if (nowMs === 5000) stop.abort('SIGTERM');
  });
  expect(await attempt(folder, clock, stop.signal)).toBeUndefined();
  expect(clock.nowMs()).toBe(5000);
});

test('a folder that nobody holds, or a process that has ended here, is not waited for', async () => {
  const clock = new HastyClock();
  expect(await attempt(workDir().path, clock)).toBeUndefined();
  expect(clock.nowMs()).toBe(0);
});
