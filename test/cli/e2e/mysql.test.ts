import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, plainItem, startDynalite } from '../../support/engines.ts';
import { planted } from '../../support/planted.ts';
import { workDir } from '../../support/work-dir.ts';

const fixtures = new URL('../../fixtures/mysql/', import.meta.url).pathname;
const truth = JSON.parse(readFileSync(`${fixtures}expected.json`, 'utf8')) as {
  columns: string[];
  rows: (string | null)[][];
};
const numbers = ['id', 'owner_id', 'is_active', 'amount'];
const binary = ['fingerprint', 'raw'];
const nullInHex = Buffer.from('NULL').toString('hex');
const rehearsal = ['--repository', 'memory', '--no-run-dir', '--latency', '0ms'];

/** Values of text that every dump holds. */
const valuesOfDump = ['plain-1', 'dquote-4', 'comma-5'];

let engine: Engine;

beforeAll(async () => {
  engine = await startDynalite();
});
afterAll(() => engine.stop());

describe("a dump in MySQL's delimited text", () => {
  test.each([
    ['tab', []],
    ['enclosed', ['--fields-terminated-by', ',', '--fields-enclosed-by', '"']],
    ['optionally-enclosed', ['--fields-terminated-by', ',', '--fields-optionally-enclosed-by', '"']],
  ])('%s: arrives as the server holds it', async (folder, flags) => {
    // DynamoDB cannot store 1e300 as a number, so the DOUBLE is imported as text. One label and its bytes are the word NULL.
    const types = ['--types', 'score=S,label=S,raw=B'];
    const items = await imported(`dump-${folder}`, [`${fixtures}${folder}/tokens.txt`, ...types, ...flags]);
    const expected = truth.rows.map((row) => expectedItem(row));
    expect(items).toHaveLength(expected.length);
    expect(items).toEqual(expect.arrayContaining(expected));
  });

  test('mysql --batch: arrives as the server holds it, except text that is the word NULL', async () => {
    const batch = [`${fixtures}batch/tokens.tsv`, '--schema', `${fixtures}tab/tokens.sql`, '--types', 'score=S'];
    const items = await imported('dump-batch', batch);
    const expected = truth.rows.map((row) =>
      expectedItem(row.map((value) => (value === 'NULL' || value === nullInHex ? null : value))),
    );
    expect(items).toHaveLength(expected.length);
    expect(items).toEqual(expect.arrayContaining(expected));
  });

  test('mysql --batch without a schema: binary columns are rejected with the flag for bytes', async () => {
    const batch = [`${fixtures}batch/tokens.tsv`, '--format', 'mysql-batch', '--key', 'id'];
    const run = await workDir().run([...batch, ...rehearsal]);
    expect(run.status, run.stderr).toBe(5);
    expect(run.stderr).toContain('--types raw=B keeps its bytes');
    const kept = await workDir().run([...batch, ...rehearsal, '--types', 'fingerprint=B,raw=B,flags=B']);
    expect(kept.status, kept.stderr).toBe(0);
  });

  test.each([
    ['hex', '00112233445566778899aabbccddee00', 'HEX'],
    ['hex with 0x', '0x00112233445566778899AABBCCDDEE00', 'HEX'],
    ['a UUID', '00112233-4455-6677-8899-aabbccddee00', 'HEX'],
    ['base64', 'ABEiM0RVZneImaq7zN3uAA==', 'BASE64'],
  ])('binary(16) that was exported as %s is rejected with the type that reads it', async (text, id, type) => {
    const table = `binary-as-${text.replaceAll(' ', '-')}`;
    const dir = workDir();
    dir.write('t.sql', 'CREATE TABLE t (id binary(16) NOT NULL PRIMARY KEY, name varchar(99));');
    dir.write('t.txt', `${id}\t${planted}\n`);
    await engine.createTable(table, [{ name: 'id', type: 'B' }]);
    const refused = await dir.run(['t.txt', ...into(table)]);
    expect(refused.status, refused.stderr).toBe(2);
    expect(refused.stderr).toContain(`column "id" is not a binary(16): ${id.length} bytes; --types id=${type} reads`);
    expect(refused.stderr).not.toContain(id);
    const run = await dir.run(['t.txt', '--types', `id=${type}`, ...into(table)]);
    expect(run.status, run.stderr).toBe(0);
    const bytes = Buffer.from('00112233445566778899aabbccddee00', 'hex');
    expect(await engine.readItems(table)).toEqual([plainItem({ id: { B: bytes }, name: { S: planted } })]);
  });

  test('a row that does not fit its CREATE TABLE is rejected, unless --omit or --types names it', async () => {
    const dir = workDir();
    dir.write('t.sql', "CREATE TABLE t (id int PRIMARY KEY, e enum('a','b''c') NOT NULL, d date, v varchar(3));");
    dir.write('t.txt', `1\ta\t0000-00-00\t😀😀😀\n2\tb'c\t\\N\t\n3\tb\t2024-1-2\t${planted}\n`);
    const run = await dir.run(['t.txt', ...rehearsal]);
    expect(run.status, run.stderr).toBe(5);
    expect(run.stderr).toContain('not-as-declared');
    for (const flags of [
      ['--types', 'e=S', '--omit', 'd,v'],
      ['--types', 'e=S,d=S,v=S'],
    ]) {
      const told = await dir.run(['t.txt', ...flags, ...rehearsal]);
      expect(told.status, told.stderr).toBe(0);
    }
  });

  test('mysql --batch with --no-null: the word NULL is text wherever a column can hold it', async () => {
    const dir = workDir();
    dir.write('t.sql', 'CREATE TABLE t (id int PRIMARY KEY, name varchar(9), uses int, seen datetime)');
    dir.write('t.tsv', `id\tname\tuses\tseen\n1\tNULL\tNULL\tNULL\n2\t${planted}\\tb\t3\t2026-01-02 03:04:05\n`);
    await engine.createTable('null-word', [{ name: 'id', type: 'N' }]);
    const run = await dir.run([...['t.tsv', '--schema', 't.sql', '--no-null'], ...into('null-word')]);
    expect(run.status, run.stderr).toBe(0);
    expect(await engine.readItems('null-word')).toEqual(
      expect.arrayContaining([
        plainItem({ id: { N: '1' }, name: { S: 'NULL' } }),
        plainItem({
          id: { N: '2' },
          name: { S: `${planted}\tb` },
          uses: { N: '3' },
          seen: { S: '2026-01-02 03:04:05' },
        }),
      ]),
    );
  });

  test.each([
    ['refuse-no-escape/tokens.txt', ['--fields-escaped-by', ''], '--fields-escaped-by=', 'mysqldump --tab'],
    [
      'refuse-escaped-by-quote/tokens.txt',
      ['--fields-enclosed-by', '"', '--fields-escaped-by', '"'],
      '--fields-escaped-by=',
      'mysqldump --tab',
    ],
    ['refuse-batch-raw/tokens.tsv', ['--format', 'mysql-batch'], 'mysql --batch --raw', 'mysql --batch --quick'],
  ])('%s: is refused by name, with the command for a readable dump', async (path, flags, cause, command) => {
    const run = await workDir({ planted: valuesOfDump }).run([`${fixtures}${path}`, ...flags, ...rehearsal]);
    expect(run.status).toBe(4);
    expect(run.stderr).toContain(cause);
    expect(run.stderr).toContain(command);
  });

  test.each(['refuse-no-escape', 'refuse-no-escape-optional', 'refuse-escaped-by-quote'])(
    '%s: nothing is imported without its flags',
    async (folder) => {
      const run = await workDir({ planted: valuesOfDump }).run([`${fixtures}${folder}/tokens.txt`, ...rehearsal]);
      expect(run.status).toBe(2);
      expect(run.stderr).toContain('does not fit its format');
    },
  );

  test.each([
    ['bits.txt', '--fields-enclosed-by', { 2: '44', 5: '9' }],
    ['bits-optenclosed.txt', '--fields-optionally-enclosed-by', { 5: '9' }],
  ])(
    '%s: rows broken by raw BIT bytes are rejected with a hint, the others are right',
    async (file, enclosed, held) => {
      const table = `dump-${file}`;
      await engine.createTable(table, [{ name: 'id', type: 'N' }]);
      const dump = [
        `${fixtures}bit-columns/${file}`,
        '--schema',
        `${fixtures}bit-columns/bits.sql`,
        '--fields-terminated-by',
        ',',
      ];
      const run = await workDir({ planted: ['"nl"', '"comma"'] }).run([...dump, enclosed, '"', ...into(table)]);
      expect(run.status, run.stderr).toBe(5);
      expect(run.stderr).toContain('--types b=N');
      const items = await engine.readItems(table);
      const bits = items.map(({ id, b }) => [(id as { N: string }).N, (b as { N: string }).N]);
      expect(bits.sort()).toEqual(Object.entries(held));
    },
  );
});

