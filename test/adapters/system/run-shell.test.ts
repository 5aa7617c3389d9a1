import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processIdentity } from '../../../src/adapters/system/process-identity.ts';
import { runShell } from '../../../src/adapters/system/run-shell.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { workDir } from '../../support/work-dir.ts';

const { signal } = new AbortController();
const { PATH } = process.env;

test('a command sees its environment, and says nothing when it succeeds', async () => {
  const dir = workDir();
  const limits = { clock: new FakeClock(), timeoutMs: 1000, signal };
  const env = { PATH, FILE: join(dir.path, 'out'), WORD: 'two words' };
  expect(await runShell('echo "$WORD" > "$FILE"', env, limits)).toBeUndefined();
  expect(dir.read('out')).toBe('two words\n');
  expect(limits.clock.pendingTimers).toBe(0);
});

test.each([
  ['exit 3', 'its exit code is 3'],
  ['no-such-command 2>/dev/null', 'its exit code is 127'],
  ['kill -KILL $$', 'it was ended by SIGKILL'],
])('a failure is told: %s', async (command, fault) => {
  expect(await runShell(command, { PATH }, { clock: new FakeClock(), timeoutMs: 1000, signal })).toBe(fault);
});

test('a command that takes too long is ended, with what it started', async () => {
  const dir = workDir();
  const clock = new FakeClock();
  const begun = join(dir.path, 'begun');
  const command = 'sleep 600 & echo $! > "$BEGUN"; wait';
  const running = runShell(command, { PATH, BEGUN: begun }, { clock, timeoutMs: 60_000, signal });
  await expect.poll(() => existsSync(begun) && dir.read('begun')).toMatch(/\d\n/);
  await clock.advance(60_000);
  expect(await running).toBe('it was ended after 60 s');
  const sleeping = Number(dir.read('begun'));
  await expect.poll(() => processIdentity(sleeping)).toBeUndefined();
  expect(clock.pendingTimers).toBe(0);
});

test('a command that ignores SIGTERM is killed two seconds later', async () => {
  const dir = workDir();
  const clock = new FakeClock();
  const begun = join(dir.path, 'begun');
  const command = 'trap "" TERM; echo > "$BEGUN"; while :; do sleep 600; done';
  const running = runShell(command, { PATH, BEGUN: begun }, { clock, timeoutMs: 1000, signal });
  await expect.poll(() => existsSync(begun)).toBe(true);
  await clock.advance(1000);
  await clock.advance(2000);
  expect(await running).toBe('it was ended after 1 s');
});

test('a signal that comes while the command runs ends it, one that came before does not', async () => {
  const stop = new AbortController();
  const limits = { clock: new FakeClock(), timeoutMs: 1000, signal: stop.signal };
  const running = runShell('sleep 600', { PATH }, limits);
  stop.abort('SIGINT');
  expect(await running).toBe('it was ended on SIGINT');
  expect(await runShell('true', { PATH }, limits)).toBeUndefined();
});
