import { type Random, randomBelow } from '../support/seeded-random.ts';

/** A column of the test table, and how to write a random value of it as SQL. */
type ServerColumn = {
  readonly name: string;
  readonly sqlType: string;
  /** What the item holds: text, a number, or bytes. */
  readonly kind: 'S' | 'N' | 'B';
  readonly value: (random: Random, row: number) => string;
};

const hostile = [
  ...['\0', '\t', '\n', '\r', '\r\n', '\\', '\\N', 'N', 'NULL', '"', "'", ',', ';', '|', '^', '\x1a', '\x7f', '\b'],
  ...['😀', '𝒳', 'é', '漢', '\ufeff', '\u2028', 'a', 'Z', ' ', '%', '0'],
];

/** Every kind of column that an operator meets; `id` is the key. */
export const serverColumns: readonly ServerColumn[] = [
  { name: 'id', sqlType: 'bigint unsigned NOT NULL PRIMARY KEY', kind: 'N', value: (_, row) => idOf(row) },
  { name: 'token', sqlType: 'varchar(255) NOT NULL', kind: 'S', value: (random) => text(random, 8) },
  { name: 'owner', sqlType: 'bigint NULL', kind: 'N', value: orNull(bigint) },
  { name: 'a "quoted", name', sqlType: "varchar(64) NULL COMMENT 'a, b; \"c\" ''d'''", kind: 'S', value: orNull(text) },
  { name: 'body', sqlType: 'text NULL', kind: 'S', value: orNull((random) => text(random, 40)) },
  { name: 'raw', sqlType: 'varbinary(300) NULL', kind: 'B', value: orNull(bytes) },
  {
    name: 'picture',
    sqlType: 'blob NULL',
    kind: 'B',
    value: (random, row) => (row % 50 === 0 ? everyByte : bytes(random)),
  },
  { name: 'fixed', sqlType: 'binary(16) NULL', kind: 'B', value: orNull((random) => hex(randomBytes(random, 16))) },
  { name: 'amount', sqlType: 'decimal(30,10) NULL', kind: 'N', value: orNull(decimal) },
  { name: 'score', sqlType: 'double NULL', kind: 'N', value: orNull(double) },
  { name: 'ratio', sqlType: 'float NULL', kind: 'N', value: orNull((random) => `${(random() - 0.5) * 1000}`) },
  { name: 'active', sqlType: 'tinyint(1) NOT NULL', kind: 'N', value: (random) => `${randomBelow(random, 2)}` },
  { name: 'born', sqlType: 'year NULL', kind: 'N', value: orNull((random) => `${1901 + randomBelow(random, 254)}`) },
  { name: 'kind', sqlType: "enum('access','re,fresh','it''s','') NULL", kind: 'S', value: orNull(enumValue) },
  {
    name: 'flags',
    sqlType: "set('a','b','c') NULL",
    kind: 'S',
    value: orNull((random) => `${randomBelow(random, 8)}`),
  },
  { name: 'meta', sqlType: 'json NULL', kind: 'S', value: orNull(json) },
  { name: 'day', sqlType: 'date NULL', kind: 'S', value: orNull((random) => `'${date(random)}'`) },
  { name: 'span', sqlType: 'time(3) NULL', kind: 'S', value: orNull((random) => `'${time(random)}'`) },
  {
    name: 'created',
    sqlType: 'datetime(6) NOT NULL',
    kind: 'S',
    value: (random) => `'${date(random)} 23:59:59.123456'`,
  },
  { name: 'expires', sqlType: 'timestamp NULL', kind: 'S', value: orNull(timestamp) },
  { name: 'twice', sqlType: 'varchar(600) AS (concat(token, token)) STORED', kind: 'S', value: () => 'DEFAULT' },
];

