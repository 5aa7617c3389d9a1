import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

const rowsWith = (count: number, fieldOf: (index: number) => string) =>
  `token,used\n${Array.from({ length: count }, (_, index) => `${planted}-t${index},${fieldOf(index)}\n`).join('')}`;

test('a source of which no sampled row would be accepted is refused, with column, code and flag', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  dir.write(
    'tokens.csv',
    rowsWith(500, () => 'never'),
  );
  const args = ['tokens.csv', ...flags, '--types', 'used=N', '--run-dir', 'run'];
  const { status, stderr } = await dir.run(args);
  expect(status).toBe(3);
  expect(stderr).toMatch(/error: each of the first 500 rows would be rejected: .*tokens\.csv line 2: column "used" .*/);
  expect(stderr).toContain('--types used=S keeps text) (not-a-number)\n');
  expect(stderr).toContain('check them with import-tokens plan.\n');
  expect(itemsReceived()).toBe(0);
  expect(existsSync(`${dir.path}/run`)).toBe(false);
  // Whoever allows any number of rejects gets them.
  expect(await dir.run([...args, '--max-rejects', '-1'])).toMatchObject({ status: 5 });
});

test('with --yes, a run that --max-rejects would stop is refused, with the row near the stop', async () => {
  const { itemsReceived, flags } = await dynamoTarget();
  const dir = workDir();
  // One row in ten: the 101st reject is in row 1,010.
  dir.write(
    'tokens.csv',
    rowsWith(3000, (index) => (index % 10 === 9 ? 'never' : '7')),
  );
  const args = ['tokens.csv', '--types', 'used=N', '--run-dir', 'run'];
  const refused = await dir.run([...args, ...flags, '--yes']);
  expect(refused.status).toBe(3);
  expect(refused.stderr).toContain('error: it would stop near row 1,010, because of --max-rejects');
  expect(refused.stderr).toContain('300 not-a-number');
  expect(itemsReceived()).toBe(0);
  expect(existsSync(`${dir.path}/run`)).toBe(false);
  // A rehearsal is there to find out, and a limit that holds refuses nothing.
  const rehearsal = await dir.run([...args, '--repository', 'memory', '--log-format', 'pretty']);
  expect(rehearsal.status).toBe(3);
  expect(rehearsal.stderr).toContain('! it will stop near row 1,010, as more rows are rejected than --max-rejects');
  const enough = [...args.slice(0, 3), '--run-dir', 'enough', ...flags, '--max-rejects', '300'];
  expect(await dir.run(enough)).toMatchObject({ status: 5 });
});

test('a rate file that is there at a resume is in the rate line, and the time follows from it', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3000));
  const canary = ['tokens.csv', '--repository', 'memory', '--settle', '0ms', '--run-dir', 'night', '--wps', '1000'];
  expect(await dir.run([...canary, '--max-rows', '100'])).toMatchObject({ status: 0 });
  dir.write('night/rate', '100\n');
  const resumed = dir.spawn(['--resume', 'night', '--max-rows', '700', '--log-format', 'pretty']);
  await resumed.until('run dir');
  expect(resumed.stderr()).toContain('  rate         100 write units a second: from night/rate, over --wps 1000\n');
  expect(resumed.stderr()).toMatch(/ {2}time {9}6 s, until \d\d:\d\d UTC if it starts now\n/);
  dir.write('night/rate', '100000\n');
  expect(await resumed.ended).toMatchObject({ status: 0 });
});

test('the screen before an import is short, --details shows everything, and run.log keeps it', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(20));
  const args = ['tokens.csv', '--repository', 'memory', '--key', 'token', '--log-format', 'pretty', '--run-dir'];
  const short = await dir.run([...args, 'short']);
  const long = await dir.run([...args, 'long', '--details']);
  const shownOnlyBy = ['columns      token S', 'by default   --table tokens', 'given        --repository memory'];
  for (const text of shownOnlyBy) {
    expect(short.stderr).not.toContain(text);
    expect(long.stderr).toContain(text.trim());
  }
  const [first] = dir.read('short/run.log').split('\n');
  expect(JSON.parse(first!)).toMatchObject({ event: 'preflight', columns: [{ name: 'token' }, { name: 'user_id' }] });
});
