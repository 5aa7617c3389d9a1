import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Field } from '../../src/domain/column.ts';
import { formatDecimal, parseDecimal } from '../../src/domain/number.ts';
import { rowCheck } from '../../src/input/columns/declared-type.ts';
import { characterSet } from '../../src/input/mysql/characters/character-sets.ts';
import { sqlDialect } from '../../src/input/sql/sql.ts';
import { chooseTable, readSqlHead, valueColumns } from '../../src/input/sql/sql-head.ts';
import type { SqlSettings } from '../../src/input/sql/sql-settings.ts';
import { dynamoTarget } from '../cli/e2e/dynamo-target.ts';
import { type ReadSql, readSql } from '../input/sql/sql-files.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { workDir } from '../support/work-dir.ts';
import { type ServerColumn, serverColumns } from './server-columns.ts';
import { readServerRows, type ServerRow, tableStatements } from './server-table.ts';

const rowCount = 10_000;
/** From Debian; `.ci/run` installs it if possible. */
const hasMydumper = spawnSync('mydumper', ['--version']).status === 0;
/** Part of a value of the other table; no output may show it. */
const secret = "1, '); INSERT";
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);

/** Options that change how statements or values are written. */
const ways: readonly (readonly string[])[] = [
  [],
  ['--hex-blob'],
  ['--complete-insert'],
  ['--skip-extended-insert'],
  ['--replace'],
  ['--insert-ignore'],
  ['--skip-tz-utc', '--skip-add-locks'],
  ['--default-character-set=utf8mb3', '--hex-blob', '--no-create-db'],
  ['--databases'],
];

describe.each(sqlProducts)('SQL dumps of $name', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)(`${rowCount} random rows (seed ${seed})`, { timeout: 120_000 }, () => {
    const columns = serverColumns(name);
    let server: SqlServer;
    let rows: readonly ServerRow[];
    beforeAll(async () => {
      server = await start();
      const statements = tableStatements('tokens', columns, rowCount, seededRandom(seed));
      const others =
        "CREATE TABLE users (id int, name text); INSERT INTO users VALUES (1, '); INSERT INTO `tokens` VALUES (');";
      server.query(`CREATE DATABASE app; USE app;\n${statements}\n${others}`);
      rows = readServerRows(server, 'app', 'tokens', columns);
    }, 120_000);
    afterAll(() => server?.stop());

    test.each(ways.map((way) => [way.join(' ') || 'no options', way] as const))(
      'with %s are read as the server holds the rows',
      (_, way) => {
        const lossy = way.includes('--default-character-set=utf8mb3');
        const dump = server.dumpSql('app', '--order-by-primary', ...way);
        const { read, names, check } = readDump(dump);
        expect(read.error).toBeUndefined();
        expect(read.rows).toHaveLength(rowCount);
        const held = names.map((name) => columns.findIndex((column) => column.name === name));
        let different = 0;
        for (const [i, { fields, fault }] of read.rows.entries()) {
          expect(fault ?? check(fields!)).toBeUndefined();
          fields!.forEach((field, j) => {
            const expected = rows[i]!.values[held[j]!]!;
            // Text beyond the basic plane is a question mark in utf8mb3.
            if (!sameValue(field, expected, columns[held[j]!]!) && !(lossy && expected?.some((byte) => byte >= 0xf0)))
              different++;
          });
        }
        expect(different).toBe(0);
        expect(names.length).toBeGreaterThanOrEqual(columns.length - 2);
      },
    );

    test('each imported row is in the table as the server holds it', async () => {
      const dir = workDir({ planted: [secret] });
      dir.write('dump.sql', server.dumpSql('app', '--order-by-primary'));
      await expectImported(dir, ['dump.sql', '--source-table', 'tokens'], rows);
    });

    test.skipIf(!hasMydumper)('an imported mydumper folder has each row as the server holds it', async () => {
      const folder = server.mydumper('app', '--rows=3000', '--compress');
      await expectImported(
        workDir({ planted: [secret] }),
        [folder, '--source-table', 'app.tokens'],
        rows.filter(isReadable),
      );
    });

    /** mydumper writes text as it is stored, and some bytes are no character of their set. */
    function isReadable({ stored }: ServerRow): boolean {
      return columns.every(({ characterSet: name }, i) => {
        const value = stored[i];
        const set = name === undefined ? undefined : characterSet(name);
        return !value || set === undefined || !('decode' in set) || set.decode(value) !== undefined;
      });
    }

    /** Expects the expected rows in the table and all others rejected. */
    async function expectImported(
      dir: ReturnType<typeof workDir>,
      args: readonly string[],
      expected: readonly ServerRow[],
    ): Promise<void> {
      const { flags, table } = await dynamoTarget({ key: [{ name: 'id', type: 'N' }] });
      const run = await dir.run([
        ...args,
        ...flags,
        '--wps',
        '100000',
        '--max-rejects',
        '-1',
        '--expect-rows',
        String(rowCount),
      ]);
      expect(run.status, run.stderr.slice(-4000)).toBe(expected.length < rowCount ? 5 : 0);
      const found = new Map([...table.items().values()].map((item) => [String(item['id']?.['N']), item]));
      expect(found.size).toBe(expected.length);
      const different = expected.find(({ values }) => {
        const item = found.get(String(values[0])) ?? {};
        return !columns.every(({ name, kind, sqlType }, i) => {
          if (!(name in item) && isGenerated(sqlType)) return true;
          return isDeepStrictEqual(shown(item[name], sqlType), shown(attributeOf(values[i]!, kind), sqlType));
        });
      });
      expect(different && found.get(String(different.values[0]))).toBeUndefined();
    }

    test('the mysql client accepts rejected rows, and they are the same in the table', () => {
      const dump = server.dumpSql('app', '--order-by-primary');
      const { read, settings } = readDump(dump);
      const { header, write } = sqlDialect(settings).listedRows!;
      const rejected = read.rows.filter((_, i) => i % 10 === 3);
      const file = Buffer.concat([header, ...rejected.flatMap(({ raw }) => [...write(Buffer.from(raw, 'latin1'))])]);
      server.query('CREATE DATABASE again; USE again; CREATE TABLE tokens LIKE app.tokens;');
      server.query(file, 'again');
      const again = readServerRows(server, 'again', 'tokens', columns);
      const held = rows.filter((_, i) => i % 10 === 3);
      expect(again).toHaveLength(held.length);
      // A dump shows six digits of a FLOAT.
      const isExact = columns.map(({ sqlType }) => !sqlType.startsWith('float'));
      const different = new Set<string>();
      for (const [i, { values }] of again.entries()) {
        values.forEach((value, j) => {
          if (isExact[j] && !same(value, held[i]!.values[j]!)) different.add(columns[j]!.name);
        });
      }
      expect([...different]).toEqual([]);
    });
  });
});

