import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { RejectCode } from '../../../src/domain/row.ts';
import type { TableInfo } from '../../../src/domain/table.ts';
import { MemoryTokenRepository, runImport, systemClock } from '../../../src/index.ts';
import { scriptOf } from '../../adapters/mysql/scripted-table.ts';
import { planted } from '../../support/planted.ts';
import { startScriptedMysql } from '../../support/scripted-mysql.ts';
import { tokensTable } from '../../support/tokens-table.ts';
import { workDir } from '../../support/work-dir.ts';
import { readRows } from './read-rows.ts';

const csv = (...lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
const made = (set: readonly string[]) => ({ set, key: ['pk'], repository: 'memory', omit: ['a', 'b'] }) as const;

const nullWord = 'NULL';

/** What a template makes of two fields, by replacing text; undefined if one that it takes is NULL. */
function naive(template: string, a: string, b: string): string | undefined {
  let hasNull = false;
  const text = template.replaceAll(/\{\{|\}\}|\{a\}|\{b\}/g, (part) => {
    const made = { '{{': '{', '}}': '}', '{a}': a, '{b}': b }[part]!;
    if (made === nullWord) hasNull = true;
    return made;
  });
  return hasNull ? undefined : text;
}

const piece = fc.oneof(
  fc.constantFrom('{a}', '{b}', '{{', '}}', '#', 'ä', '"', '\\', '\n', '='),
  fc.stringMatching(/^[A-Z ]{1,5}$/),
);
const templateText = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const keyText = templateText.map((text) => `${text}{b}`);
const fieldText = fc.oneof(
  // Without e, so that no field makes a number with an exponent.
  fc.stringMatching(/^[a-df-z0-9 ]{1,8}$/),
  fc.stringMatching(/^[1-9][0-9]{0,6}$/),
  fc.constantFrom('ö', '漢字😀', '{a}', '{{', 'x'.repeat(700), 'x'.repeat(1500), nullWord),
);

const text = (name: string) => ({ name, type: 'S' as const });
const threeKeys: TableInfo = {
  ...tokensTable,
  key: [text('pk'), text('sk')],
  globalIndexes: [{ name: 'by-owner', key: [text('owner'), text('pk')], status: 'ACTIVE' }],
};

test('templates make what replacing the columns in the text makes, or reject what the table cannot take', async () => {
  const templates = fc.record({ pk: keyText, sk: keyText, owner: keyText, text: templateText, n: fc.constant('1{a}') });
  await fc.assert(
    fc.asyncProperty(templates, fieldText, fieldText, fc.boolean(), async (chosen, a, b, isNumeric) => {
      const { n, ...texts } = chosen;
      const set = [
        ...Object.entries(texts).map(([name, made]) => `${name}=${made}`),
        ...(isNumeric ? [`n:N=${n}`] : []),
      ];
      const options = { ...made(set), null: nullWord };
      const { rows, rejects } = await readRows(csv('a,b', `${a},${b}`), options, threeKeys);
      const limits: Readonly<Record<string, number>> = { pk: 1024, sk: 1024, owner: 2048 };
      const values = Object.values(texts).map((template) => naive(template, a, b));
      const faults: (RejectCode | undefined)[] = Object.keys(texts).map((name, i) => {
        if (values[i] === undefined) return 'template-null';
        return Buffer.byteLength(values[i]) > (limits[name] ?? Infinity) ? 'key-too-long' : undefined;
      });
      const number = naive(n, a, b);
      if (isNumeric)
        faults.push(number === undefined ? 'template-null' : /^\d+$/.test(number) ? undefined : 'not-a-number');
      const fault = faults.find((code) => code !== undefined);
      if (fault === undefined) expect(rows).toEqual([[...values, ...(isNumeric ? [number] : [])]]);
      else expect(rejects).toMatchObject([{ code: fault }]);
      for (const { message } of rejects) expect(message).not.toMatch(/x{700}|漢字/);
    }),
    { numRuns: process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 2000 : 300 },
  );
});

test.each([
  ['pk', 2048, "the table's partition key"],
  ['sk', 1024, "the table's sort key"],
  ['owner', 2048, 'the partition key of index "by-owner"'],
] as const)('what is made for %s may have %i bytes and not one more', async (name, limit, label) => {
  const table: TableInfo = {
    ...threeKeys,
    globalIndexes: [{ name: 'by-owner', key: [text('owner')], status: 'ACTIVE' }],
  };
  const set = ['pk', 'sk', 'owner'].map((each) => `${each}=${each === name ? '#{a}' : '{b}'}`);
  const lines = [
    `${planted}${'x'.repeat(limit - planted.length - 1)},1`,
    `${planted}${'x'.repeat(limit - planted.length)},1`,
  ];
  const { rows, rejects } = await readRows(csv('a,b', ...lines), made(set), table);
  expect(rows).toHaveLength(1);
  const message = `attribute "${name}" of --set is longer than the ${limit.toLocaleString('en-US')} bytes that ${label} may have`;
  expect(rejects).toEqual([{ code: 'key-too-long', message }]);
});

test('a key may have 2,048 bytes and not one more, however few characters they are', async () => {
  const lines = [`${'ä'.repeat(1023)},1`, `${'ä'.repeat(1023)},12`, `${'ä'.repeat(1023)},123`];
  const { rows, rejects } = await readRows(csv('a,b', ...lines), made(['pk={a}{b}']));
  expect(rows.map(([pk]) => Buffer.byteLength(String(pk)))).toEqual([2047, 2048]);
  expect(rejects).toMatchObject([{ code: 'key-too-long' }]);
});

test('fields are taken as the source has them, and columns by their names before --rename', async () => {
  const source = csv('id,uses,at', 'a,007,2026-01-01 00:00:00');
  const mapping = { types: { uses: 'N', at: 'EPOCH' }, rename: { id: 'token' } } as const;
  const { rows } = await readRows(source, { ...mapping, set: ['made={id}|{uses}|{at}', 'n:N=1{uses}.50'] });
  expect(rows).toEqual([['a', '7', '1767225600', 'a|007|2026-01-01 00:00:00', '1007.5']]);
  const unknown = readRows(source, {
    ...mapping,
    header: true,
    set: ['made={token}'],
    repository: 'memory',
    key: ['token'],
  });
  await expect(unknown).rejects.toMatchObject({
    message: '--set names no column: "token"; the source has "id", "uses", "at"',
    hint: 'Pass the name of the source, "id", not "token".',
  });
});

test('a column that --set takes and the source lacks is refused with the nearest name', async () => {
  const set = ['pk=TOKEN#{token}', 'user=USER#{user_ld}'];
  await expect(readRows(csv('token,user_id', 'a,1'), { ...made(set), omit: [] })).rejects.toMatchObject({
    code: 'usage',
    hint: 'Pass a name of the source: did you mean "user_id"?',
  });
  // Nothing shows that the first row is a header.
  const row = readRows(csv(`${planted},user_id`, 'a,1'), { ...made(['pk={tokn}']), omit: [] });
  await expect(row).rejects.toMatchObject({
    message: '--set names no column: "tokn"',
    hint: 'Pass a name of the source.',
  });
});

test('NULL rejects the row, and empty text does if it is not kept; no value is shown', async () => {
  const source = csv('a,b', `${planted},NULL`, `${planted},`, `NULL,${planted}`, 'c,d');
  const options = { ...made(['pk={a}#{b}']), null: 'NULL' };
  const kept = await readRows(source, options);
  expect(kept.rows).toEqual([[`${planted}#`], ['c#d']]);
  const left = await readRows(source, { ...options, empty: 'omit' });
  const code = 'template-null';
  expect(left.rejects).toEqual([
    { code, column: 'b', message: 'column "b" is NULL, and --set pk needs it' },
    { code, column: 'b', message: 'column "b" is empty, and --set pk needs it' },
    { code, column: 'a', message: 'column "a" is NULL, and --set pk needs it' },
  ]);
});

test('what is made of a row and is not a number, or an empty key, is rejected without being shown', async () => {
  const wide = '9'.repeat(39);
  const source = csv('a,b', `${planted},1`, `${wide},`, 'e200,', ',7');
  const { rows, rejects } = await readRows(source, made(['pk=1{a}', 'n:N=1{a}{b}']));
  expect(rows).toEqual([['1', '17']]);
  expect(rejects).toEqual([
    { code: 'not-a-number', message: 'attribute "n" of --set is not a number' },
    { code: 'number-too-precise', message: 'attribute "n" of --set has more than 38 significant digits' },
    {
      code: 'number-out-of-range',
      message: 'attribute "n" of --set is outside the range of DynamoDB (1E-130 to 9.99E+125)',
    },
  ]);
  const empty = await readRows(csv('a,b', ',', 'a,'), made(['pk={a}{b}']));
  expect(empty.rejects).toMatchObject([{ code: 'key-empty' }]);
  const shown = await readRows(csv('a,b', `${planted},1`), { ...made(['pk={a}', 'n:N={a}']), showValues: true });
  expect(shown.rejects[0]?.message).toContain(planted);
});

test('an attribute that a column gives is refused unless the column is omitted or renamed', async () => {
  const source = csv('token,type', 'a,b');
  const options = { set: ['type={type}!'], key: ['token'] };
  await expect(readRows(source, options)).rejects.toMatchObject({
    message: '--set type: column "type" gives attribute "type" already',
    hint: 'Pass --omit type, which --set can still take, or --rename type=OTHER.',
  });
  expect((await readRows(source, { ...options, omit: ['type'] })).rows).toEqual([['a', 'b!']]);
  expect((await readRows(source, { ...options, rename: { type: 'kind' } })).rows).toEqual([['a', 'b', 'b!']]);
});

test('CSV, text of mysqldump, SQL and a live table give the same items', async () => {
  const dir = workDir();
  const server = await startScriptedMysql(
    scriptOf({
      rows: [
        [1, 'ä'],
        [2, null],
        [3, planted],
      ],
    }),
  );
  onTestFinished(() => server.close());
  const definition = 'CREATE TABLE `tokens` (\n  `id` int NOT NULL,\n  `text` longtext,\n  PRIMARY KEY (`id`)\n);\n';
  dir.write('tab/tokens.sql', definition);
  const sources = [
    dir.write('tokens.csv', `id,text\n1,ä\n2,\\N\n3,${planted}\n`),
    dir.write('tab/tokens.txt', `1\tä\n2\t\\N\n3\t${planted}\n`),
    dir.write(
      'dump.sql',
      `${definition}INSERT INTO \`tokens\` VALUES (1,'ä'),(2,NULL),(3,'${planted}');\n-- Dump completed\n`,
    ),
    `mysql://app@127.0.0.1:${server.port}/shop/tokens`,
  ];
  const item = (id: string, value: string) => ({ pk: `ROW#${id}`, text: value, n: `${id}5`, made: `${value}|${id}` });
  for (const source of sources) {
    const repository = new MemoryTokenRepository({ clock: systemClock, latencyMs: 0, retain: true });
    const options = { key: ['pk'], set: ['pk=ROW#{id}', 'n:N={id}5', 'made={text}|{id}'], omit: ['id'] };
    const isCsv = source.endsWith('.csv');
    const { rejectsByCode } = await runImport({
      ...options,
      ...(isCsv && { null: '\\N' }),
      sources: [source],
      repository,
      runDir: join(dir.path, `run${sources.indexOf(source)}`),
    });
    expect(rejectsByCode, source).toEqual({ 'template-null': 1 });
    const items = Array.from(repository.items.values(), (held) => Object.fromEntries(held));
    expect(items, source).toEqual([item('1', 'ä'), item('3', planted)]);
  }
});
