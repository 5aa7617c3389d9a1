import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Field } from '../../src/domain/column.ts';
import { collect } from '../adapters/packing/collect.ts';
import { encodeOutfile } from '../support/mysql-encoder.ts';
import { randomBelow, seededRandom, shuffled } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { createReader, fieldsOf, openTable } from './live-tables.ts';
import { type ServerColumn, serverColumns } from './server-columns.ts';
import { readServerRows, tableStatements } from './server-table.ts';

const isThorough = process.env['IMPORT_TOKENS_THOROUGH'] === '1';
const rowCount = isThorough ? 100_000 : 10_000;
/** Rows that the server is asked for at once. */
const sliceRows = 10_000;
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);

describe.each(sqlProducts)('live tables of $name', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)(`with random rows (seed ${seed})`, { timeout: 240_000 }, () => {
    let server: SqlServer;
    beforeAll(async () => {
      server = await start({ opensPort: true });
      server.query(`CREATE DATABASE app; ${createReader}`);
    }, 60_000);
    afterAll(() => server?.stop());

    test(`${rowCount} rows of all types are those of SELECT HEX()`, async () => {
      const columns = serverColumns(name);
      const random = seededRandom(seed);
      for (let first = 0; first < rowCount; first += sliceRows) {
        const slice = columns.map((column) => (column.name === 'id' ? { ...column, value: idsFrom(first) } : column));
        const [create, ...inserts] = tableStatements('tokens', slice, sliceRows, random).split(';\nINSERT ');
        server.query(
          `USE app;\n${first === 0 ? `${create};` : ''}${inserts.map((one) => `\nINSERT ${one};`).join('')}`,
        );
      }
      const source = await openTable(server, 'tokens');
      const seen = columns.filter((column) => column.name !== 'unseen');
      expect(source).toMatchObject({ rows: rowCount, columns: seen.map((column) => column.name) });
      const differences = new Set<string>();
      let row = 0;
      let expected: readonly (readonly (Buffer | null)[])[] = [];
      for await (const fields of fieldsOf(source)) {
        if (row % sliceRows === 0) expected = valuesFrom(server, seen, row);
        seen.forEach((column, i) => {
          if (!isSame(fields[i]!, expected[row % sliceRows]![i]!, column))
            differences.add(`${column.name} in row ${row}`);
        });
        row++;
      }
      expect([...differences].slice(0, 10)).toEqual([]);
      expect(row).toBe(rowCount);
    });

    test.each(keyTables())('$title: all rows come, in the order of the key, without sorting', async (table) => {
      const { columns, key, rows, order = columns.map((_, i) => `k${i}`).join(', ') } = table;
      const list = columns.map((type, i) => `k${i} ${type} NOT NULL`).join(', ');
      server.query(
        `DROP TABLE IF EXISTS app.keyed; CREATE TABLE app.keyed (${list}, n int, ${key}) CHARSET=utf8mb4;
         INSERT INTO app.keyed VALUES ${rows.map((values, n) => `(${values.join(',')},${n})`).join(',')}`,
        '--default-character-set=utf8mb4',
      );
      const sorted = () => {
        const [, count] = server
          .query("SHOW GLOBAL STATUS LIKE 'Sort_rows'", '--skip-column-names')
          .toString()
          .split('\t');
        return Number(count);
      };
      const before = sorted();
      const source = await openTable(server, 'keyed');
      const found = await collect(source.file.read());
      // The parts of the key are sorted, but not the rows.
      expect(sorted() - before).toBeLessThan(10);
      const shown = columns.map((type, i) => hexOfKey(type, `k${i}`));
      const sql = `SELECT ${shown.join(', ')}, HEX(CAST(n AS CHAR)) FROM keyed ORDER BY ${order}`;
      const lines = server.query(sql, '--skip-column-names', '--quick', 'app').toString('latin1').trimEnd().split('\n');
      const stored = lines.map((line) =>
        line.split('\t').map((text, i) => (columns[i] === 'float' ? text : Buffer.from(text, 'hex'))),
      );
      expect(stored).toHaveLength(rows.length);
      const types = [...columns, 'int'].map(() => 'binary' as const);
      expect(found.equals(encodeOutfile(stored, types))).toBe(true);
    });
  });
});

