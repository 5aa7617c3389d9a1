import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { planted } from '../../support/planted.ts';
import { type RunOptions, type WorkDir, workDir } from '../../support/work-dir.ts';
import { dynamoTarget } from './dynamo-target.ts';

type Case = {
  readonly title: string;
  readonly sources?: readonly string[];
  readonly flags?: readonly string[];
  readonly stdin?: NonNullable<RunOptions['stdin']>;
  readonly prepare?: (dir: WorkDir) => void;
};

const csv = `token,user_id\n${planted},1\n"b ""q""\nnext",2\nç,3\n`;
const expected = { [planted]: '1', 'b "q"\nnext': '2', ç: '3' };
const write = (content: string | Uint8Array) => (dir: WorkDir) => void dir.write('tokens.csv', content);

const cases: readonly Case[] = [
  { title: 'a file', prepare: write(csv) },
  { title: 'a file without its last line break', prepare: write(csv.trimEnd()) },
  { title: 'a byte order mark', prepare: write(`\ufeff${csv}`) },
  { title: 'a byte order mark and a quoted header', prepare: write(`\ufeff${csv.replace('token', '"token"')}`) },
  { title: 'CRLF', prepare: write(csv.replace(/(?<!")\n(?!next)/g, '\r\n').replace('""\r\nnext', '""\nnext')) },
  { title: 'blank lines', prepare: write(csv.replace(`${planted},1\n`, `\n${planted},1\n\n`)) },
  { title: 'gzip', prepare: write(gzipSync(csv)) },
  {
    title: 'gzip in two members',
    prepare: write(Buffer.concat([gzipSync(csv.slice(0, 20)), gzipSync(csv.slice(20))])),
  },
  { title: 'standard input', sources: ['-'], stdin: csv },
  { title: 'gzip on standard input', sources: ['-'], stdin: gzipSync(csv) },
  {
    title: 'several files, each with the header',
    sources: ['1.csv', '2.csv.gz', '-'],
    stdin: 'token,user_id\nç,3\n',
    prepare: (dir) => {
      dir.write('1.csv', `token,user_id\n${planted},1\n`);
      dir.write('2.csv.gz', gzipSync('token,user_id\n"b ""q""\nnext",2'));
    },
  },
  {
    title: 'no header, with --columns',
    prepare: write(csv.slice(csv.indexOf('\n') + 1)),
    flags: ['--columns', 'token,user_id'],
  },
  {
    title: 'a header that --columns replaces',
    prepare: write(csv.replace('token,user_id', 'x,x')),
    flags: ['--columns', 'token,user_id', '--header'],
  },
  { title: '--rename', prepare: write(csv.replace('token', 'id')), flags: ['--rename', 'id=token'] },
  {
    title: '--omit',
    prepare: write(`token,old,user_id\n${planted},z,1\n"b ""q""\nnext",z,2\nç,z,3\n`),
    flags: ['--omit', 'old'],
  },
  {
    title: '--delimiter, --quote and --escape',
    prepare: write(`token;user_id\n${planted};1\n'b "q"\nnext';2\nç;'3'\n`),
    flags: ['--delimiter', ';', '--quote', "'", '--escape', '\\'],
  },
  { title: '--expect-rows', prepare: write(csv), flags: ['--expect-rows', '3'] },
];

test.concurrent.for(cases)('$title: every row comes to the table as it is', async (row, { onTestFinished }) => {
  const { sources = ['tokens.csv'], flags = [], stdin = '', prepare } = row;
  const target = await dynamoTarget({}, {}, onTestFinished);
  const dir = workDir({ keep: true });
  onTestFinished(dir.remove);
  prepare?.(dir);
  const { status, stderr } = await dir.run([...sources, ...target.flags, ...flags], { stdin });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const items = [...target.table.items().values()].map((item) => [item['token']?.['S'], item['user_id']?.['S']]);
  expect(Object.fromEntries(items)).toEqual(expected);
});

test('--null and --empty omit leave attributes out', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens.csv', `token,a,b\nt,NULL,\nu,"NULL",${planted}\n`);
  const { status } = await dir.run(['tokens.csv', ...flags, '--null', 'NULL', '--empty', 'omit']);
  expect(status).toBe(0);
  const items = Object.fromEntries([...table.items().values()].map((item) => [item['token']?.['S'], item]));
  expect(items).toEqual({
    t: { token: { S: 't' } },
    u: { token: { S: 'u' }, a: { S: 'NULL' }, b: { S: planted } },
  });
});

test('decreasing numbers in file names cause a warning, and the order stays as given', async () => {
  const { flags, table } = await dynamoTarget();
  const dir = workDir();
  dir.write('tokens-10.csv', `token,user_id\nt,${planted}\n`);
  dir.write('tokens-2.csv', 'token,user_id\nt,two\n');
  const { status, stderr } = await dir.run(['tokens-10.csv', 'tokens-2.csv', ...flags]);
  expect(stderr).toContain('tokens-10.csv comes before tokens-2.csv: the files are read in this order');
  expect([...table.items().values()]).toEqual([{ token: { S: 't' }, user_id: { S: 'two' } }]);
  expect(status).toBe(0);
});

test('a pipe that ends within a row causes a warning', async () => {
  const dir = workDir();
  const rehearse = (stdin: string, runDir: string) =>
    dir.run(['-', '--repository', 'memory', '--run-dir', runDir], { stdin });
  const whole = await rehearse(`token,user_id\n${planted},12\n`, 'whole');
  expect(whole).toMatchObject({ status: 0, stderr: expect.not.stringContaining('end with a newline') });
  const cut = await rehearse(`token,user_id\n${planted},1`, 'cut');
  expect(cut).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('standard input: its last row does not end with a newline'),
  });
  expect(cut.stderr).toContain('--expect-rows');
});
