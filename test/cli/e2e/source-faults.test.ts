import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { type RunOptions, type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv, unlessEnded } from './dynamo-target.ts';

type Case = {
  readonly title: string;
  readonly prepare?: (dir: WorkDir) => void;
  readonly flags?: readonly string[];
  readonly sources?: readonly string[];
  readonly stdin?: NonNullable<RunOptions['stdin']>;
  readonly says: readonly string[];
  /** Rows before the fault, which may have been sent. */
  readonly sendsSome?: boolean;
  /** Whether a resume with other flags, or with the same source, can continue. */
  readonly canResume?: boolean;
  /** Fails before the question, so that no run directory is left. */
  readonly isSeenFirst?: boolean;
};

const write = (content: string | Uint8Array) => (dir: WorkDir) => void dir.write('tokens.csv', content);

const cases: readonly Case[] = [
  {
    title: 'a missing file',
    says: ['tokens.csv: no such file', 'hint: Check the path, or pass - for standard input.'],
  },
  {
    title: 'a directory',
    prepare: (dir) => void dir.write('tokens.csv/part.csv', planted),
    says: ['tokens.csv is a directory', 'hint: Name the files with rows in it', 'tokens.csv/*.csv'],
  },
  { title: 'an empty file', prepare: write(''), says: ['tokens.csv is empty (0 bytes)', 'hint: Check that the dump'] },
  {
    title: 'empty standard input',
    sources: ['-'],
    stdin: '',
    says: ['standard input', 'hint: '],
  },
  {
    title: 'a header without rows',
    prepare: write('token,user_id\n'),
    says: ['the source holds a header but no rows', 'hint: Check the dump.'],
    isSeenFirst: true,
  },
  {
    title: 'two columns of one name',
    prepare: write(`token,user_id,token\n${planted},1,b\n`),
    says: ['columns 1 and 3 in the header have the same name', 'hint: Pass --columns a,b'],
  },
  {
    title: 'a column without a name',
    prepare: write(`token,\n${planted},1\n`),
    says: ['column 2 of 2 in the header has no name', 'hint: Pass --columns a,b'],
  },
  {
    title: 'a header that is not valid UTF-8',
    prepare: write(Buffer.from(`token,caf\xe9\n${planted},1\n`, 'latin1')),
    says: ['the header on line 1 can', 'not valid UTF-8'],
  },
  {
    title: 'a table definition next to the dump that cannot be read',
    prepare: (dir) => {
      dir.write('tokens.txt', `${planted}\t1\n`);
      dir.write('tokens.sql/part', '');
    },
    sources: ['tokens.txt'],
    says: ["tokens.sql can't be read: it is a directory", 'hint: It tells the types of the dump.', '--schema'],
  },
  {
    title: 'a --schema that is missing',
    prepare: write(tokensCsv(2)),
    flags: ['--schema', 'tokens.sql'],
    says: ["tokens.sql can't be read: there is no such file", 'hint: Name the .sql file'],
  },
  {
    title: 'a quote that is never closed',
    prepare: write(`token,user_id\n${planted},1\nb,"2\nc,3\nd,4\n`),
    says: ['the row that begins on line 3 opens a quote that is never closed', '--quote', '--escape'],
    sendsSome: true,
  },
  {
    title: 'a quote that is not closed within --max-row-bytes',
    prepare: write(`token,user_id\n${planted},1\nb,"2\n${'c,3\n'.repeat(200_000)}`),
    flags: ['--max-row-bytes', '64KiB'],
    says: ['the row that begins on line 3 opens a quote that is never closed'],
    sendsSome: true,
  },
  {
    title: 'a row without an end',
    prepare: write(`token,user_id\n${planted},1\nb,${'2'.repeat(100_000)}\n`),
    flags: ['--max-row-bytes', '64KiB'],
    says: ['the row that begins on line 3 is longer than 65,536 bytes', '--max-row-bytes'],
    sendsSome: true,
    canResume: true,
  },
  {
    title: 'gzip cut short',
    prepare: (dir) => write(gzipSync(tokensCsv(50_000)).subarray(0, 60_000))(dir),
    says: ['the gzip data is truncated after its first', 'unpacked bytes', 'hint: Get a complete copy'],
    sendsSome: true,
  },
  {
    title: 'a packing that cannot be unpacked here',
    prepare: write(Buffer.from(`\xfd7zXZ\0\0\0\0\0${planted}`, 'latin1')),
    says: ['tokens.csv is packed with xz', 'hint: Pipe it, with the same options: xz -dc', '| import-tokens -'],
  },
  {
    title: 'a second file with another header',
    prepare: (dir) => {
      dir.write('tokens.csv', tokensCsv(2));
      dir.write('more.csv', 'user_id,token\n1,x\n');
    },
    sources: ['tokens.csv', 'more.csv'],
    says: ['more.csv: its header is not that of', 'tokens.csv: it differs in column 1', 'in a separate run'],
    sendsSome: true,
  },
  {
    title: 'fewer rows than --expect-rows',
    prepare: write(tokensCsv(3)),
    flags: ['--expect-rows', '4'],
    says: ['--expect-rows 4, but the source holds only 3', 'SELECT COUNT(*)'],
    sendsSome: true,
    canResume: true,
  },
  {
    title: 'more rows than --expect-rows',
    prepare: write(tokensCsv(3)),
    flags: ['--expect-rows', '2'],
    says: ['--expect-rows 2, but the source holds more'],
    sendsSome: true,
  },
];

