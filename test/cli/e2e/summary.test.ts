import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

test('--summary holds the run as JSON of version 1, and the rows by fate add up', async () => {
  const { flags } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `${tokensCsv(60)}ragged\n${planted}-t0,again\n`);

  const { status } = await dir.run([
    'tokens.csv',
    ...flags,
    '--summary',
    'out.json',
    '--skip-rows',
    '10',
    '--run-dir',
    'run',
  ]);

  expect(status).toBe(5);
  const summary = JSON.parse(dir.read('out.json'));
  expect(summary).toEqual({
    version: 1,
    outcome: 'completed-with-rejects',
    exitCode: 5,
    source: ['tokens.csv'],
    table: 'tokens',
    repository: 'dynamodb',
    rows: { read: 62, written: 51, superseded: 0, kept: 0, deleted: 0, rejected: 1, skipped: 10, pending: 0 },
    rejectsByCode: { 'ragged-row': 1 },
    skippedByReason: { 'skip-rows': 10 },
    rejects: [{ code: 'ragged-row', count: 1, first: { line: 62 } }],
    report: 'run/report.html',
    verifyCommand: expect.stringMatching(/^import-tokens verify tokens\.csv --endpoint-url \S+ --skip-rows 10$/),
    repair: {
      rows: 'run/rejected.csv',
      reasons: 'run/rejects.jsonl',
      importCommand: expect.stringMatching(/^import-tokens run\/rejected\.csv --endpoint-url \S+$/),
    },
    writeUnits: 51,
    durationSeconds: expect.any(Number),
    rate: { limit: 1000, average: expect.any(Number) },
    requests: { sent: expect.any(Number), throttled: 0, retried: 0, unprocessedItems: 0 },
    latencyMs: { p50: expect.any(Number), p90: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
    connectionsOpened: expect.any(Number),
    bytesSent: expect.any(Number),
    bottleneck: expect.any(String),
    advice: expect.any(String),
  });
  const { read, ...fates } = summary.rows as Record<string, number>;
  expect(Object.values(fates).reduce((sum, count) => sum + count)).toBe(read);
  expect(JSON.parse(dir.read('run/summary.json'))).toEqual(summary);
});

test('a later row of the same key is what the table holds', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `token,user_id\nt,first\nt,${planted}\nt,third\n`);
  const { status, stdout } = await dir.run(['tokens.csv', ...flags]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/rows +3 read = \d written \+ \d superseded \+ 0 kept \+ 0 deleted \+ 0 rejected/);
  expect([...table.items().values()]).toEqual([{ token: { S: 't' }, user_id: { S: 'third' } }]);
});

test('a rehearsal says in its last line that nothing was written to DynamoDB', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3));
  const { status, stdout } = await dir.run(['tokens.csv', '--repository', 'memory', '--no-run-dir']);
  expect(status).toBe(0);
  expect(stdout).toContain('Completed: every row went through.');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('This was a rehearsal: nothing was written to DynamoDB.');
});

test('a --summary in a missing folder is refused, except in the new run directory', async () => {
  const target = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3));
  const flags = [...target.flags, '--run-dir', 'run', '--summary'];
  const refused = await dir.run(['tokens.csv', ...flags, 'nowhere/out.json']);
  expect(refused.stderr).toMatch(
    /--summary \S+nowhere\/out\.json cannot be written: no such folder\n.*name another file/,
  );
  expect(refused.status).toBe(2);
  expect(target.itemsReceived()).toBe(0);
  const { status } = await dir.run(['tokens.csv', ...flags, 'run/out.json']);
  expect(status).toBe(0);
  expect(JSON.parse(dir.read('run/out.json'))).toMatchObject({ exitCode: 0 });
});
