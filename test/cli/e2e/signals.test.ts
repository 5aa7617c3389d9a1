import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runsEveryCase } from '../../support/importer-command.ts';
import { silentPipe } from '../../support/silent-pipe.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv, unlessEnded } from './dynamo-target.ts';

const rowCount = 1500;

const endings = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

test.concurrent.for(runsEveryCase ? endings : endings.slice(0, 1))(
  '%s stops the import with exit code %i, and the command it prints completes the table',
  async ([signal, code], { onTestFinished }) => {
    const { proxy, table, flags } = await dynamoTarget({}, {}, onTestFinished);
    const dir = workDir({ keep: true });
    onTestFinished(dir.remove);
    dir.write('tokens.csv', tokensCsv(rowCount));
    const running = dir.spawn(['tokens.csv', ...flags, '--wps', '750'], { stdin: '' });
    await unlessEnded(
      running,
      proxy.until(({ written }) => written.items >= 100),
    );
    running.child.kill(signal);
    const stopped = await running.ended;
    const inTable = table.itemCount;
    const resumed = await dir.run(resumeArguments(stopped.stdout));
    const files = dir.read(`${resumeArguments(stopped.stdout)[1]}/checkpoint.json`);

    expect(stopped.status).toBe(code);
    expect(stopped.stderr).toContain(`stopping on ${signal}: what is in flight ends first`);
    expect(stopped.stdout).toContain(`${inTable} written`);
    expect(inTable).toBeLessThan(rowCount);
    expect(JSON.parse(files)).toBeTruthy();
    expect({ status: resumed.status, stderr: resumed.status === 0 ? '' : resumed.stderr }).toEqual({
      status: 0,
      stderr: '',
    });
    expect(resumed.stdout).toContain('1,500 read = 1,500 written');
    expect(table.itemCount).toBe(rowCount);
    // What was written before the stop is not written again.
    expect(proxy.traffic.written.items).toBe(rowCount);
  },
);

test.each([
  { what: 'an import', args: [], says: 'stopped by SIGTERM before the first write' },
  { what: 'a verification', args: ['verify'], says: 'stopped by SIGTERM' },
])('one signal ends $what that waits for the first row of a silent pipe', async ({ args, says }) => {
  const dir = workDir();
  const pipe = silentPipe(dir);
  const { flags } = await dynamoTarget();
  const running = dir.spawn([...args, pipe.path, ...flags, '--run-dir', 'run'], { stdin: '' });
  await unlessEnded(running, pipe.opened);
  running.child.kill('SIGTERM');
  const { status, stderr } = await running.ended;
  expect({ status, stderr }).toEqual({ status: 143, stderr: expect.stringContaining(says) });
  expect(existsSync(join(dir.path, 'run'))).toBe(false);
});

test.each([
  { what: 'an import', args: ['tokens.csv', '--run-dir', 'run'] },
  { what: 'a verification', args: ['verify', 'tokens.csv', '--run-dir', 'run'] },
  { what: 'a look at the capacity', args: ['capacity', 'show'] },
])('one signal ends $what that waits for the program that gives the credentials', async ({ args }) => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1));
  const asked = silentPipe(dir);
  // It waits for the end of its input, which comes with the end of the importer. A binary under test has no PATH.
  dir.write('keys.sh', `/bin/cat ${asked.path} & /bin/cat; kill $!`);
  dir.write('.aws/config', '[default]\nregion = us-east-1\ncredential_process = /bin/sh keys.sh\n');
  const env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const running = dir.spawn(args, { stdin: '', env });
  await unlessEnded(running, asked.opened);
  running.child.kill('SIGTERM');
  const { status, stderr } = await running.ended;
  expect({ status, stderr }).toEqual({ status: 143, stderr: expect.stringContaining('stopped by SIGTERM') });
});

test('a second signal ends it at once, and --resume completes the table', async () => {
  const { proxy, table, flags } = await dynamoTarget({}, { faults: { hang: 1 } });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(rowCount));
  const running = dir.spawn(['tokens.csv', ...flags, '--run-dir', 'run', '--settle', '100ms'], { stdin: '' });
  await unlessEnded(
    running,
    proxy.until(({ received }) => received.items > 0),
  );
  running.child.kill('SIGINT');
  await running.until('press Ctrl-C again to exit at once');
  running.child.kill('SIGINT');
  const { status, stdout } = await running.ended;
  expect({ status, stdout }).toEqual({ status: 130, stdout: '' });

  proxy.setFaults({});
  const resumed = await dir.run(['--resume', 'run', '--wps', '100000']);
  expect(resumed.status).toBe(0);
  expect(table.itemCount).toBe(rowCount);
});

test('a finished run that is resumed repeats its exit code and writes nothing', async () => {
  const { proxy, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `${tokensCsv(2)}ragged\n`);
  const first = await dir.run(['tokens.csv', ...flags, '--run-dir', 'run']);
  const again = await dir.run(['--resume', 'run']);
  expect([first.status, again.status]).toEqual([5, 5]);
  expect(again.stderr).toContain('this run is finished');
  expect(proxy.traffic.received.items).toBe(2);
});

/** The arguments of the command that the summary prints. */
function resumeArguments(stdout: string): string[] {
  const command = /^ {2}import-tokens (.*)$/m.exec(stdout)?.[1];
  if (command === undefined) throw new Error(`no resume command in:\n${stdout}`);
  return command.split(' ');
}
