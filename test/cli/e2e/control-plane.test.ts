import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDrippingServer } from '../../support/dripping-server.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv, unlessEnded } from './dynamo-target.ts';

test.each([
  { what: 'an import', args: ['tokens.csv', '--run-dir', 'run'] },
  { what: 'a plan', args: ['plan', 'tokens.csv'] },
  { what: 'a verification', args: ['verify', 'tokens.csv', '--run-dir', 'run'] },
  { what: 'a look at the capacity', args: ['capacity', 'show'] },
  { what: 'a change of capacity', args: ['capacity', 'set', '--wcu', '100'] },
])('one signal ends $what that waits for the table to be described', async ({ args }) => {
  const server = await startDrippingServer(50);
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const running = dir.spawn([...args, '--endpoint-url', server.url], { stdin: '' });
  await unlessEnded(running, server.asked);
  running.child.kill('SIGTERM');
  const { status, stderr } = await running.ended;
  expect({ status, stderr }).toEqual({ status: 143, stderr: expect.stringContaining('stopped by SIGTERM') });
  expect(existsSync(join(dir.path, 'run'))).toBe(false);
});

test('a table whose description arrives byte by byte counts as unreachable', async () => {
  const server = await startDrippingServer(50);
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const { status, stderr } = await dir.run(['tokens.csv', '--endpoint-url', server.url, '--run-dir', 'run']);
  expect(status).toBe(4);
  expect(stderr).toContain(`no answer from ${server.url} (none within 3 s)`);
  expect(existsSync(join(dir.path, 'run'))).toBe(false);
});
