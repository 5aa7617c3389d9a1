import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowCheck } from '../../src/input/columns/declared-type.ts';
import type { TableColumn } from '../../src/input/mysql/definition/table-column.ts';
import { parseTableDefinitions } from '../../src/input/mysql/definition/table-definition.ts';
import { mysqlDialect } from '../../src/input/mysql/mysql.ts';
import { randomBelow, seededRandom } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';

// Only MariaDB still has some of these types.
const { enabled, start } = sqlProducts.find(({ name }) => name === 'MariaDB')!;
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);
const rowCount = 2000;

const extremes = ['0', '-0.0', '1', '-1', '0.5', '-1e3', '1e300', '-1e300', '1e-300', '18446744073709551615', "'x'"];
const times = ["'0000-00-00'", "'2024-00-00'", "'2024-02-31'", "'9999-12-31 23:59:59.999999'", "'1970-01-01 00:00:01'"];
const texts = [
  "''",
  "' '",
  "'a'",
  "'a   '",
  "REPEAT('é', 80000)",
  "REPEAT('😀', 300)",
  'REPEAT(0xff, 300)',
  "'\\0\\t\\n\\\\'",
];
const members = String.raw`'a','it''s','back\\slash','line\nend','ret\rurn','nul\0byte','tab	','é','"','1','2','?','😀'`;

/** A column and what is stored in it; the server is lenient and clips values to what the column can hold. */
const columns: readonly (readonly [sqlType: string, values: readonly string[]])[] = [
  ...['tinyint', 'tinyint(1) unsigned', 'smallint(2) zerofill', 'mediumint', 'int(3) unsigned', 'bigint', 'serial'],
  ...['bigint unsigned zerofill', 'decimal(5,2)', 'decimal(3,3)', 'decimal(65,30)', 'decimal(4,2) zerofill', 'dec'],
  ...['float', 'float unsigned', 'float(7,3) zerofill', 'double', 'double(20,5)', 'year', 'year(2)', 'bool', 'real'],
]
  .map((type): [string, readonly string[]] => [type.replace('serial', 'bigint unsigned'), extremes])
  .concat(
    ['date', 'datetime', 'datetime(6)', 'timestamp(3) NULL'].map((type) => [type, times]),
    ['time', 'time(1)'].map((type) => [
      type,
      ["'-838:59:59.999'", "'838:59:59.9'", "'0:0:1.55'", "'-0:0:0'", '0', '99'],
    ]),
    [
      'char(3)',
      'char',
      'char(0)',
      'varchar(5)',
      'varchar(3) character set latin1',
      'national varchar(2)',
      'tinytext',
    ].map((type) => [type, texts]),
    ['text', 'binary(3)', 'binary', 'varbinary(4)', 'char(2) byte', 'tinyblob', 'blob'].map((type) => [type, texts]),
    [
      [
        `enum(${members}) character set utf8mb4`,
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', "'x'"],
      ],
      [`set(${members}) character set utf8mb4`, ['0', '1', '255', '1023', '8191', '4097', '1365', "'x'"]],
      ["set('','a')", ['0', '1', '2', '3']],
      ["enum('a  ','b')", ['1', '2', '0']],
    ],
  );

describe.skipIf(!enabled)(`${rowCount} rows of extremes in every declared type (seed ${seed})`, () => {
  let server: SqlServer;
  beforeAll(async () => {
    server = await start();
    const random = seededRandom(seed);
    const nullable = (type: string) => (type.endsWith(' NULL') ? type : `${type} NULL`);
    const list = columns.map(([type], i) => `c${i} ${nullable(type)}`).join(', ');
    const row = () =>
      columns.map(([, values]) => ['NULL', ...values][randomBelow(random, values.length + 1)]).join(', ');
    const rows = Array.from({ length: rowCount }, () => `(${row()})`).join(',\n');
    server.query(
      `SET NAMES utf8mb4; SET sql_mode='ALLOW_INVALID_DATES'; CREATE DATABASE app; USE app;
       CREATE TABLE t (${list}) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4; INSERT INTO t VALUES ${rows};`,
      '--default-character-set=utf8mb4',
      '--max-allowed-packet=512M',
    );
  }, 120_000);
  afterAll(() => server?.stop());

  test('none is rejected as mysqldump --tab writes it', () => {
    const dump = server.dump('app');
    const defined = definedIn(join(dump, 't.sql'));
    expect(faultsOf(join(dump, 't.txt'), defined, defined)).toEqual({});
  });

  test('the .sql lists members in UTF-8 whatever the character set of the dump', () => {
    const sql = join(server.dump('app', '--no-data', '--default-character-set=latin1'), 't.sql');
    const asDefault = join(server.dump('app', '--no-data'), 't.sql');
    expect(definedIn(sql)).toEqual(definedIn(asDefault));
    expect(definedIn(sql).find(({ members }) => members?.includes('line\nend'))?.members).toContain('é');
  });

  test('nearly all are rejected if the columns are swapped with their neighbours', () => {
    const dump = server.dump('app');
    const defined = definedIn(join(dump, 't.sql'));
    const faults = faultsOf(join(dump, 't.txt'), defined, [...defined.slice(1), defined[0]!]);
    const refused = Object.values(faults).reduce((sum, count) => sum + count, 0);
    expect(refused).toBeGreaterThan(0.99 * rowCount);
  });
});

function definedIn(path: string): readonly TableColumn[] {
  return parseTableDefinitions(readFileSync(path, 'utf8'))[0]!.columns;
}

/** Rows by what is wrong with them, checked against `declared`. */
function faultsOf(
  path: string,
  held: readonly TableColumn[],
  declared: readonly TableColumn[],
): Record<string, number> {
  const inLatin1 = held.filter(({ characterSet }) => characterSet === 'latin1').map(({ name }) => name);
  const check = rowCheck(declared, 'mysql', {}, inLatin1);
  const dialect = mysqlDialect({ columns: held, maxRowBytes: 16 * 1024 ** 2 });
  const decoder = dialect.decoder(held.map(({ binary, name }) => binary || inLatin1.includes(name)));
  const rows = dialect.framer('t.txt', 1).push(readFileSync(path));
  expect(rows.count).toBe(rowCount);
  const faults: Record<string, number> = {};
  for (let i = 0; i < rows.count; i++) {
    const fault = decoder.decode(rows, i) ?? check(decoder.fields);
    if (fault !== undefined) faults[fault.message] = (faults[fault.message] ?? 0) + 1;
  }
  return faults;
}