function idsFrom(first: number): NonNullable<ServerColumn['value']> {
  return (_, row) => String(first + row + 1);
}

/** Values of the rows from `first` on, with text in UTF-8. */
function valuesFrom(server: SqlServer, columns: readonly ServerColumn[], first: number) {
  const within = `id > ${first} AND id <= ${first + sliceRows}`;
  return readServerRows(server, 'app', 'tokens', columns, within).map(({ values }) => values);
}

/** CAST and SELECT write floating numbers differently. */
function isSame(field: Field, expected: Buffer | null, { sqlType }: ServerColumn): boolean {
  if (field === null || expected === null) return field === expected;
  if (Buffer.from(field as string).equals(expected)) return true;
  return /^(float|double)/.test(sqlType) && Number(field) === Number(expected.toString());
}

function hexOfKey(type: string, name: string): string {
  if (type === 'float') return name;
  if (type.startsWith('bit')) return `LPAD(HEX(${name}+0), 6, '0')`;
  if (type.startsWith('binary')) return `HEX(${name})`;
  return `HEX(CONVERT(CAST(${name} AS CHAR) USING utf8mb4))`;
}

type KeyTable = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly key: string;
  /** Each value as SQL. */
  readonly rows: readonly (readonly string[])[];
  /** In place of the columns as they stand. */
  readonly order?: string;
};

function keyTables(): readonly KeyTable[] {
  const random = seededRandom(seed);
  const count = 5000;
  const many = <Value>(make: (i: number) => Value) =>
    shuffled(
      random,
      Array.from({ length: count }, (_, i) => make(i)),
    );
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => randomBelow(random, 256))).toString('hex');
  const members = shuffled(
    random,
    Array.from({ length: 2000 }, (_, i) => `'m${i}'`),
  );
  const one = (title: string, type: string, values: readonly string[], key = 'PRIMARY KEY (k0)'): KeyTable => ({
    ...{ title, columns: [type], key, rows: values.map((value) => [value]) },
  });
  return [
    one(
      'signed integers',
      'bigint',
      many((i) => String((i - count / 2) * 7919)),
    ),
    one(
      'unsigned integers',
      'bigint unsigned',
      many((i) => String(2n ** 64n - 1n - BigInt(i) * 3_000_000_000_000n)),
    ),
    {
      title: 'a compound key',
      columns: ['int', 'varchar(20)', 'date'],
      key: 'PRIMARY KEY (k0, k1, k2)',
      rows: many((i) => [String(i % 7), `'${'ab'[i % 2]}\t${i % 50}'`, `DATE '2026-01-31' + INTERVAL ${i} DAY`]),
    },
    one('ENUM, whose order is not that of its texts', `enum(${members.join()})`, shuffled(random, members)),
    one(
      'FLOAT, whose text is rounded',
      'float',
      many((i) => `${i % 2 ? '-' : ''}${1 + i / count}e${(i % 61) - 30}`),
    ),
    one(
      'text that is compared without case',
      'varchar(40)',
      many((i) => `'${i % 2 ? 'KEY' : 'key'} é${i}\\t\\n'`),
    ),
    one(
      'BINARY',
      'binary(12)',
      many((i) => `X'${bytes(10)}${i.toString(16).padStart(4, '0')}'`),
    ),
    one(
      'BIT',
      'bit(20)',
      many((i) => String(i * 200)),
    ),
    one(
      'a unique key',
      'varchar(40) CHARACTER SET latin1',
      many((i) => `'é${i}'`),
      'UNIQUE KEY u (k0)',
    ),
    { ...one('a descending key', 'int', many(String), 'PRIMARY KEY (k0 DESC)'), order: 'k0 DESC' },
  ];
}
