import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accessDenied } from '../../support/plain-table/answers.ts';
import type { Item } from '../../support/plain-table/attribute-value.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv, unlessEnded } from './dynamo-target.ts';

const importFlags = ['--yes', '--wps', '100000'];

test('a clean import is equal, also with --verify at its end; --json prints the page as JSON', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(300));
  const imported = await dir.run(['tokens.csv', ...flags, ...importFlags, '--run-dir', 'run', '--verify', '--all']);
  expect(imported).toMatchObject({ status: 0, stdout: expect.stringContaining('Completed: every row is in') });
  expect(imported.stdout).toContain('Equal: every row is in table tokens as the source has it.');
  expect(imported.stdout).toContain('300 read = 300 equal');
  const sampled = await dir.run(['verify', 'tokens.csv', ...flags, '--sample', '50', '--seed', '1', '--json']);
  expect(JSON.parse(sampled.stdout)).toMatchObject({
    ...{ version: 1, outcome: 'equal', exitCode: 0, sample: { rows: 50, seed: 1 }, readUnits: 25 },
    rows: { read: 300, equal: 50, unsampled: 250, missing: 0, different: 0, pending: 0 },
  });
  const whole = await dir.run(['verify', 'tokens.csv', ...flags, '--sample', '400']);
  expect(whole.stdout).toMatch(/^Equal: every row is in table tokens/);
  expect(whole.stdout).toMatch(/\n {2}sample {7}300 rows, --seed \d+\n/);
  const resumed = await dir.run(['verify', '--resume', 'run/verify']);
  expect(resumed).toMatchObject({ status: 0, stderr: expect.stringContaining('this verification is finished') });

  dir.write('run/verify/verify-report.json', '{"cut":');
  const damaged = await dir.run(['verify', '--resume', 'run/verify']);
  expect(damaged).toMatchObject({ status: 4, stderr: expect.stringContaining('verify-report.json is damaged') });
});

test('every one of thousands of missing rows is listed, in source order', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  const rows = Array.from({ length: 2_500 }, (_, i) => `${i === 0 ? planted : `t${i}`},${i}\n`).join('');
  dir.write('tokens.csv', `token,n\n${rows}`);
  const result = await dir.run(['verify', 'tokens.csv', ...flags, '--all', '--rcu', '100000', '--run-dir', 'v']);
  expect(result).toMatchObject({ status: 5, stdout: expect.stringContaining('2,500 missing') });
  expect(dir.read('v/missing.csv')).toBe(`token,n\n${rows}`);
  expect(dir.read('v/missing.jsonl').match(/\n/g)).toHaveLength(2_500);
});

test('missing, different and rejected rows are listed, with values only after --show-values', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `token,n\na,${1}\nb,2.0\nc,3\n${planted},4\nd,x\n`);
  const types = ['--types', 'n=N'];
  expect(await dir.run(['tokens.csv', ...flags, ...importFlags, ...types])).toMatchObject({ status: 5 });
  const items = table.items() as Map<string, Item>;
  items.delete('S:a');
  items.set('S:b', { token: { S: 'b' }, n: { N: '2' } });
  items.set('S:c', { token: { S: 'c' }, n: { S: '3' }, seen: { S: 'yesterday' } });
  const args = ['verify', 'tokens.csv', ...flags, ...types, '--all'];
  const result = await dir.run([...args, '--run-dir', 'v']);
  expect(result).toMatchObject({
    status: 5,
    stdout: expect.stringContaining('5 read = 2 equal + 1 missing + 1 different'),
  });
  expect(result.stdout).toMatch(/by attribute:\n {2}1 {2}n\n {2}1 {2}seen\n/);
  expect(result.stdout).toContain('1  not-a-number');
  expect(dir.read('v/missing.csv')).toBe('token,n\na,1\n');
  expect(dir.read('v/different.csv')).toBe('token,n\nc,3\n');
  expect(dir.read('v/different.jsonl')).not.toContain('(row');
  await dir.run([...args, '--run-dir', 'w', '--show-values']);
  expect(dir.read('w/different.jsonl')).toContain('(row none, table S');
});

test('Ctrl-C leaves a verification that can be resumed, and a denied BatchGetItem is named', async () => {
  const { flags, proxy } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2_000));
  expect(await dir.run(['tokens.csv', ...flags, ...importFlags])).toMatchObject({ status: 0 });
  const passed = proxy.traffic.requests.passed;
  const running = dir.spawn(['verify', 'tokens.csv', ...flags, '--all', '--rcu', '200', '--run-dir', 'v'], {
    stdin: '',
  });
  await unlessEnded(
    running,
    proxy.until(({ requests }) => requests.passed > passed + 20),
  );
  running.child.kill('SIGINT');
  const stopped = await running.ended;
  expect(stopped).toMatchObject({ status: 130, stdout: expect.stringContaining('import-tokens verify --resume v') });
  renameSync(join(dir.path, 'tokens.csv'), join(dir.path, 'moved.csv'));
  const lost = await dir.run(['verify', '--resume', 'v']);
  expect(lost).toMatchObject({ status: 4, stderr: expect.stringContaining('import-tokens verify --resume v PATH\n') });
  const resumed = await dir.run(['verify', '--resume', 'v', 'moved.csv', '--rcu', '100000', '--json']);
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    outcome: 'equal',
    rows: { read: 2_000, equal: 2_000, pending: 0 },
  });
  expect(JSON.parse(resumed.stdout).readUnits).toBeLessThan(1_000);
  proxy.setOwnAnswer((operation) => (operation === 'BatchGetItem' ? accessDenied(operation, 'tokens') : undefined));
  const denied = await dir.run(['verify', 'moved.csv', ...flags]);
  expect(denied).toMatchObject({ status: 4, stderr: expect.stringContaining('may not use dynamodb:BatchGetItem') });
});

test('what --verify found is in summary and report, and newer items are spared', async () => {
  const { flags, proxy } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(20));
  const imported = await dir.run(['tokens.csv', ...flags, '--run-dir', 'night', '--verify', '--all']);
  expect(imported.status).toBe(0);
  expect(proxy.traffic.received.items).toBe(20);
  const summary = JSON.parse(dir.read('night/summary.json'));
  expect(summary.verification).toMatchObject({ outcome: 'equal', exitCode: 0, rows: { read: 20, equal: 20 } });
  expect(dir.read('night/report.html')).toContain('Every row compared agrees with the table');

  dir.write('changed.csv', tokensCsv(20).replaceAll('u1', 'other'));
  const verified = await dir.run(['verify', 'changed.csv', ...flags, '--all', '--run-dir', 'check']);
  expect(verified.status).toBe(5);
  expect(verified.stdout).toContain('different.csv holds the rows; production may have changed these items since');
  expect(verified.stdout).toContain('--if-exists newer:COLUMN, with the options of the import\n');
});
