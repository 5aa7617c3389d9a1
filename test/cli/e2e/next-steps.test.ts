import { expect, test } from 'vitest';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const header = 'token,user_id\n';
const withoutKey = ',u1\n';

/** Runs the command that is printed below a line, as an operator would paste it. */
async function paste(dir: WorkDir, stdout: string, below: RegExp, status: number): Promise<string> {
  const command = new RegExp(`${below.source}.*\\n  import-tokens (.*)\\n`).exec(stdout)?.[1];
  expect(command, stdout).toBeDefined();
  const result = await dir.run(command!.split(' ').map((word) => (word === "''" ? '' : word)));
  expect(result).toMatchObject({ status });
  return result.stdout;
}

test('after rejects the printed commands import the repaired rows and compare the table', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(40) + withoutKey);
  const first = await dir.run(['tokens.csv', ...flags, '--null', '', '--wps', '500', '--run-dir', 'night']);
  expect(first.status).toBe(5);
  expect(first.stdout).toMatch(
    /\n {2}rejected {5}key-missing ×1, first at line 42, column token\n {2}report {7}night\/report\.html\n/,
  );
  expect(dir.read('night/report.html')).toContain('A key attribute is NULL.');

  expect(dir.read('night/rejected.csv')).toBe(header + withoutKey);
  dir.write('night/rejected.csv', `${header}planted-repaired,u1\n`);
  const repaired = await paste(dir, first.stdout, /Repair night\/rejected\.csv \(/, 0);
  expect(repaired).toContain('1 read = 1 written');
  expect(table.itemCount).toBe(41);

  // The row without a key is in no item, so the comparison tells that it was rejected.
  expect(await paste(dir, first.stdout, /To compare the table with the source:/, 5)).toContain(
    '1 rejected by the mapping',
  );
});

test('repaired rows of a shard are imported whatever shard their new key belongs to', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `${header}${withoutKey}planted-z,u1\n`);
  const shard = await dir.run(['tokens.csv', ...flags, '--null', '', '--run-dir', 'night', '--shard', '1/2']);
  expect(shard.status).toBe(5);
  const written = table.itemCount;
  const repaired = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `planted-${name},u1\n`).join('');
  dir.write('night/shard-1-of-2/rejected.csv', header + repaired);
  await paste(dir, shard.stdout, /Repair night\/shard-1-of-2\/rejected\.csv \(/, 0);
  expect(table.itemCount).toBe(written + 6);
});

test('a canary is finished by the command that it prints, with all other rows', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(60));
  const canary = await dir.run(['tokens.csv', ...flags, '--max-rows', '10', '--run-dir', 'night']);
  expect(canary.stdout).toContain('\nTo import the rest:\n  import-tokens --resume night --max-rows all\n');
  const rest = await paste(dir, canary.stdout, /To import the rest:/, 0);
  expect(rest).toContain('60 read = 60 written');
  expect(rest).toMatch(
    /\n {2}this process 50 rows, 50 write units in .*\n {2}whole run {4}60 rows, 60 write units in .*, in 2 processes\n/,
  );
  expect(table.itemCount).toBe(60);
});

test('after too many rejects the printed resume allows more of them', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  // Past the sample of the first megabyte, which would refuse the import before its first write.
  dir.write('tokens.csv', tokensCsv(60_000) + withoutKey.repeat(6));
  const stopped = await dir.run(['tokens.csv', ...flags, '--wps', '20000', '--max-rejects', '5', '--run-dir', 'night']);
  expect(stopped).toMatchObject({ status: 3, stdout: expect.stringContaining('--resume night --max-rejects 60\n') });
  expect(await paste(dir, stopped.stdout, /To continue the import:/, 5)).toContain('Completed with 6 rejected rows');
});

test('if the source has fewer rows than expected, the printed resume accepts their number', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(8));
  const stopped = await dir.run(['tokens.csv', ...flags, '--expect-rows', '10', '--run-dir', 'night']);
  expect(stopped).toMatchObject({ status: 4, stdout: expect.stringContaining('--resume night --expect-rows 8\n') });
  expect(await paste(dir, stopped.stdout, /To continue the import:/, 0)).toContain('8 read = 8 written');
  expect(table.itemCount).toBe(8);
});

test('if the source has more rows than expected, no resume is printed that would fail again', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(8));
  const stopped = await dir.run(['tokens.csv', ...flags, '--expect-rows', '5', '--run-dir', 'night']);
  expect(stopped.status).toBe(4);
  expect(stopped.stdout).not.toContain('--resume');
  expect(stopped.stderr).toContain('Compare with SELECT COUNT(*)');
});
