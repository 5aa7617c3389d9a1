import type { Random } from '../support/seeded-random.ts';
import type { SqlServer } from '../support/sql-server.ts';
import type { ServerColumn } from './server-columns.ts';

/** The rows of a table as the server holds them; values in the order of the columns. */
export type ServerRow = {
  /** Bytes as they are stored: text in its own character set, a number or a time as its text. */
  readonly stored: readonly (Buffer | null)[];
  /** The same, with text in UTF-8 and BIT as the text of its number. */
  readonly values: readonly (Buffer | null)[];
};

/** `CREATE TABLE` and random rows, as statements for the client. */
export function tableStatements(
  name: string,
  columns: readonly ServerColumn[],
  rowCount: number,
  random: Random,
): string {
  const definitions = columns.map((column) => `${quoted(column.name)} ${column.sqlType}`);
  const given = columns.filter((column) => column.value !== undefined);
  const insert = `INSERT INTO ${quoted(name)} (${given.map((column) => quoted(column.name)).join(',')}) VALUES`;
  const statements = [
    `CREATE TABLE ${quoted(name)} (\n${definitions.join(',\n')}, PRIMARY KEY (id)\n) CHARSET=utf8mb4;`,
  ];
  for (let row = 0; row < rowCount; row += 500) {
    const rows = Array.from({ length: Math.min(500, rowCount - row) }, (_, i) => {
      return `(${given.map((column) => column.value!(random, row + i)).join(',')})`;
    });
    statements.push(`${insert} ${rows.join(',\n')};`);
  }
  return statements.join('\n');
}

/**
 * In the order of the key, all of them or those that `where` chooses. The server writes every value in hexadecimal, so
 * this requires no decoding.
 */
export function readServerRows(
  server: SqlServer,
  database: string,
  table: string,
  columns: readonly ServerColumn[],
  where = 'TRUE',
): ServerRow[] {
  const fields = columns.flatMap((column) => [storedInHex(column), valueInHex(column)]);
  const sql = `${inUtc} SELECT ${fields.join(', ')} FROM ${quoted(table)} WHERE ${where} ORDER BY id`;
  const lines = server.query(sql, '--skip-column-names', '--quick', database).toString('latin1').split('\n');
  return lines.slice(0, -1).map((line) => {
    const bytes = line.split('\t').map((field) => (field === '-' ? null : Buffer.from(field, 'hex')));
    return { stored: bytes.filter((_, i) => i % 2 === 0), values: bytes.filter((_, i) => i % 2 === 1) };
  });
}

/** mysqldump writes TIMESTAMP in UTC. */
export const inUtc = "SET time_zone='+00:00';";

export function quoted(name: string): string {
  return `\`${name}\``;
}

function storedInHex({ name, kind, bits }: ServerColumn): string {
  if (kind === 'N') return inHex(name, `HEX(CAST(${quoted(name)} AS CHAR))`);
  if (bits === undefined) return inHex(name, `HEX(${quoted(name)})`);
  return inHex(name, `LPAD(HEX(${quoted(name)}+0), ${2 * Math.ceil(bits / 8)}, '0')`);
}

function valueInHex(column: ServerColumn): string {
  const { name, kind, characterSet } = column;
  if (kind === 'BIT') return inHex(name, `HEX(CAST(CAST(${quoted(name)} AS UNSIGNED) AS CHAR))`);
  if (characterSet !== undefined) return inHex(name, `HEX(CONVERT(${quoted(name)} USING utf8mb4))`);
  return storedInHex(column);
}

function inHex(name: string, expression: string): string {
  return `IF(${quoted(name)} IS NULL, '-', ${expression})`;
}
