import type { ToldType } from '../../domain/column.ts';
import { countOf } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { Dialect } from '../framed-rows.ts';
import { characterSet } from '../mysql/characters/character-sets.ts';
import { findColumn, type TableDefinition } from '../mysql/definition/table-definition.ts';
import type { Layout } from '../mysql/mysql-reading.ts';
import type { UnreadSource } from '../reading-flags.ts';
import { SqlDecoder } from './sql-decoder.ts';
import { SqlFramer } from './sql-framer.ts';
import { chooseTable, type DumpedTable, listedRows, readSqlHead, tableSettings, valueColumns } from './sql-head.ts';
import type { SqlColumn, SqlSettings } from './sql-settings.ts';

/**
 * Rows of one table as INSERT and REPLACE statements. Throws ImportError `source-unsupported` for a character set in which
 * the bytes of a character can look like quotes and escapes.
 */
export function sqlDialect(settings: SqlSettings): Dialect {
  checkCharacterSet(settings.characterSet);
  return {
    name: 'sql',
    header: false,
    byteOrderMark: 'skipped',
    keepsCarriageReturns: false,
    rejectExtension: 'sql',
    listedRows: { header: listedHeader(settings), write: listedRow(settings) },
    framer: (fileName, line, resumed = false) => new SqlFramer(settings, fileName, line, resumed),
    decoder: (binary) => new SqlDecoder(settings, binary),
    headerDecoder: () => new SqlDecoder(settings, []),
  };
}

function checkCharacterSet(name = 'utf8mb4'): void {
  const set = characterSet(name);
  if (set !== undefined && set.kind !== 'multi-byte') return;
  const message = `the dump is written in character set ${name} (SET NAMES), which cannot be read`;
  throw new ImportError('source-unsupported', message, { hint: 'Dump it with --default-character-set=utf8mb4.' });
}

const comma = 0x2c;
const semicolon = 0x3b;

/** The beginning of a file of listed rows: the same session as in the dump. */
function listedHeader({ characterSet: set, timeZone }: SqlSettings): Uint8Array {
  const names = set === undefined ? '' : `/*!40101 SET NAMES ${set} */;\n`;
  const zone = timeZone === undefined ? '' : `/*!40103 SET TIME_ZONE='${timeZone.replaceAll("'", "''")}' */;\n`;
  return Buffer.from(listedRows + names + zone);
}

/** Makes a separate INSERT statement from a tuple and its separator in the source. */
function listedRow(settings: SqlSettings): (bytes: Uint8Array) => readonly Uint8Array[] {
  const { table, columns } = settings;
  const list = columns.length === 0 ? '' : ` (${columns.map(({ name }) => quoted(name)).join(',')})`;
  const head = encoded(`INSERT INTO ${quoted(table.name)}${list} VALUES `, settings.characterSet);
  const end = Buffer.from(';\n');
  return (bytes) => [head, bytes.subarray(0, tupleEnd(bytes)), end];
}

/** Excludes the comma or semicolon and the blanks after it. */
function tupleEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1]! <= 0x20) end--;
  return bytes[end - 1] === comma || bytes[end - 1] === semicolon ? end - 1 : end;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** In the set of the dump, in which SET NAMES makes the server read names too. */
function encoded(text: string, name = 'utf8mb4'): Buffer {
  const set = characterSet(name);
  if (set === undefined || !('decode' in set)) return Buffer.from(text);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [set.decode(Buffer.of(byte)), byte]));
  return Buffer.from(Array.from(text, (character) => bytes.get(character) ?? 0x3f));
}

/** How an SQL dump is read, according to its head and the flags. `reason`: a clause for the operator. */
export type SqlReading = {
  readonly dialect: 'sql';
  readonly settings: Omit<SqlSettings, 'maxRowBytes' | 'allowIncomplete' | 'onOtherTable'>;
  readonly layout: Layout;
  readonly definition: TableDefinition | undefined;
  /** False for rows that this importer listed in a file, which has no end. */
  readonly hasEnd: boolean;
  readonly reason: string;
};

/** Whether a file begins like an SQL dump. */
export function isSqlDump(sample: Buffer): boolean {
  return readSqlHead(sample) !== undefined;
}

/**
 * Throws ImportError `usage` if there are several tables, `source-empty` if there are none, and `schema-invalid` if nothing
 * declares the types.
 */
