import { expect, test } from 'vitest';
import type { TableInfo } from '../../src/domain/table.ts';
import { loadSteps } from '../../src/report/load-ways.ts';
import { preflightFacts } from './facts.ts';

const table: TableInfo = { ...preflightFacts.tableInfo!, name: 'tokens', localIndexes: [] };
const target = {
  place: { tableName: 'tokens' },
  key: [{ name: 'token', type: 'S' }],
  table: undefined,
  unitsPerSecond: undefined,
  runId: 'run-1',
} as const;
const bucket = { bucket: 'dumps', prefix: 'night/' };

test('files in a bucket are loaded into the table in use, or into a new one', () => {
  const steps = loadSteps(bucket, { ...target, unitsPerSecond: 20_000 });
  expect(steps.map(({ text }) => text)).toEqual([
    'To load them into table tokens, if it is in use, at 20,000 write units a second:',
    'To follow that:',
    'To cancel it:',
    'Or to load them into a new table tokens:',
    'To follow that, which AWS has no command to cancel:',
  ]);
  const commands = steps.map(({ command }) => command);
  expect(commands[0]).toMatch(/^arn=\$\(aws dynamodb start-bulk-put-items .*--max-write-request-units 20000 .*\)$/);
  expect(commands[0]).toContain('"S3KeyPrefix":"night/data/"');
  expect(commands[0]).toContain('"S3KeyPrefix":"night/errors/"');
  expect(commands[0]).toContain('--client-token run-1');
  expect(commands[3]).toMatch(/^arn=\$\(aws dynamodb import-table .*"S3KeyPrefix":"night\/data\/".*\)$/);
});

test('files in a folder are uploaded first, to a bucket that the user fills in', () => {
  const [upload, load] = loadSteps({ folder: 'out' }, target);
  expect(upload!.command).toBe('aws s3 sync out s3://BUCKET/run-1/');
  expect(load!.command).toContain('"S3Bucket":"BUCKET","S3KeyPrefix":"run-1/data/"');
});

test('a pace that a bulk operation cannot be given is told', () => {
  const first = (unitsPerSecond: number | undefined) => loadSteps(bucket, { ...target, unitsPerSecond })[0]!;
  expect(first(500).text).toMatch(/1,024 write units a second, the least it can be given, which is more than --wps:$/);
  expect(first(undefined).text).toMatch(/1,024 write units a second, the least it can be given; --wps sets another:$/);
  expect(first(500).command).toContain('--max-write-request-units 1024 ');
});

test('a global table gets no bulk operation, and a reason', () => {
  const steps = loadSteps(bucket, { ...target, table: { ...table, replicaRegions: ['eu-west-2'] } });
  expect(steps[0]).toEqual({
    text: 'Table tokens is a global table, which StartBulkPutItems cannot write to: use import-tokens for it.',
  });
  expect(steps.flatMap(({ command = '' }) => command).join()).not.toContain('bulk');
});

test('a table that exists gets a new one next to it, without what ImportTable cannot make', () => {
  const local = { name: 'by-day', key: [] };
  const steps = loadSteps(bucket, { ...target, table: { ...table, localIndexes: [local] } });
  expect(steps[3]!.text).toBe(
    'Or to load them into a new table tokens-new like tokens, without its local index by-day:',
  );
  expect(steps[3]!.command).toContain('"TableName":"tokens-new"');
  expect(steps[4]!.text).toBe(
    'To follow that, which AWS has no command to cancel (to compare that table, pass --table tokens-new to the last command):',
  );
});
