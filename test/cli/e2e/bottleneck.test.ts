import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const rehearsal = ['--repository', 'memory', '--run-dir', 'run'];

test('a table that accepts less than the rate is named, with the limit that is used up', async () => {
  const limit = { table: 'tokens', writeUnits: 100, reason: 'TableWriteMaxOnDemandThroughputExceeded' };
  const { flags } = await dynamoTarget({}, { capacity: [limit] });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(300));
  const { status } = await dir.run(['tokens.csv', ...flags, '--wps', '5000', '--batch-size', '5', '--run-dir', 'run']);
  const { bottleneck, advice } = JSON.parse(dir.read('run/summary.json'));
  expect({ status, bottleneck }).toEqual({ status: 0, bottleneck: 'table' });
  expect(advice).toMatch(/^the table/);
});

test('the CPU is named in the summary of a table that answers at once, without advice', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(1_000_000));
  const { status, stdout } = await dir.run(['tokens.csv', ...rehearsal, '--latency', '0ms']);
  expect({ status, bottleneck: JSON.parse(dir.read('run/summary.json')).bottleneck }).toEqual({
    status: 0,
    bottleneck: 'cpu',
  });
  expect(JSON.parse(dir.read('run/summary.json')).advice).toMatch(/^the CPU: /);
  expect(stdout).not.toContain('held back');
});
