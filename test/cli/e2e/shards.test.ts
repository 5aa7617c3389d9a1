import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

test('each shard writes and verifies its own rows, at its part of the rate', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(300));
  const job = ['tokens.csv', ...flags, '--yes', '--wps', '100000', '--run-dir', 'job', '--verify', '--all'];
  const first = await dir.run([...job, '--shard', '1/2', '--details']);
  expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('Completed: every row of shard 1 of 2') });
  expect(first.stderr).toMatch(/rate +50,000 write units a second: 1\/2 of 100,000 \(--wps/);
  expect(first.stderr).toMatch(/shard +1 of 2; rows, time and cost are those of all shards/);
  const { rows, shard, verification } = JSON.parse(dir.read('job/shard-1-of-2/summary.json'));
  expect(shard).toEqual({ index: 1, count: 2 });
  expect(rows.written + rows.elsewhere).toBe(300);
  expect(table.items().size).toBe(rows.written);
  expect(verification.rows).toMatchObject({ read: 300, equal: rows.written, elsewhere: rows.elsewhere, missing: 0 });
  for (const name of ['manifest.json', 'progress.json']) {
    const { options, shard: stored = options?.shard } = JSON.parse(dir.read(`job/shard-1-of-2/${name}`));
    expect(stored, name).toEqual({ index: 1, count: 2 });
  }

  const others = await dir.run(['verify', 'tokens.csv', ...flags, '--shard', '2/2', '--all']);
  expect(others).toMatchObject({ status: 5, stdout: expect.stringContaining(`${rows.elsewhere} missing`) });
  const second = await dir.run([...job, '--shard', 'auto/2'], { env: { JOB_COMPLETION_INDEX: '1' } });
  expect(second).toMatchObject({ status: 0, stdout: expect.stringContaining('Completed: every row of shard 2 of 2') });
  expect(table.items().size).toBe(300);

  const other = await dir.run(['--resume', 'job/shard-1-of-2', '--shard', '2/2']);
  expect(other).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('--shard is not what this run was started'),
  });
  const same = await dir.run(['--resume', 'job', '--shard', '2/2']);
  expect(same).toMatchObject({ status: 0, stderr: expect.stringContaining('this run is finished') });
});
