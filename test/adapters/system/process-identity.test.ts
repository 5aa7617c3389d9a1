import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { processIdentity } from '../../../src/adapters/system/process-identity.ts';

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

test('a process is the same whenever it is asked for', async () => {
  const first = await processIdentity(process.pid);
  expect(first).toMatchObject({ pid: process.pid, host: hostname() });
  expect(first!.startTime).not.toBe('');
  expect(await processIdentity(process.pid)).toEqual(first);
});

test('another process started at another time, on the same boot', async () => {
  const self = await processIdentity(process.pid);
  const other = await processIdentity(start('sleep', ['60']).pid!);
  expect(other!.startTime).not.toBe(self!.startTime);
  expect(other!.bootId).toBe(self!.bootId);
});

test('a name of a program that looks like the fields behind it changes nothing', async () => {
  // A thread of Node names itself after its title, which `ps` and /proc show in place of the program.
  const script = "process.title = ') Z 1 2 3'; console.log('named'); setInterval(() => {}, 1e6)";
  const child = start(process.execPath, ['-e', script]);
  await once(child.stdout!, 'data');
  const { startTime } = (await processIdentity(child.pid!))!;
  expect(startTime).toMatch(/^\d{2,}$|:/);
});

test('a process that ended is nobody', async () => {
  const child = start('true', []);
  await once(child, 'exit');
  expect(await processIdentity(child.pid!)).toBeUndefined();
});

test('a process that was killed and is not asked for by its parent is nobody', async () => {
  const parent = start('sh', ['-c', 'true & echo $!; exec sleep 60']);
  const [line] = await once(parent.stdout!, 'data');
  await vi.waitFor(async () => expect(await processIdentity(Number(line))).toBeUndefined(), 20_000);
});
