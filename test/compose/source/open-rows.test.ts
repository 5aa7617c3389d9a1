import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compileItemText } from '../../../src/adapters/dynamodb/item/item-text.ts';
import { openRows } from '../../../src/compose/source/open-rows.ts';
import { defaults, type ImportOptions } from '../../../src/options/import-options.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { BlockRows } from '../../../src/pipeline/take-rows.ts';
import type { OpenedFile } from '../../../src/ports/source.ts';
import { localSource } from './read-rows.ts';

const chunkBytes = 64 * 1024;
const sql = 'CREATE TABLE t (id varchar(9), note longtext, kind varchar(9), PRIMARY KEY (id))';

type Stopped = Parameters<typeof openRows>[2];

async function open(texts: readonly string[], changes: Partial<ImportOptions>, definition = sql, run?: Stopped) {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const schema = join(folder, 't.sql');
  writeFileSync(schema, definition);
  const options = { ...defaults, sources: ['t.txt'], settings: [], given: [], settleMs: 0, schema, ...changes };
  const files = texts.map((text, i) => fileOf(`t-${i}.txt`, Buffer.from(text)));
  return openRows(options, localSource(files), run, { signal: new AbortController().signal, argv: [], warn: () => {} });
}

/** The items of a dump in these files, or the codes of what is wrong with its rows. */
async function read(texts: readonly string[], changes: Partial<ImportOptions> = {}): Promise<unknown[]> {
  const rows = await open(texts, changes);
  const mapped = rows.mapTo(undefined);
  const mapper = new RowMapper({ ...mapped, encoder: compileItemText(mapped.columns) });
  const found: unknown[] = [];
  for await (const block of rows.blocks) {
    const taken = new BlockRows(block);
    while (taken.advance()) {
      const token = mapper.map(block.rows, taken.index, taken.row(found.length));
      found.push(token === undefined ? mapper.fault.code : plain(token.payload as string));
    }
  }
  return found;
}

function plain(payload: string): Record<string, unknown> {
  const item = JSON.parse(payload).PutRequest.Item as Record<string, { S: unknown }>;
  return Object.fromEntries(Object.entries(item).map(([name, { S }]) => [name, S]));
}

function fileOf(name: string, bytes: Buffer): OpenedFile {
  return {
    ...{ name, path: undefined, mtimeMs: undefined, storedBytes: bytes.length },
    storedBytesRead: () => bytes.length,
    checkUnchanged: async () => {},
    async *read() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}

describe('a dump whose first row is longer than what tells the shape of others', () => {
  const long = 'x'.repeat(150_000);

  test.each([
    ['plain', (text: string) => text, '\t', '\n', {}],
    ['enclosed', (text: string) => `"${text}"`, ',', '\n', { fieldsTerminatedBy: ',', fieldsEnclosedBy: '"' }],
    [
      'enclosed, in lines of Windows',
      (text: string) => `'${text}'`,
      ';',
      '\r\n',
      { fieldsTerminatedBy: ';', fieldsEnclosedBy: "'", linesTerminatedBy: '\r\n' },
    ],
  ])('is read as it was written: %s', async (_, enclosed, delimiter, lineEnd, flags) => {
    const lineBreak = lineEnd === '\n' ? '\\\n' : ' ';
    const rows = [
      ['a', `${long}${lineBreak}${long}`, 'k'],
      ['b', 'two', 'k'],
    ];
    const text = rows.map((row) => row.map(enclosed).join(delimiter) + lineEnd).join('');
    expect(await read([text], flags)).toEqual([
      { id: 'a', note: `${long}${lineBreak.at(-1)}${long}`, kind: 'k' },
      { id: 'b', note: 'two', kind: 'k' },
    ]);
  });
});

describe('a row that equals the header', () => {
  const item = { id: 'a', note: 'b', kind: 'c' };
  const columns = ['id', 'note', 'kind'];

  test.each([
    ['plain MySQL text', '\t', '', { columns }],
    ['enclosed MySQL text', ',', '"', { columns, fieldsTerminatedBy: ',', fieldsEnclosedBy: '"' }],
    ['mysql --batch', '\t', '', {}],
    ['CSV', ',', '', { format: 'csv' }],
  ] as const)('is rejected wherever it comes again: %s', async (_, delimiter, quote, flags) => {
    const line = (fields: readonly string[]) => `${fields.map((field) => quote + field + quote).join(delimiter)}\n`;
    const rows = [columns, ['a', 'b', 'c'], columns, ['a', 'b', 'c']];
    expect(await read([rows.map(line).join('')], flags)).toEqual([item, 'header-row', item]);
  });
});

test.each([
  ['CSV', 'ID,Raw,note\n1,YQ==,x\n', { format: 'csv' }],
  ['mysql --batch', 'ID\tRaw\tnote\n1\ta\tx\n', {}],
  ['MySQL text', '1\ta\tx\n', { columns: ['ID', 'Raw', 'note'] }],
  ['MySQL text with a header', 'id\traw\tNOTE\n1\ta\tx\n', { columns: ['ID', 'Raw', 'note'] }],
] as const)('%s: columns have the types of the table in whatever case they are named', async (_, text, changes) => {
  const definition = 'CREATE TABLE t (id bigint, raw varbinary(9), note longtext, PRIMARY KEY (id))';
  const rows = await open([text], changes, definition);
  const { columns, keyNames } = rows.mapTo(undefined);
  expect(keyNames).toEqual(['ID']);
  expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['ID N', 'Raw B', 'note S']);
  let count = 0;
  for await (const block of rows.blocks) count += block.rows.count;
  expect(count).toBe(1);
});