describe('date-times become seconds for TTL', () => {
  const table = 'CREATE TABLE t (id int NOT NULL PRIMARY KEY, ends datetime, seen timestamp NULL)';
  const schema = `/*!40103 SET TIME_ZONE='+00:00' */;\n${table};\n`;
  const rows =
    '1\t2026-07-01 12:00:00\t2026-01-01 00:00:00\n2\t0000-00-00 00:00:00\t0000-00-00 00:00:00\n3\t\\N\t\\N\n';
  const asSeconds = ['t.txt', '--types', 'ends=EPOCH,seen=EPOCH', '--time-zone', 'Europe/Berlin'];

  test('in --time-zone, but a TIMESTAMP in UTC if the dump says so; zero dates are rejected', async () => {
    const dir = workDir({ planted: ['2026-07-01', '2026-01-01'] });
    dir.write('t.sql', schema);
    dir.write('t.txt', rows);
    await engine.createTable('zero-reject', [{ name: 'id', type: 'N' }]);
    const run = await dir.run([...asSeconds, ...into('zero-reject')]);
    expect(run.status, run.stderr).toBe(5);
    expect(run.stderr).toContain('is a zero date; --zero-dates null leaves such dates out');
    expect(run.stderr).toContain('TIMESTAMP columns are in UTC');
    expect(await engine.readItems('zero-reject')).toEqual(
      expect.arrayContaining([
        plainItem({ id: { N: '1' }, ends: { N: '1782900000' }, seen: { N: '1767225600' } }),
        plainItem({ id: { N: '3' } }),
      ]),
    );
  });

  test('TIMESTAMP too in --time-zone if the client wrote it', async () => {
    const dir = workDir({ planted: ['2026-07-01', '2026-01-01'] });
    dir.write('t.sql', schema);
    dir.write('t.tsv', 'id\tends\tseen\n1\tNULL\t2026-01-01 00:00:00\n');
    await engine.createTable('batch-zone', [{ name: 'id', type: 'N' }]);
    const run = await dir.run(['t.tsv', '--schema', 't.sql', ...asSeconds.slice(1), ...into('batch-zone')]);
    expect(run.status, run.stderr).toBe(0);
    expect(await engine.readItems('batch-zone')).toEqual([plainItem({ id: { N: '1' }, seen: { N: '1767222000' } })]);
  });

  test('zero dates are left out with --zero-dates null', async () => {
    const dir = workDir({ planted: ['2026-07-01', '2026-01-01'] });
    dir.write('t.sql', schema);
    dir.write('t.txt', rows);
    await engine.createTable('zero-null', [{ name: 'id', type: 'N' }]);
    const run = await dir.run([...asSeconds, '--zero-dates', 'null', ...into('zero-null')]);
    expect(run.status, run.stderr).toBe(0);
    expect(await engine.readItems('zero-null')).toContainEqual(plainItem({ id: { N: '2' } }));
  });
});

function into(table: string): string[] {
  return ['--table', table, '--endpoint-url', engine.endpointUrl, '--wps', '1000'];
}

async function imported(table: string, args: readonly string[]) {
  await engine.createTable(table, [{ name: 'id', type: 'N' }]);
  const run = await workDir({ planted: valuesOfDump }).run([...args, ...into(table)]);
  expect(run.status, run.stderr).toBe(0);
  return engine.readItems(table);
}

function expectedItem(row: readonly (string | null)[]) {
  const item: Parameters<typeof plainItem>[0] = {};
  truth.columns.forEach((name, i) => {
    const value = row[i];
    if (value === null || value === undefined) return;
    if (name === 'flags') item[name] = { N: String(Number.parseInt(value, 16)) };
    else if (binary.includes(name)) item[name] = { B: Buffer.from(value, 'hex') };
    else item[name] = numbers.includes(name) ? { N: value } : { S: value };
  });
  return plainItem(item);
}
