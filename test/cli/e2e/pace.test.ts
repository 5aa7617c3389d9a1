import { expect, test } from 'vitest';
import type { RunSummary } from '../../../src/domain/run-summary.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

test('a table that accepts less than --wps gets every row, and the log names limit and remedy', async () => {
  const { flags } = await dynamoTarget({}, { capacity: [{ table: 'tokens', writeUnits: 1_000 }] });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3_000));
  const { status } = await dir.run(['tokens.csv', ...flags, '--wps', '4000', '--run-dir', 'run']);
  expect(status).toBe(0);
  expect(dir.read('run/run.log')).toContain('the table throttles: the write capacity of the table');
  const summary: RunSummary = JSON.parse(dir.read('run/summary.json'));
  expect(summary.rows.written).toBe(3_000);
  expect(summary.requests.unprocessedItems).toBeGreaterThan(0);
});

test('a number in the rate file of the run directory is the rate of a live run', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2_000));
  const args = ['tokens.csv', '--repository', 'memory', '--latency', '0', '--wps', '20', '--run-dir', 'run'];
  const running = dir.spawn(args, { stdin: '' });
  await running.until('a rehearsal');
  dir.write('run/rate', 'quick');
  await running.until('the rate file is ignored');
  dir.write('run/rate', '100000\n');
  expect(await running.ended).toMatchObject({ status: 0 });
  expect(dir.read('run/run.log')).toContain('100,000 write units a second: the rate file sets 100,000');
});