export function sqlReading(
  why: string,
  sample: Buffer,
  { fileName, definition, flags }: Pick<UnreadSource, 'fileName' | 'definition' | 'flags'>,
): SqlReading {
  const head = readSqlHead(sample) ?? { tables: [], hasEnd: true };
  const chosen = chooseTable(head, fileName, flags.sourceTable);
  const table = withColumns(withDefinition(withSession(chosen, head.tables), definition), fileName, flags.columns);
  const { allowIncomplete: _, maxRowBytes: __, ...told } = tableSettings(table, noLimits);
  const columns = told.columns.map((column) => withToldType(column, flags.types ?? {}));
  const names = columns.map(({ name }) => name);
  if (names.length === 0) throw notFound(table.name, head.tables, fileName);
  checkColumns(table, names, fileName, flags.columns !== undefined);
  const { database } = table;
  const tableName = database === undefined ? table.name : `${database}.${table.name}`;
  return {
    dialect: 'sql',
    settings: { ...told, columns },
    definition: table.definition,
    hasEnd: head.hasEnd,
    layout: { names, columns: table.definition && definedColumns(table.definition, names) },
    reason: `SQL dump, ${why}; table ${tableName}, ${countOf(names.length, 'column')}`,
  };
}

const noLimits = { allowIncomplete: false, maxRowBytes: 0 };

/** A table after the head is in the session that the head began. */
function withSession(table: DumpedTable, tables: readonly DumpedTable[]): DumpedTable {
  if (tables.includes(table)) return table;
  const { characterSet, timeZone } = tables.at(-1) ?? {};
  return { ...(characterSet !== undefined && { characterSet }), ...(timeZone !== undefined && { timeZone }), ...table };
}

function withDefinition(table: DumpedTable, told: TableDefinition | undefined): DumpedTable {
  const definition = told ?? table.definition;
  return definition === undefined ? table : { ...table, definition };
}

/** `--columns` names values that neither a statement nor a CREATE TABLE names; all of them are text then. */
function withColumns(table: DumpedTable, fileName: string, told: readonly string[] | undefined): DumpedTable {
  if (told === undefined) return table;
  const known = valueColumns(table).map(({ name }) => name);
  const list = known.length > 0 ? known : told;
  if (list.length === told.length && list.every((name, i) => name.toLowerCase() === told[i]!.toLowerCase())) {
    return known.length > 0 ? table : { ...table, list: told };
  }
  throw new ImportError('usage', `${fileName}: --columns are not the columns of its values`, {
    hint: `Omit --columns, because they are ${list.join(', ')}.`,
  });
}

/** `--types f=B` keeps the bytes of a BIT column. */
function withToldType(column: SqlColumn, types: Readonly<Record<string, ToldType>>): SqlColumn {
  if (column.bits === undefined || !Object.hasOwn(types, column.name) || types[column.name] !== 'B') return column;
  const { bits: _, ...other } = column;
  return { ...other, type: 'B' };
}

function notFound(name: string, tables: readonly DumpedTable[], fileName: string): ImportError {
  const others = tables.filter((table) => table.name !== name).map((table) => table.name);
  const found = others.length === 0 ? '' : `; the tables found are ${others.join(', ')}`;
  return new ImportError('schema-invalid', `${fileName}: nothing names the columns of table "${name}"${found}`, {
    hint: passSchema(name),
  });
}

function passSchema(name: string): string {
  return `Pass --schema with its CREATE TABLE, as \`mysqldump --no-data db ${name}\` writes it.`;
}

function checkColumns(
  { name, definition }: DumpedTable,
  names: readonly string[],
  fileName: string,
  columnsTold: boolean,
): void {
  const hint = passSchema(name);
  const unknown = definition && names.find((name) => findColumn(definition, name) === undefined);
  if (unknown !== undefined) {
    const message = `${fileName}: its INSERT statements list column "${unknown}", which table "${definition?.name}" lacks`;
    throw new ImportError('schema-invalid', message, { hint });
  }
  if (definition !== undefined || columnsTold) return;
  throw new ImportError('schema-invalid', `${fileName}: nothing declares the types of table "${name}"`, { hint });
}

function definedColumns(definition: TableDefinition, names: readonly string[]): Layout['columns'] {
  return names.map((name) => findColumn(definition, name)!);
}
