import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dynamoTarget } from '../cli/e2e/dynamo-target.ts';
import { planted } from '../support/planted.ts';
import { workDir } from '../support/work-dir.ts';

/** A dump without a header; its first row is a token. */
const headerless = ['one,12,on', 'two,x,off', 'three,14', 'four,15,on'].map((row) => `${planted}-${row}\n`).join('');

/** When a test ends, the output of its runs and every file they leave are searched for the planted values. */
test('a rehearsal of a file without a header shows and stores no field of its first row', async () => {
  const dir = workDir();
  dir.write('tokens.csv', headerless);
  const args = ['tokens.csv', '--repository', 'memory', '--latency', '0ms', '--log-level', 'debug'];
  const run = await dir.run([...args, '--run-dir', 'run', '--summary', 'summary.json']);
  expect(run).toMatchObject({ status: 5, stdout: expect.stringContaining('3 read = 2 written') });
  const files = readdirSync(join(dir.path, 'run'));
  expect(files).toEqual(expect.arrayContaining(['history.json', 'manifest.json', 'report.html', 'run.log']));
  expect(JSON.parse(dir.read('run/manifest.json'))).toMatchObject({ columns: ['column 1', 'column 2', 'column 3'] });
  expect(await dir.run(['report', 'run'])).toMatchObject({ status: 0 });
});

test('a rehearsal explains its numbered columns, and shows the names once a flag confirms them', async () => {
  const dir = workDir();
  dir.write('tokens.csv', `token,user\n${planted},u\n`);
  const rehearse = (...flags: string[]) =>
    dir.run(['tokens.csv', '--repository', 'memory', '--latency', '0ms', '--no-run-dir', '--details', ...flags]);
  const untold = await rehearse();
  expect(untold.status).toBe(0);
  expect(untold.stderr).toMatch(/key +column 1\n/);
  expect(untold.stderr).toMatch(/columns +column 1 S, column 2 S\n/);
  expect(untold.stderr.replace(/\s+/g, ' ')).toContain(
    'the first row is read as the header, and its names are shown once --header or --key confirms them',
  );
  for (const flags of [['--header'], ['--key', 'token'], ['--omit', 'user']]) {
    const told = await rehearse(...flags);
    expect(told.stderr).toMatch(/key +token\n/);
    expect(told.stderr).not.toContain('column 1');
  }
});

test('a plan of a file without a header shows no field of its first row', async () => {
  const dir = workDir();
  dir.write('tokens.csv', headerless);
  const args = ['plan', 'tokens.csv', '--repository', 'memory'];
  const plan = await dir.run(args);
  expect(plan).toMatchObject({ status: 5, stdout: expect.stringMatching(/^ +column 2 /m) });
  const json = await dir.run([...args, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    keyNames: ['column 1'],
    columns: [{}, { sourceName: 'column 2' }, {}],
  });
});

const memory = ['--repository', 'memory', '--no-run-dir'];

test.each([
  ['for a table', ['tokens.csv', '--yes', '--run-dir', 'run'], true],
  ['of a plan for a table', ['plan', 'tokens.csv'], true],
  ['of a type for a column', ['tokens.csv', '--types', 'user=N', '--yes', '--run-dir', 'run'], true],
  ['after a file with one', ['header.csv', 'tokens.csv', '--yes', '--run-dir', 'run'], true],
  ['of a key', ['tokens.csv', ...memory, '--key', 'token'], false],
  ['of a column to omit', ['tokens.csv', ...memory, '--omit', 'user'], false],
  ['of a column to compare by', ['tokens.csv', ...memory, '--if-exists', 'newer:user'], false],
  ['with equal fields', ['twice.csv', ...memory], false],
])('a refusal %s shows no field of the first row of a file without a header', async (_, args, hasTable) => {
  const dir = workDir();
  dir.write('tokens.csv', headerless);
  dir.write('twice.csv', `${planted},${planted}\n${planted},b\n`);
  dir.write('header.csv', `token,user,state\n${planted},1,on\n`);
  const { status, stderr } = await dir.run(hasTable ? [...args, ...(await dynamoTarget()).flags] : args);
  expect(stderr).toMatch(/hint/);
  expect([2, 4]).toContain(status);
});