test('the word NULL is text in a column whose type is told, and NULL is still NULL', async () => {
  const text = ['a\tNULL\tk\n', 'b\t\\N\tk\n', 'c\tx\tNULL\n'].join('');
  const items = [{ id: 'a', note: 'NULL', kind: 'k' }, { id: 'b', kind: 'k' }, 'bare-null'];
  expect(await read([text], { types: { note: 'S' } })).toEqual(items);
});

test('a resume reads as the run began: another type, zone, key or option is refused', async () => {
  const texts = ['a\tb\tc\n'];
  const began = `SET TIME_ZONE='+00:00';\n${sql};`;
  const resumed = async (definition: string, changes: Partial<ImportOptions> = {}) => {
    const { reading } = await open(texts, {}, began);
    const stored = JSON.parse(JSON.stringify(reading));
    return open(texts, changes, definition, { columns: undefined, reading: stored, progress: undefined });
  };
  await expect(resumed(`-- the same\n${began}`)).resolves.toBeDefined();
  const others = [sql, began.replace('kind varchar(9)', 'kind char(9)'), began.replace('KEY (id)', 'KEY (kind)')];
  for (const other of others) await expect(resumed(other)).rejects.toMatchObject({ code: 'resume-mismatch' });
  await expect(resumed(began, { linesStartingBy: 'a' })).rejects.toMatchObject({ code: 'resume-mismatch' });
  const unread = { columns: undefined, reading: undefined, progress: undefined };
  await expect(open(texts, {}, began, unread)).rejects.toThrow('does not say how its source is read');
});

describe('carriage returns', () => {
  const lines = ['a\tx\\\ty\tk', 'b\tz\tl'];
  const items = [
    { id: 'a', note: 'x\ty', kind: 'k' },
    { id: 'b', note: 'z', kind: 'l' },
  ];

  test('on every line of a later file are refused where the first file has none, but for a few lines', async () => {
    const [unix, windows] = ['\n', '\r\n'].map((end) => lines.map((line) => line + end).join(''));
    expect(await read([unix!, windows!, unix!])).toEqual([
      ...items,
      ...items.map((item) => ({ ...item, kind: `${item.kind}\r` })),
      ...items,
    ]);
    await expect(read([unix!, windows! + windows!])).rejects.toMatchObject({
      code: 'undecodable',
      message: 't-1.txt: its lines end with CR LF, those of t-0.txt with LF',
    });
  });

  test('that the client for Windows puts on every line are in no name and no value', async () => {
    const rows = ['a\tx\\ty\tk\r\n', 'b\tz\tNULL\r\n'].join('');
    const expected = [items[0], { id: 'b', note: 'z' }];
    expect(await read([`id\tnote\tkind\r\n${rows}`])).toEqual(expected);
    const format = 'mysql-batch';
    expect(await read([`id\tnote\tkind\r\n${rows}`], { schema: undefined, format })).toEqual(expected);
    const headerless = { format, header: false, linesTerminatedBy: '\r\n' } as const;
    expect(await read([rows], headerless)).toEqual(expected);
  });

  test('on some lines are part of their values, on all lines the line terminator has to be told', async () => {
    const ids = (text: string, flags = {}) => read([text], { columns: ['id'], ...flags });
    expect(await ids('a\nb\nc\r\n')).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c\r' }]);
    await expect(ids('a\r\nb\r\n')).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--lines-terminated-by'),
    });
    expect(await ids('a\r\nb\r\n', { linesTerminatedBy: '\r\n' })).toEqual([{ id: 'a' }, { id: 'b' }]);
  });
});

test('another source in place of the one a run began with is said to be that, and no flags are suggested', async () => {
  const options = { ...defaults, sources: ['-'], settings: [], given: [], settleMs: 0 };
  const { signal } = new AbortController();
  const open = (text: string, run?: Parameters<typeof openRows>[2]) =>
    openRows(options, localSource([fileOf('standard input', Buffer.from(text))]), run, {
      signal,
      argv: [],
      warn: () => {},
    });
  const { reading } = await open('id,note\n1,x\n');
  const run = { columns: ['id', 'note'], reading, progress: undefined };
  expect((await open('id,note\n2,y\n', run)).names).toEqual(['id', 'note']);
  await expect(open('id;note\n1;x\n', run)).rejects.toMatchObject({
    code: 'resume-mismatch',
    message: expect.stringContaining('the source is not the one this run began with'),
    hint: expect.not.stringContaining('--delimiter'),
  });
});
