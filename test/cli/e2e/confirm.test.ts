import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importerCommand } from '../../support/importer-command.ts';
import { type Running, type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

/** util-linux's `script` gives a command a terminal; those of other systems take other flags. */
const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const whereTerminals = test.skipIf(!hasTerminals);

test('without a terminal and without --yes nothing is written, whatever stands on standard input', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const refused = 'hint: Pass --yes to import into tokens (000000000000, us-east-1).\n';
  for (const [sources, stdin, why] of [
    [['tokens.csv'], 'y\ny\n', 'not a terminal'],
    [['tokens.csv'], '', 'not a terminal'],
    [['-'], tokensCsv(2), 'standard input holds the rows'],
  ] as const) {
    const { status, stderr, stdout } = await dir.run([...sources, ...flags, '--run-dir', 'run'], {
      mayAsk: true,
      stdin,
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${why}, so nothing was asked\n${refused}`);
    expect(existsSync(`${dir.path}/run`)).toBe(false);
  }
  expect(itemsReceived()).toBe(0);

  const told = await dir.run(['tokens.csv', ...flags, '-y']);
  expect(told.stderr).not.toContain('[y/N]');
  expect(told.status).toBe(0);
  expect(itemsReceived()).toBe(2);
});

test('a resume without a terminal needs --yes as well, and a rehearsal never does', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(4));
  const args = ['tokens.csv', ...flags, '--run-dir', 'run', '--max-rows', '2', '--yes'];
  expect(await dir.run(args)).toMatchObject({ status: 0 });
  const resume = ['--resume', 'run', '--max-rows', '4'];
  expect(await dir.run(resume, { mayAsk: true })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('not a terminal, so nothing was asked'),
  });
  expect(itemsReceived()).toBe(2);
  expect(await dir.run([...resume, '--yes'])).toMatchObject({ status: 0 });
  expect(itemsReceived()).toBe(4);

  const rehearsal = ['tokens.csv', '--repository', 'memory', '--run-dir', 'rehearsal', '--max-rows', '2'];
  expect(await dir.run(rehearsal, { mayAsk: true })).toMatchObject({ status: 0 });
  expect(await dir.run(['--resume', 'rehearsal', '--max-rows', '4'], { mayAsk: true })).toMatchObject({ status: 0 });
});

whereTerminals('on a terminal (by util-linux script) a yes after the facts lets the import go on', async () => {
  const { table, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const running = onTerminal(dir, ['tokens.csv', ...flags]);
  await running.until('? [y/N]');
  expect(running.stdout()).toMatch(/a put +replaces the whole item/);
  expect(running.stdout()).toContain('Go on with table tokens (000000000000, us-east-1)? [y/N] ');
  expect(table.itemCount).toBe(0);
  running.child.stdin.write('y\n');
  const { status, stdout } = await running.ended;
  expect(stdout).toContain('Completed: every row is in table tokens.');
  expect(status).toBe(0);
  expect(table.itemCount).toBe(2);
});

whereTerminals.each(['n', '', 'yeah'])(
  'on a terminal the answer "%s" is no: exit code 7, nothing is written',
  async (answer) => {
    const { itemsReceived, flags } = await dynamoTarget();
    const dir = workDir();
    dir.write('tokens.csv', tokensCsv(2));
    const running = onTerminal(dir, ['tokens.csv', ...flags, '--run-dir', 'run']);
    await running.until('? [y/N]');
    running.child.stdin.write(`${answer}\n`);
    const { status, stdout } = await running.ended;
    expect(stdout).toContain('error: not confirmed: nothing was written');
    expect(stdout).toContain('hint: Answer y to go on, or pass --yes.');
    expect(status).toBe(7);
    expect(itemsReceived()).toBe(0);
    expect(existsSync(`${dir.path}/run`)).toBe(false);
  },
);

whereTerminals('Ctrl-C while the question stands ends it with 130 and a word, nothing is written', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const running = onTerminal(dir, ['tokens.csv', ...flags, '--run-dir', 'run']);
  await running.until('? [y/N]');
  running.child.stdin.write('\u0003');
  const { status, stdout } = await running.ended;
  expect(stdout.slice(stdout.indexOf('[y/N]'))).toMatch(
    /^\[y\/N\] (\^C)?\r\nerror: stopped by SIGINT before the first write\r\n$/,
  );
  expect(status).toBe(130);
  expect(itemsReceived()).toBe(0);
  expect(existsSync(`${dir.path}/run`)).toBe(false);
});

whereTerminals('on a terminal nothing is asked with --yes', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const running = onTerminal(dir, ['tokens.csv', ...flags, '--yes']);
  const { status, stdout } = await running.ended;
  expect(stdout).not.toContain('[y/N]');
  expect(status).toBe(0);
});

whereTerminals('on a terminal it asks also when its outputs are piped into tee', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const running = onTerminal(dir, ['tokens.csv', ...flags, '2>&1', '|', 'tee', 'said.txt']);
  await running.until('? [y/N]');
  expect(itemsReceived()).toBe(0);
  running.child.stdin.write('y\n');
  await running.ended;
  expect(itemsReceived()).toBe(2);
  expect(dir.read('said.txt')).toContain('Go on with table tokens (000000000000, us-east-1)? [y/N] ');
});

whereTerminals('on a terminal the question is seen also when standard error goes to a file', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const running = onTerminal(dir, ['tokens.csv', ...flags, '2>', 'said.txt']);
  await running.until('Go on with table tokens (000000000000, us-east-1)? [y/N] ');
  running.child.stdin.write('n\n');
  const { status } = await running.ended;
  expect(status).toBe(7);
  expect(itemsReceived()).toBe(0);
});

/** The importer on a terminal of its own; all output is in `stdout`. */
function onTerminal(dir: WorkDir, args: readonly string[]): Running {
  const importer = importerCommand();
  const command = [importer.file, ...importer.args, ...args].join(' ');
  const script = dir.write(
    'on-terminal.cjs',
    `const { spawnSync } = require('node:child_process');
    const { status } = spawnSync('script', ['-qec', ${JSON.stringify(command)}, '/dev/null'], { stdio: 'inherit' });
    process.exit(status);`,
  );
  return dir.spawn([], { script, env: { SHELL: '/bin/sh', TERM: 'xterm' } });
}