type ReadDump = {
  readonly read: ReadSql;
  readonly names: readonly string[];
  readonly settings: SqlSettings;
  /** Fault of a row against the CREATE TABLE. */
  readonly check: ReturnType<typeof rowCheck>;
};

function readDump(dump: Buffer): ReadDump {
  const table = chooseTable(readSqlHead(dump)!, 'dump.sql', 'tokens');
  const columns = valueColumns(table);
  const { characterSet, timeZone, database, name } = table;
  const settings: SqlSettings = {
    ...{ table: { name, ...(database !== undefined && { database }) }, columns },
    ...(characterSet !== undefined && { characterSet }),
    ...(timeZone !== undefined && { timeZone }),
    ...{ allowIncomplete: false, maxRowBytes: 4 * 1024 * 1024 },
  };
  const binary = columns.map(({ type }) => type === 'B');
  return {
    read: readSql(dump, settings, { binary, chunkBytes: 64 * 1024 }),
    names: columns.map((one) => one.name),
    settings,
    check: rowCheck(
      columns.map(({ name }) => table.definition?.columns.find((one) => one.name === name)),
      'mysql',
      {},
      [],
    ),
  };
}

/** A dump may leave the column out. */
function isGenerated(sqlType: string): boolean {
  return / AS \(/.test(sqlType);
}

function attributeOf(value: Buffer | null, kind: ServerColumn['kind']) {
  if (value === null) return undefined;
  if (kind === 'B') return { B: value.toString('base64') };
  return kind === 'S' ? { S: value.toString() } : { N: value.toString() };
}

/** Compares numbers by value, because DynamoDB drops zeros at their ends. */
function shown(attribute: Readonly<Record<string, unknown>> | undefined, sqlType: string): unknown {
  const number = attribute?.['N'];
  if (typeof number !== 'string') return attribute;
  return /^(float|double)/.test(sqlType) ? Number(number) : formatDecimal(parseDecimal(number)!);
}

/** Numbers may be written in more than one way. */
function sameValue(field: Field, expected: Buffer | null, { kind, sqlType }: ServerColumn): boolean {
  if (field === null || expected === null) return field === expected;
  if (Buffer.from(field as string).equals(expected)) return true;
  const isFloating = kind === 'N' && /^(float|double)/.test(sqlType);
  return isFloating && Number(field) === Number(expected.toString());
}

function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