/** `CREATE TABLE` and the rows, as statements for the client. */
export function serverTable(name: string, rowCount: number, random: Random): string {
  const columns = serverColumns.map((column) => `\`${column.name}\` ${column.sqlType}`).join(',\n  ');
  const statements = [`CREATE TABLE \`${name}\` (\n  ${columns}\n) DEFAULT CHARSET=utf8mb4;`];
  for (let row = 0; row < rowCount; row += 500) {
    const values = Array.from({ length: Math.min(500, rowCount - row) }, (_, i) => rowValues(random, row + i));
    statements.push(`INSERT INTO \`${name}\` VALUES ${values.join(',\n')};`);
  }
  return statements.join('\n');
}

/** What the server holds, by a SELECT that needs no decoding: every value in hexadecimal, NULL as a dash. */
export function selectInHex(name: string, columns: readonly { name: string; kind: string }[] = serverColumns): string {
  const fields = columns.map(({ name, kind }) => {
    const field = `\`${name}\``;
    return `IF(${field} IS NULL, '-', HEX(${kind === 'N' ? `CAST(${field} AS CHAR)` : field}))`;
  });
  return `SELECT ${fields.join(', ')} FROM \`${name}\``;
}

/** The lines of `selectInHex` as values: bytes, or null. */
export function readHex(lines: Buffer): (Buffer | null)[][] {
  const rows = lines.toString('latin1').split('\n').slice(0, -1);
  return rows.map((row) => row.split('\t').map((field) => (field === '-' ? null : Buffer.from(field, 'hex'))));
}

function rowValues(random: Random, row: number): string {
  return `(${serverColumns.map((column) => column.value(random, row)).join(',')})`;
}

function orNull(value: (random: Random, row: number) => string) {
  return (random: Random, row: number) => (random() < 0.15 ? 'NULL' : value(random, row));
}

function idOf(row: number): string {
  return String(row % 1000 === 999 ? 18_446_744_073_709_551_615n - BigInt(row) : BigInt(row + 1));
}

function text(random: Random, most = 6): string {
  const parts = Array.from({ length: randomBelow(random, most) }, () => hostile[randomBelow(random, hostile.length)]);
  return `CONVERT(${hex(Buffer.from(parts.join('')))} USING utf8mb4)`;
}

function bytes(random: Random): string {
  return hex(randomBytes(random, randomBelow(random, 24)));
}

const everyByte = hex(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => randomBelow(random, 256)));
}

function hex(value: Buffer): string {
  return `X'${value.toString('hex')}'`;
}

function bigint(random: Random): string {
  const edges = ['9223372036854775807', '-9223372036854775808', '0', '-1'];
  return random() < 0.2 ? edges[randomBelow(random, edges.length)]! : `${Math.round((random() - 0.5) * 2 ** 53)}`;
}

function decimal(random: Random): string {
  const digits = (count: number) => Array.from({ length: count }, () => randomBelow(random, 10)).join('');
  return `${random() < 0.5 ? '-' : ''}${digits(1 + randomBelow(random, 20))}.${digits(10)}`;
}

/** Within what DynamoDB takes. */
function double(random: Random): string {
  return `${random() - 0.5}e${randomBelow(random, 240) - 120}`;
}

function enumValue(random: Random): string {
  return `${1 + randomBelow(random, 4)}`;
}

function json(random: Random): string {
  const document = { text: hostile[randomBelow(random, hostile.length)], list: [random(), null, true], '😀': '\t"\\' };
  return `CONVERT(${hex(Buffer.from(JSON.stringify(document)))} USING utf8mb4)`;
}

function date(random: Random): string {
  if (random() < 0.05) return '0000-00-00';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${1000 + randomBelow(random, 9000)}-${two(1 + randomBelow(random, 12))}-${two(1 + randomBelow(random, 28))}`;
}

function time(random: Random): string {
  return `${random() < 0.3 ? '-' : ''}${randomBelow(random, 839)}:59:01.${String(randomBelow(random, 1000)).padStart(3, '0')}`;
}

function timestamp(random: Random): string {
  return random() < 0.05 ? "'0000-00-00 00:00:00'" : `FROM_UNIXTIME(${1 + randomBelow(random, 2_147_483_646)})`;
}
