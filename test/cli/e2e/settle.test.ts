import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv, unlessEnded } from './dynamo-target.ts';

/** A run that was killed after some writes, and the waits that its resumes announce. */
async function killedRun(...flags: readonly string[]) {
  const { proxy, flags: target } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(500));
  const running = dir.spawn(['tokens.csv', ...target, '--run-dir', 'run', '--wps', '30', ...flags], { stdin: '' });
  await unlessEnded(
    running,
    proxy.until(({ received }) => received.items > 30),
  );
  running.child.kill('SIGKILL');
  await running.ended;
  const settings = () => JSON.parse(dir.read('run/manifest.json')).options;
  /** Killed again while it waits, or after its first write. */
  const resume = async (more: readonly string[], kill: 'waiting' | 'writing') => {
    const before = proxy.traffic.received.items;
    const resumed = dir.spawn(['--resume', 'run', ...more], { stdin: '' });
    await resumed.until("for the previous process's requests to expire");
    if (kill === 'writing')
      await unlessEnded(
        resumed,
        proxy.until(({ received }) => received.items > before),
      );
    resumed.child.kill('SIGKILL');
    const { stderr } = await resumed.ended;
    return Number(/waiting ([\d.]+) s for the previous/.exec(stderr)?.[1]);
  };
  return { resume, settings };
}

test('a resume waits for writes of the previous process, by the longer timeout of the two', async () => {
  const { resume, settings } = await killedRun('--request-timeout', '40s');
  expect(await resume([], 'waiting')).toBe(80);
  expect(await resume(['--request-timeout', '1s'], 'waiting')).toBe(80);
  expect(await resume(['--request-timeout', '50s'], 'waiting')).toBe(100);
  // None of them has written anything, so they wait for the first.
  expect(await resume([], 'waiting')).toBe(80);
  expect(settings()).not.toHaveProperty('settleMs');
});

test('a --settle or --request-timeout given on a resume is kept for the next', async () => {
  const { resume, settings } = await killedRun('--request-timeout', '2s', '--settle', '1ms');
  expect(await resume(['--settle', '50s'], 'waiting')).toBe(50);
  expect(await resume([], 'waiting')).toBe(50);
  expect(await resume(['--settle', '2ms', '--request-timeout', '3s'], 'writing')).toBe(0.002);
  expect(settings()).toMatchObject({ settleMs: 2, requestTimeoutMs: 3_000 });
  expect(await resume([], 'writing')).toBe(0.002);
});
