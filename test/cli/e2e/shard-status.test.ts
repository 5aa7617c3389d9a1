import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const rehearsal = ['--repository', 'memory', '--key', 'token', '--settle', '0ms'];

async function runShard(dir: WorkDir, shard: string, ...more: readonly string[]): Promise<void> {
  const job = ['tokens.csv', ...rehearsal, '--run-dir', 'night', '--resume', 'auto', '--shard', shard, ...more];
  expect(await dir.run(job)).toMatchObject({ status: 0 });
}

async function statusOf(dir: WorkDir) {
  const { status, stdout } = await dir.run(['status', 'night', '--json', '--exit-code']);
  return { status, shown: JSON.parse(stdout) };
}

test('status and report show which shards are missing, and add up the rows of all', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1000));
  await runShard(dir, '1/3');
  mkdirSync(join(dir.path, 'night', 'shard-2-of-3'));
  const early = await statusOf(dir);
  expect(early).toMatchObject({ status: 4, shown: { state: 'stopped', read: null, shardCount: 3, faults: [] } });
  expect(early.shown.shards.map(({ state }: { state: string }) => state)).toEqual(['done', 'not-started', 'missing']);

  await Promise.all([runShard(dir, '2/3'), runShard(dir, '3/3')]);
  const { status, shown } = await statusOf(dir);
  expect({ status, faults: shown.faults }).toEqual({ status: 0, faults: [] });
  expect(shown).toMatchObject({ state: 'done', exitCode: 0, read: 1000, rows: { own: 1000, written: 1000 } });
  const text = await dir.run(['status', 'night']);
  expect(text.stdout).toMatch(/^All 3 shards are done: 1,000 rows were read, and each belongs to one shard\.\n/);

  const report = await dir.run(['report', 'night']);
  expect(report).toMatchObject({ status: 0, stdout: `${join(dir.path, 'night', 'report.html')}\n` });
  expect(dir.read('night/report.html')).toContain('All 3 shards are done');
});

test('a shard that read another source or was told otherwise is named, and the exit code is 1', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(300));
  await runShard(dir, '1/2');
  // As long as the one before, so that only its bytes differ.
  dir.write('tokens.csv', tokensCsv(300).replace('\n', '\nX').replace(/.\n$/, '\n'));
  await runShard(dir, '2/2', '--omit', 'user_id');
  const { status, shown } = await statusOf(dir);
  expect(status).toBe(1);
  expect(shown.shards[1].differs).toEqual(['source', '--omit']);
  expect(shown.faults).toContain('Shard 2 differs from shard 1 in: source, --omit.');
});

test('a folder with shards of two imports is refused, with what to do', async () => {
  const dir = workDir();
  for (const name of ['shard-1-of-4', 'shard-1-of-8']) mkdirSync(join(dir.path, 'night', name), { recursive: true });
  for (const command of ['status', 'report']) {
    const { status, stderr } = await dir.run([command, 'night']);
    expect(status).toBe(4);
    expect(stderr).toContain('night holds shards of 4 and shards of 8, which are different imports\n');
    expect(stderr).toContain(
      'hint: Move the folders of one import out of it, and give each import its own --run-dir.\n',
    );
  }
});

test('the folder of a verification in shards is refused, with what to do', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(50));
  const { flags } = await dynamoTarget();
  const verify = ['verify', 'tokens.csv', '--table', 'tokens', ...flags, '--shard', '1/2', '--run-dir', 'night'];
  expect(await dir.run(verify)).toMatchObject({ status: 5 });
  const { status, stderr } = await dir.run(['status', 'night']);
  expect({ status, stderr }).toEqual({
    status: 4,
    stderr: expect.stringContaining('is one shard of a verification\n'),
  });
  expect((await dir.run(['status', 'night/shard-1-of-2'])).status).toBe(0);
});

test('status without a folder lists an import in shards, and --resume latest takes the shard', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(200));
  const job = ['tokens.csv', ...rehearsal, '--run-dir', 'import-tokens-runs/night'];
  const list = async () => JSON.parse((await dir.run(['status', '--json'])).stdout).runs;
  expect(await dir.run([...job, '--shard', '1/2'])).toMatchObject({ status: 0 });
  expect(await list()).toMatchObject([{ kind: 'import', state: 'stopped', shards: 2, table: 'memory' }]);
  expect(await dir.run([...job, '--shard', '2/2', '--max-rows', '50'])).toMatchObject({ status: 0 });
  expect(await list()).toMatchObject([{ state: 'ended', outcome: 'shards-differ' }]);

  const latest = ['--resume', 'latest', '--max-rows', 'all'];
  expect(await dir.run(latest)).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('the newest run, import-tokens-runs/night, is an import in shards'),
  });
  expect(await dir.run([...latest, '--shard', '2/2'])).toMatchObject({ status: 0 });
  expect(await dir.run([...latest, '--shard', '2/3'])).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('holds no run of shard 2/3'),
  });
  expect(await list()).toMatchObject([{ state: 'ended', outcome: 'completed', rows: 200 }]);
  expect((await dir.run(['status'])).stdout).toMatch(/ {2}2 shards, completed {2}.*200 .*import-tokens-runs\/night\n$/);
});

test('--resume auto starts a run, continues a killed one and repeats a finished one', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2000));
  const job = ['tokens.csv', ...rehearsal, '--run-dir', 'night', '--resume', 'auto', '--skip-rows', '10'];
  const first = dir.spawn([...job, '--wps', '500'], { stdin: '' });
  await first.until('a rehearsal');
  while (!readdirSync(join(dir.path, 'night')).includes('checkpoint.json')) await dir.run(['status', 'night']);
  first.child.kill('SIGKILL');
  await first.ended;
  const { options } = JSON.parse(dir.read('night/manifest.json'));
  expect(options).toMatchObject({ skipRows: 10 });

  expect(await dir.run([...job, '--wps', '100000'])).toMatchObject({ status: 0 });
  const summary = JSON.parse(dir.read('night/summary.json'));
  expect(summary).toMatchObject({ rows: { read: 2000, written: 1990, skipped: 10 }, scopes: { processes: 2 } });
  const again = await dir.run(job);
  expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('this run is finished') });
  const other = await dir.run([...job.slice(0, -1), '11']);
  expect(other.stderr).toContain('--skip-rows is not what this run was started with');
});

test('--resume auto starts a run where a process was killed before it had a manifest', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(100));
  mkdirSync(join(dir.path, 'night', 'shard-1-of-2'), { recursive: true });
  writeFileSync(join(dir.path, 'night', 'shard-1-of-2', 'manifest.json.tmp'), '{"version":');
  await runShard(dir, '1/2');
  renameSync(join(dir.path, 'night', 'shard-1-of-2'), join(dir.path, 'gone'));
  await runShard(dir, '1/2');
  expect(JSON.parse(dir.read('night/shard-1-of-2/summary.json')).rows.read).toBe(100);
});

test.each([
  [['tokens.csv', '--resume', 'auto'], '--resume auto requires --run-dir'],
  [['--run-dir', 'night', '--resume', 'auto'], '--resume auto requires the source'],
  [['tokens.csv', '--run-dir', 'night', '--resume', 'night'], '--run-dir cannot be combined with --resume'],
  [['verify', 'tokens.csv', '--table', 'tokens', '--run-dir', 'night', '--resume', 'auto'], 'only for imports'],
])('%j is a mistake: %s', async (argv, message) => {
  const { status, stderr } = await workDir().run(argv);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
});
