import { describe, expect, test } from 'vitest';
import type { KeyType } from '../../../src/domain/column.ts';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget } from './dynamo-target.ts';

const fixtures = new URL('../../fixtures/reading/', import.meta.url).pathname;

type Case = {
  readonly title: string;
  /** A path with a slash names a fixture. */
  readonly command: string;
  readonly key?: { readonly name: string; readonly type: KeyType };
  readonly status: number;
  /** Expected output. */
  readonly says?: readonly string[];
  /** Values that may not appear. */
  readonly secrets: readonly string[];
  /** Codes in `rejects.jsonl`, in the order of the rows. */
  readonly rejects?: readonly string[];
  /** All items, or their number. */
  readonly items?: readonly object[] | number;
};

const ends = (title: string, command: string, status: number, rest: Omit<Case, 'title' | 'command' | 'status'>) => ({
  title,
  command,
  status,
  ...rest,
});
const byToken = { name: 'token', type: 'S' } as const;
const S = (text: string) => ({ S: text });
const N = (text: string) => ({ N: text });
const uuid = { B: 'ABEiM0RVZneImaq7zN3u/w==' };
const upper = '00112233445566778899AABBCCDDEEFF';

const cases: readonly Case[] = [
  ...[
    ['real1', 500],
    ['real2', 500],
    ['real6', 500],
    ['real8', 300],
    ['tok', 200],
    ['tok2', 200],
    ['tok3', 200],
  ].map(([name, items]) =>
    ends(`mysqldump --tab of a small table: ${name}`, `plain-tab-dump-asked/${name}.txt`, 0, {
      ...{ key: byToken, secrets: ['example.org', 'Ann Smith', 'x.org'], items: Number(items) },
      says: ['MySQL text, the defaults of mysqldump --tab'],
    }),
  ),
  ends('mysqldump --tab, every value', 'plain-tab-dump-asked/three.txt', 0, {
    ...{ key: byToken, secrets: ['Ann Smith'] },
    items: [1, 2, 3, 4].map((i) => ({ token: S(`t${i}`), name: S(`Ann Smith${i}`), city: S('New York') })),
  }),
  ends('an enclosed dump without a word', 'enclosed-unescaped-quote/tc.txt', 2, {
    ...{ secrets: ['hello', 'disk'], items: 0 },
    says: ['line 1: the row has 1 field where 3 are expected', 'None of the usual formats fits every row'],
  }),
  ends(
    'an enclosed dump with quotes inside that nothing escapes',
    `enclosed-unescaped-quote/tc.txt --fields-terminated-by , --fields-optionally-enclosed-by '"'`,
    5,
    {
      ...{ secrets: ['hello', 'disk'], rejects: ['undecodable'] },
      items: [
        { id: S('k1'), n: N('1'), s: S('hello') },
        { id: S('k3'), n: N('3'), s: S('plain') },
      ],
    },
  ),
  ends(
    'a dump that is told to have no escape',
    `enclosed-unescaped-quote/tc.txt --fields-terminated-by , --fields-optionally-enclosed-by '"' --fields-escaped-by ''`,
    4,
    { secrets: ['hello', 'disk'], items: 0, says: ['--fields-escaped-by=', 'mysqldump --tab=DIR db table'] },
  ),
  ends(
    'a dump whose texts are all quoted, nothing told',
    'enclosed-unescaped-quote/escaped-dq.txt --schema enclosed-unescaped-quote/tc.sql',
    2,
    {
      ...{ secrets: ['hello', 'disk'], items: 0 },
      says: [`--fields-optionally-enclosed-by '"', or --types id=S,s=S`],
    },
  ),
  ends(
    'a dump that is told to be escaped by its quote',
    `enclosed-unescaped-quote/escaped-dq.txt --schema enclosed-unescaped-quote/tc.sql --fields-optionally-enclosed-by '"' --fields-escaped-by '"'`,
    4,
    { secrets: ['hello', 'disk'], items: 0, says: ['--fields-escaped-by='] },
  ),
  ...['insert', 'missing-quote', 'inner-quote', 'cut-line'].flatMap((name) => [
    ends(
      `a damaged row, nothing told: ${name}`,
      `enclosed-one-odd-row/${name}.dat --schema enclosed-one-odd-row/sess.sql`,
      2,
      {
        ...{ secrets: ['"a0"', '"x0"'], items: 0, says: ['None of the usual formats fits every row'] },
      },
    ),
    ends(
      `a damaged row: ${name}`,
      `enclosed-one-odd-row/${name}.dat --schema enclosed-one-odd-row/sess.sql --fields-terminated-by , --fields-optionally-enclosed-by '"'`,
      5,
      { secrets: ['a0"', 'x0"'], items: 60 },
    ),
  ]),
  ends('one damaged row', 'enclosed-one-odd-row/one-row.txt --schema enclosed-one-odd-row/sess.sql', 2, {
    ...{ secrets: ['oops'], items: 0 },
  }),
  ...['hex', 'hex0x', 'uuid'].flatMap((name) => [
    ends(`BINARY(16) as text, nothing told: ${name}`, `binary-as-text/${name}.tsv --schema binary-as-text/bin.sql`, 2, {
      ...({ key: { name: 'id', type: 'B' }, secrets: [upper, 'Bob'], items: 0, says: ['--types id=HEX'] } as const),
    }),
    ends(
      `BINARY(16) as text: ${name}`,
      `binary-as-text/${name}.tsv --schema binary-as-text/bin.sql --types id=HEX`,
      0,
      { ...({ key: { name: 'id', type: 'B' }, secrets: ['Bob'] } as const), items: [{ id: uuid, name: S('Bob') }] },
    ),
  ]),
  ends(
    'BINARY(16) as MySQL Shell writes it',
    'binary-as-text/shell.tsv --schema binary-as-text/shell.sql --types id=BASE64',
    0,
    { ...({ key: { name: 'id', type: 'B' }, secrets: ['Ann'], items: 2 } as const) },
  ),
  ends('a bare NULL among quoted fields', 'csv-null-word/pma.csv', 2, {
    ...{ secrets: ['"q"'], items: 0, says: ['--null', '--no-null'] },
  }),
  ends('a bare NULL that is told to be NULL', 'csv-null-word/pma.csv --null NULL', 0, {
    ...{ secrets: ['"q"'] },
    items: [
      { id: S('1'), name: S('a "q" b') },
      { id: S('2'), name: S('NULL'), note: S('x') },
    ],
  }),
  ends('a bare NULL that is told to be text', 'csv-null-word/pma.csv --no-null', 0, {
    ...{ secrets: ['"q"'] },
    items: [
      { id: S('1'), name: S('a "q" b'), note: S('NULL') },
      { id: S('2'), name: S('NULL'), note: S('x') },
    ],
  }),
  ends('INTO OUTFILE with a bare NULL', 'csv-null-word/outfile.csv --columns id,n,s,d', 2, {
    ...{ secrets: ['hello', 'wow'], items: 0, says: ['--null'] },
  }),
  ...['cat.csv', 'cat.csv.gz', 'catbom.csv', 'catb.tsv --format mysql-batch'].map((file) =>
    ends(`files with headers that were concatenated: ${file}`, `repeated-header/${file}`, 5, {
      ...{ secrets: ['secret'], rejects: ['header-row'] },
      items: [
        { id: S('1'), name: S('a') },
        { id: S('2'), name: S('b') },
      ],
    }),
  ),
  ends('a .tsv of which nothing is told', 'repeated-header/catb.tsv', 2, {
    ...{ secrets: ['secret'], items: 0, says: ['--format mysql-batch'] },
  }),
  ends('--columns that equal the first row', 'columns-beside-header/hdr.csv --columns id,name,note', 0, {
    ...{ secrets: ['secret'] },
    says: ['its first row equals --columns and is the header'],
    items: [
      { id: S('1'), name: S('a'), note: S('b') },
      { id: S('2'), name: S('c'), note: S('d') },
    ],
  }),
  ends(
    'a header by UNION ALL before INTO OUTFILE',
    `columns-beside-header/union.csv --columns id,name,note --fields-terminated-by , --fields-enclosed-by '"'`,
    0,
    {
      ...{ secrets: ['line1'] },
      items: [
        { id: S('1'), name: S('a'), note: S('line1\nline2') },
        { id: S('2'), name: S('b'), note: S('path C:\\x') },
      ],
    },
  ),
  ends('the same read as CSV', 'columns-beside-header/union.csv --columns id,name,note', 2, {
    ...{ secrets: ['line1', 'path C'], items: 0, says: ['--escape'] },
  }),
  ...['a.csv', 'key-last.csv'].map((file) =>
    ends(`lines that end with CR CR LF: ${file}`, `cr-cr-lf/${file}`, 2, {
      ...{ secrets: ['secret'], items: 0, says: ['CR CR LF'] },
    }),
  ),
  ...['tokens.tar.gz', 'tokens.tar', 'tokens.tar.gz --no-header --columns id,name'].map((file) =>
    ends(`a tar archive: ${file}`, `tar-gz/${file}`, 4, {
      ...{ secrets: ['ustar'], items: 0, says: ['tar archive', 'tar -x', 'import-tokens -'] },
    }),
  ),
  ...['sep.csv', 'sep.csv --columns id,name,price'].map((file) =>
    ends(`Excel's first line sep=;: ${file}`, `sep-line/${file}`, 4, {
      ...{ secrets: ['2,5'], items: 0, says: ['sep=', "--delimiter ';'"] },
    }),
  ),
  ...['json', 'plain'].map((name) =>
    ends(
      `a headerless .tsv with --schema: ${name}`,
      `schema-ignored-for-tsv/${name}.tsv --schema schema-ignored-for-tsv/${name}.sql`,
      0,
      {
        ...{ secrets: ['"a": 1'], items: 2 },
      },
    ),
  ),
  ends('a .csv that is MySQL text', 'schema-ignored-for-tsv/plain.csv --schema schema-ignored-for-tsv/plain.sql', 2, {
    secrets: ['"a1"', '"y"'],
    items: 0,
    says: ['--fields-terminated-by , --fields-enclosed-by'],
  }),
  ends(
    'mysql --batch --skip-column-names of which nothing is told',
    'schema-ignored-for-tsv/nonames.tsv --schema schema-ignored-for-tsv/ta.sql',
    5,
    { secrets: ['hello', 'wow'], says: ['--format mysql-batch --no-header'], items: 2 },
  ),
  ends(
    'mysql --batch --skip-column-names',
    'schema-ignored-for-tsv/nonames.tsv --schema schema-ignored-for-tsv/ta.sql --format mysql-batch --no-header',
    0,
    { secrets: ['hello', 'wow'], items: 5 },
  ),
  ends('a warning of the client in the .sql', 'client-warning-line/tokens.txt', 0, {
    ...{ secrets: ['secret'], items: 1 },
  }),
  ends(
    'a warning of the client before the rows',
    'client-warning-line/batch.tsv --schema client-warning-line/ta.sql',
    4,
    {
      ...{ secrets: ['hello', 'wow'], items: 0, says: ['warning', 'tail -n +2'] },
    },
  ),
  ends('a warning of the client before SQL statements', 'client-warning-line/full.sql', 4, {
    ...{ secrets: ['hello', 'wow'], items: 0 },
  }),
  ...[
    ['book.xlsx', 'CSV UTF-8'],
    ['rows.json', 'JSON'],
    ['table.txt', '--batch'],
    ['vertical.txt', '--batch'],
    ['rows.xml', '--batch'],
    ['table.txt --repository memory', '--batch'],
  ].map(([file, says]) =>
    ends(`what is no CSV: ${file}`, `other-formats/${file}`, 4, { secrets: ['secret'], items: 0, says: [says!] }),
  ),
  ends('dates without seconds', 'epoch-without-seconds/dates.csv --types d=EPOCH', 0, {
    ...{ secrets: ['2024-01-01 0'] },
    items: ['a1', 'a2', 'a3'].map((id) => ({ id: S(id), d: N('1704067200') })),
  }),
  ends('a file cut inside its last row', 'cut-file/cut.csv', 0, {
    ...{ secrets: ['Bob Smi'], says: ['--expect-rows'], items: 2 },
  }),
];

describe('how a file is read', () => {
  test.concurrent.for(cases)('$title', async (row, { onTestFinished }) => {
    const { command, key = { name: 'id', type: 'S' }, status, says = [], secrets, rejects, items } = row;
    const target = await dynamoTarget({ key: [key] }, {}, onTestFinished);
    const dir = workDir({ keep: true, planted: secrets });
    onTestFinished(dir.remove);
    const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const args = words.map((word) => (word.includes('/') ? fixtures + word : word));
    const flags = command.includes('--repository') ? [] : target.flags;
    const run = await dir.run([...args, ...flags, '--run-dir', 'run']);
    expect(run.status, run.stderr).toBe(status);
    for (const text of says) expect(run.stderr).toContain(text);
    const found = [...target.table.items().values()];
    if (typeof items === 'number') expect(found).toHaveLength(items);
    else if (items !== undefined) {
      expect(found).toHaveLength(items.length);
      expect(found).toEqual(expect.arrayContaining([...items]));
    }
    if (rejects === undefined) return;
    const reasons = dir.read('run/rejects.jsonl').trim().split('\n');
    expect(reasons.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual(rejects);
  });
});
