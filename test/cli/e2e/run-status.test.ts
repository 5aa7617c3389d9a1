import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

async function statusOf(dir: WorkDir): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await dir.run(['status', 'run', '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('another session sees a run during it, after a kill and after its end', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3000));
  const rehearsal = ['--repository', 'memory', '--settle', '0ms'];
  const running = dir.spawn(['tokens.csv', ...rehearsal, '--wps', '400', '--run-dir', 'run']);
  await running.until('a rehearsal');

  let seen = await statusOf(dir);
  while (seen['figures'] === undefined || seen['counts'] === undefined) seen = await statusOf(dir);
  expect(seen).toMatchObject({ version: 1, state: 'running', figures: { rateLimit: 400, concurrency: 64 } });
  const shown = await dir.run(['status', 'run'], { env: { LANG: 'C.UTF-8' } });
  expect(shown.stdout).toMatch(/^The import is running\.\n█+░* .*rows/);
  expect(shown.stdout).toMatch(
    /in flight[\s\S]*\n {2}as of +.* ago\n {2}table [\s\S]*\n {2}checkpoint +[\d,]+ rows done, 0 of them rejected\n/,
  );
  const early = await dir.run(['report', 'run']);
  expect(early).toMatchObject({ status: 0, stdout: `${join(dir.path, 'run', 'report.html')}\n` });
  expect(dir.read('run/report.html')).toContain('The import is running.');

  running.child.kill('SIGKILL');
  await running.ended;
  expect(await statusOf(dir)).toMatchObject({ state: 'gone', resumeCommand: 'import-tokens --resume run' });
  const { stdout: gone } = await dir.run(['status', 'run']);
  expect(gone).toMatch(
    /^The process ended without a word[\s\S]*To continue the import:\n {2}import-tokens --resume run\n$/,
  );

  const { status } = await dir.run(['--resume', 'run', '--wps', '100000']);
  expect(status).toBe(0);
  const ended = await statusOf(dir);
  expect(ended).toMatchObject({ state: 'ended', summary: { outcome: 'completed', rows: { read: 3000 } } });
  expect((await dir.run(['status', 'run'])).stdout).toMatch(/^Completed: every row went through\.\n/);
  const page = dir.read('run/report.html');
  expect(page).toContain('in 2 runs');
  // Also of the options of the first process.
  expect(page).toContain('<code>--repository</code></td><td>memory <small>given</small>');
  expect(page).toContain('3,000 rows were read, and each is accounted for: none is missing.');
  expect(statSync(join(dir.path, 'run', 'report.html')).mode & 0o777).toBe(0o600);
});

test('a killed resume with a higher --max-rows is followed by one that reads as far', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3000));
  const canary = ['tokens.csv', '--repository', 'memory', '--settle', '0ms', '--run-dir', 'run', '--max-rows', '100'];
  expect(await dir.run(canary)).toMatchObject({ status: 0 });

  const further = dir.spawn(['--resume', 'run', '--max-rows', '2500', '--wps', '200']);
  await further.until('a rehearsal');
  let seen = await statusOf(dir);
  const rowsRead = () => (seen['figures'] as { wholeRun: { rowsRead: number } } | undefined)?.wholeRun.rowsRead ?? 0;
  while (rowsRead() <= 100) seen = await statusOf(dir);
  further.child.kill('SIGKILL');
  await further.ended;

  const { resumeCommand } = await statusOf(dir);
  expect(resumeCommand).toBe('import-tokens --resume run');
  expect(await dir.run(['--resume', 'run', '--wps', '100000'])).toMatchObject({ status: 0 });
  expect(JSON.parse(dir.read('run/summary.json'))).toMatchObject({ rows: { read: 2500, written: 2500, pending: 0 } });
});

test('a resume killed before its first figures does not show the end of the previous process', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(300));
  const canary = ['tokens.csv', '--repository', 'memory', '--run-dir', 'run', '--max-rows', '100'];
  expect(await dir.run(canary)).toMatchObject({ status: 0 });
  const { begunMs, ...ended } = await statusOf(dir);
  expect(ended).toMatchObject({ state: 'ended', summary: { rows: { read: 100 } } });
  // A resume that its reject files refuse has begun, and has changed nothing.
  const { progress } = JSON.parse(dir.read('run/checkpoint.json'));
  dir.write(
    'run/checkpoint.json',
    JSON.stringify({ version: 1, progress: { ...progress, rejects: { rowsBytes: 1, reasonsBytes: 1 } } }),
  );
  expect(await dir.run(['--resume', 'run', '--max-rows', '300'])).toMatchObject({ status: 4 });
  expect(await statusOf(dir)).toMatchObject({ state: 'ended', summary: { rows: { read: 100 } } });
  // The state after a kill, so that the resume waits before its first row.
  dir.write('run/checkpoint.json', JSON.stringify({ version: 1, progress: { ...progress, settled: false } }));

  const resumed = dir.spawn(['--resume', 'run', '--max-rows', '300', '--settle', '60s']);
  await resumed.until('waiting 60 s');
  const waiting = await statusOf(dir);
  expect(waiting).toMatchObject({ state: 'running', counts: { read: 100, written: 100 } });
  expect(waiting['begunMs']).toBeGreaterThan(begunMs as number);
  expect(waiting['figures']).toBeUndefined();
  resumed.child.kill('SIGKILL');
  await resumed.ended;
  const gone = await statusOf(dir);
  expect(gone).toMatchObject({ state: 'gone', counts: { read: 100 }, resumeCommand: 'import-tokens --resume run' });
  expect(gone['summary']).toBeUndefined();
});

test.each([
  [['report', 'a', 'b'], 2, 'import-tokens report requires one run directory, got 2'],
  [['status', 'nowhere'], 4, 'nowhere: no such folder'],
  [['report', '.'], 4, 'holds no run'],
])('%s is refused with exit code %d', async (args, code, message) => {
  const { status, stderr } = await workDir().run(args);
  expect(status).toBe(code);
  expect(stderr).toContain(message);
});