test.concurrent.for(cases)(
  '$title ends with exit code 4, naming the place and the remedy',
  async (row, { onTestFinished }) => {
    const {
      prepare,
      flags = [],
      sources = ['tokens.csv'],
      stdin = '',
      says,
      sendsSome = false,
      canResume = false,
      isSeenFirst = false,
    } = row;
    const target = await dynamoTarget({}, {}, onTestFinished);
    const dir = workDir({ keep: true });
    onTestFinished(dir.remove);
    prepare?.(dir);
    const { status, stdout, stderr } = await dir.run([...sources, ...target.flags, ...flags, '--wps', '1000000'], {
      stdin,
    });
    for (const part of says) expect(stderr).toContain(part);
    expect(stderr).not.toContain('bug');
    expect(status).toBe(4);
    expect(stdout.includes('import-tokens --resume')).toBe(canResume);
    if (!sendsSome) expect(target.itemsReceived()).toBe(0);
    if (isSeenFirst) expect(existsSync(join(dir.path, 'import-tokens-runs'))).toBe(false);
  },
);

test('a file that grows while it is read ends the import', async () => {
  const { proxy, flags } = await dynamoTarget({}, { faults: { throttle: 1 } });
  const dir = workDir();
  // Far more than is read ahead while the table accepts nothing.
  const rows = Array.from({ length: 150 }, (_, index) => `${planted}-t${index},${'x'.repeat(10_000)}\n`);
  const file = dir.write('tokens.csv', `token,user_id\n${rows.join('')}`);
  const running = dir.spawn(['tokens.csv', ...flags, '--wps', '10000', '--max-ahead', '25'], { stdin: '' });
  await unlessEnded(
    running,
    proxy.until(({ requests }) => requests.throttled > 0),
  );
  appendFileSync(file, 'late,1\n');
  proxy.setFaults({});
  const { status, stderr, stdout } = await running.ended;
  expect(stderr).toMatch(/tokens\.csv changed while it was being read: its size went from [\d,]+ to [\d,]+ bytes/);
  expect(stderr).toContain('hint: Import a file that nothing writes to any more, in a new run.');
  expect(stdout).toMatch(/\d+ read = \d+ written .* \d+ pending/);
  // The file has changed, so a resume would refuse it.
  expect(stdout).not.toContain('--resume');
  expect(status).toBe(4);
});
