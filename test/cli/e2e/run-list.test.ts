import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

test('status without a folder lists the runs, and --resume latest continues the newest', async () => {
  const dir = workDir();
  expect((await dir.run(['status'])).stdout).toBe('No runs in import-tokens-runs.\n');
  dir.write('tokens.csv', tokensCsv(30));
  const rehearsal = ['tokens.csv', '--repository', 'memory', '--max-rows', '10'];
  expect(await dir.run(rehearsal)).toMatchObject({ status: 0 });
  expect(await dir.run([...rehearsal, '--skip-rows', '5'])).toMatchObject({ status: 0 });

  const listed = await dir.run(['status', '--json']);
  const { runs } = JSON.parse(listed.stdout);
  expect(runs).toMatchObject([
    { kind: 'import', table: 'memory', state: 'ended', outcome: 'completed', rows: 15 },
    { kind: 'import', table: 'memory', state: 'ended', outcome: 'completed', rows: 10 },
  ]);
  expect(runs[0].startedAt > runs[1].startedAt).toBe(true);
  const { stdout } = await dir.run(['status']);
  expect(stdout.split('\n')).toHaveLength(4);
  expect(stdout).toMatch(/^started \(UTC\) +state +rows +table +source +run\n/);
  expect(stdout).toContain(runs[0].name);

  expect(await dir.run(['--resume', 'latest', '--max-rows', '25'])).toMatchObject({ status: 0 });
  const after = JSON.parse((await dir.run(['status', '--json'])).stdout).runs;
  expect(after).toMatchObject([{ runDir: runs[0].runDir, rows: 30 }, { rows: 10 }]);
});

test('--resume latest without a run says so, and --watch needs a folder', async () => {
  const dir = workDir();
  expect(await dir.run(['--resume', 'latest'])).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('--resume latest: import-tokens-runs holds no run'),
  });
  for (const flag of ['--watch', '--exit-code']) {
    expect(await dir.run(['status', flag])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${flag} requires a run directory`),
    });
  }
});

test('status --watch waits for the end of a run, and --exit-code returns that of the run', async () => {
  const dir = workDir();
  dir.write('tokens.csv', `${tokensCsv(60)},no-key\n`);
  const running = dir.spawn(['tokens.csv', '--repository', 'memory', '--wps', '5', '--run-dir', 'run'], { stdin: '' });
  await running.until('rehearsal');
  const early = await dir.run(['status', 'run', '--exit-code']);
  expect(early.status).toBe(0);
  const watching = dir.spawn(['status', 'run', '--watch', '--exit-code'], { stdin: '' });
  await watching.until('The import is running.');
  dir.write('run/rate', '100000');
  expect((await running.ended).status).toBe(5);
  const watched = await watching.ended;
  expect(watched.status).toBe(5);
  expect(watched.stdout).toContain('Completed with 1 rejected row');
  expect(watched.stdout).toMatch(/ {2}table {8}none: a rehearsal\n {2}source .*tokens\.csv\n {2}started {6}\d{4}-/);
  expect(await dir.run(['status', 'run'])).toMatchObject({ status: 0 });
});

test('the folder of a verification has a status, and a place in the list', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(20));
  expect(await dir.run(['verify', 'tokens.csv', ...flags])).toMatchObject({ status: 5 });
  const { runs } = JSON.parse((await dir.run(['status', '--json'])).stdout);
  expect(runs).toMatchObject([{ kind: 'verify', table: 'tokens', state: 'ended', outcome: 'different' }]);
  const shown = await dir.run(['status', runs[0].name, '--exit-code']);
  expect(shown.status).toBe(5);
  expect(shown.stdout).toContain('20 missing');
  const json = JSON.parse((await dir.run(['status', runs[0].name, '--json'])).stdout);
  expect(json).toMatchObject({ version: 1, state: 'ended', report: { rows: { missing: 20 } } });
  expect(Object.keys(json)).toEqual(['version', 'runDir', 'state', 'sources', 'rowsRead', 'report']);
});
