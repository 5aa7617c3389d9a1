import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const rehearsal = ['--repository', 'memory', '--key', 'token', '--settle', '0ms', '--run-dir', 'run'];

/** Tells what the command of `--on-end` is given, a line for each time it is run. */
const onEnd = ['--on-end', 'echo "$IMPORT_TOKENS_EXIT_CODE $IMPORT_TOKENS_SUMMARY" >> end.txt'];

test('--on-end is run once with the path of the summary and the exit code', async () => {
  const dir = workDir();
  dir.write('tokens.csv', `${tokensCsv(10)}ragged\n`);
  const { status } = await dir.run(['tokens.csv', ...rehearsal, ...onEnd]);
  expect(status).toBe(5);
  expect(dir.read('end.txt')).toBe(`5 ${join(dir.path, 'run/summary.json')}\n`);
  expect(JSON.parse(dir.read('run/summary.json'))).toMatchObject({ exitCode: 5, rows: { read: 11 } });
});

test('a command that fails is a warning, and its output does not get into the result', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(10));
  const { status, stdout, stderr } = await dir.run([
    'tokens.csv',
    ...rehearsal,
    '--json',
    ...['--on-end', 'echo said by the command; exit 3'],
  ]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'completed' });
  expect(stderr).toContain('said by the command\n');
  expect(stderr).toContain('the command of --on-end failed: its exit code is 3');
});

test('a run that is stopped runs the command, too', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(4000));
  const running = dir.spawn(['tokens.csv', ...rehearsal, '--wps', '25', ...onEnd]);
  await expect.poll(() => existsSync(join(dir.path, 'run/checkpoint.json')), { timeout: 20_000 }).toBe(true);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 143 });
  expect(dir.read('end.txt')).toBe(`143 ${join(dir.path, 'run/summary.json')}\n`);
  expect(existsSync(join(dir.path, 'run/summary.json'))).toBe(true);
});

test('a run that fails without a summary is not given the one of an earlier process', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(50));
  expect(await dir.run(['tokens.csv', ...rehearsal, '--max-rows', '20', ...onEnd])).toMatchObject({ status: 0 });
  rmSync(join(dir.path, 'run/run.log'));
  mkdirSync(join(dir.path, 'run/run.log'));
  const failed = await dir.run(['--resume', 'run', '--max-rows', 'all', ...onEnd]);
  expect(failed.status).toBe(4);
  expect(dir.read('end.txt')).toBe(`0 ${join(dir.path, 'run/summary.json')}\n4 \n`);
});

test('a run that never began runs no command', async () => {
  const dir = workDir();
  expect(await dir.run(['none.csv', ...rehearsal, ...onEnd])).toMatchObject({ status: 4 });
  expect(existsSync(join(dir.path, 'end.txt'))).toBe(false);
});
