import { countOf } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { type CsvSettings, csvDialect, csvFromFlags } from '../csv/csv.ts';
import { type Dialect, firstRow, isEscaped } from '../framed-rows.ts';
import type { TableColumn } from '../mysql/definition/table-column.ts';
import { areSame, findColumn, isSameName, type TableDefinition } from '../mysql/definition/table-definition.ts';
import { mysqlDialect } from '../mysql/mysql.ts';
import {
  clientSettings,
  columnsNamed,
  type Layout,
  possibleLayouts,
  serverSettings,
  withColumns,
} from '../mysql/mysql-reading.ts';
import { type MysqlSettings, mysqlDefaults } from '../mysql/mysql-settings.ts';
import {
  type Format,
  flagOf,
  givenFlags,
  type ReadingFlags,
  refuseOtherFlags,
  type UnreadSource,
} from '../reading-flags.ts';
import { isSqlDump, type SqlReading, sqlDialect, sqlReading } from '../sql/sql.ts';
import type { SqlRunSettings } from '../sql/sql-settings.ts';

/** How the source is read. `reason`: how and why, as a clause for the operator. */
export type Reading = { readonly reason: string; readonly layout: Layout | undefined } & (
  | { readonly dialect: 'csv'; readonly settings: Omit<CsvSettings, 'maxRowBytes'> }
  | { readonly dialect: 'mysql'; readonly settings: Omit<MysqlSettings, 'maxRowBytes'> }
  | SqlReading
);

/**
 * The reading of the source according to flags and defaults or, for a dump without a header, one for each set of columns
 * that a dump of the table can have. Throws ImportError `usage`, `undecodable`, `schema-invalid`, `source-empty`.
 */
export function possibleReadings(format: RecognisedFormat, sample: Buffer, source: UnreadSource): readonly Reading[] {
  if (format.format === 'csv') return [csvReading(format.why, sample, source)];
  if (format.format === 'sql') return [sqlReading(format.why, sample, source)];
  const { flags, fileName, definition } = source;
  const told = format.format === 'mysql' ? serverSettings(flags, fileName) : clientSettings(flags, sample);
  const first = firstRow(mysqlDialect({ ...told, header: true }), sample);
  const isHeader = flags.columns === undefined ? told.batch : areSame(first, flags.columns);
  const header = flags.header ?? isHeader;
  const layouts = possibleLayouts(definition, flags.columns ?? (header ? first : undefined));
  if (layouts.length === 0) throw withoutNames(fileName);
  if (!header && layouts.some(({ names }) => areSame(first, names))) throw headerNotTold(fileName, first);
  const reason = `${told.batch ? 'mysql --batch' : 'MySQL text'}, ${format.why}`;
  return layouts.map((layout) => ({
    dialect: 'mysql',
    layout,
    reason: `${reason}${namedBy(layout, header, source)}`,
    settings: {
      ...withColumns({ ...told, header }, layout.columns, sample, source),
      ...(layout.columns === undefined && { names: layout.names }),
    },
  }));
}

function csvReading(why: string, sample: Buffer, { flags, definition }: UnreadSource): Reading {
  const { settings, names, note } = csvFromFlags(flags, sample, definition !== undefined);
  const layout = names === undefined ? undefined : { names, columns: columnsNamed(definition, names) };
  return {
    dialect: 'csv',
    settings,
    layout,
    reason: `CSV separated by ${characterName(settings.delimiter)}, ${why}${note}`,
  };
}

/** For the operator: what names the fields. */
function namedBy({ names, columns }: Layout, header: boolean, { flags, definition }: UnreadSource): string {
  const count = countOf(names.length, 'column');
  if (flags.columns !== undefined) return `; --columns names ${count}`;
  if (columns === undefined || header) return `; its first line names ${count}`;
  return `; the definition of table "${definition?.name}" names ${count}`;
}

/** For the command line. */
function characterName(character: string): string {
  return character === '\t' ? "'\\t'" : `'${character}'`;
}

/** A row of names before the rows of a dump, which a UNION ALL can add. */
function headerNotTold(fileName: string, names: readonly string[]): ImportError {
  return new ImportError('usage', `${fileName}: its first row names the columns, and MySQL text has no header`, {
    hint: `Pass --columns ${names.join(',')} to treat it as the header.`,
  });
}

/** A first row that names the key, or most columns, may be a header with other names for some of them. */
export function askAboutHeader(
  first: readonly string[],
  layout: Layout | undefined,
  { flags: { types = {} }, definition, fileName }: UnreadSource,
): void {
  const { names } = layout!;
  const named = names.filter((name, i) => isSameName(name, first[i] ?? '') && !Object.hasOwn(types, name));
  const isKey = (name: string) => definition?.primaryKey.some((key) => isSameName(name, key)) === true;
  if (names.length !== first.length || (named.length * 2 <= names.length && !named.some(isKey))) return;
  const columns = named.map((name) => `"${name}"`).join(', ');
  const asText = named.map((name) => `${name}=S`).join(',');
  // The other fields are not shown: the row may be data after all.
  throw new ImportError(
    'usage',
    `${fileName}: its first row holds ${columns}, the names of columns, as a header does`,
    {
      hint: `Pass --format mysql-batch if the mysql client wrote it, --columns with its names if it is another header, or --types ${asText} if it is a row.`,
    },
  );
}

function withoutNames(fileName: string): ImportError {
  return new ImportError('schema-invalid', `${fileName}: nothing names the columns of this MySQL text`, {
    hint: 'Pass the .sql file of the dump with --schema, or --columns a,b,...',
  });
}

/** `why` is a clause for the operator. */
type RecognisedFormat = { readonly format: Format; readonly why: string };

/** The first matching rule decides. Throws ImportError `usage` if flags contradict each other or none decides. */
export function recogniseFormat(sample: Buffer, source: UnreadSource): RecognisedFormat {
  const recognised = firstRule(sample, source);
  refuseOtherFlags(recognised.format, source.flags);
  return recognised;
}

function firstRule(sample: Buffer, { flags, definition, path, fileName }: UnreadSource): RecognisedFormat {
  if (flags.format !== undefined) return { format: flags.format, why: 'as --format says' };
  const { csv, mysql } = givenFlags(flags);
  if (mysql !== undefined) return { format: 'mysql', why: `as ${flagOf(mysql)} says` };
  if (csv !== undefined) return { format: 'csv', why: `as ${flagOf(csv)} says` };
  if (isSqlDump(sample)) return { format: 'sql', why: 'as its head says' };
  if (definition !== undefined && namesColumns(firstLine(sample), definition)) {
    return { format: 'mysql-batch', why: `its first line names columns of table "${definition.name}"` };
  }
  if (path !== undefined && csvName.test(path)) return { format: 'csv', why: 'as its name says' };
  if (definition !== undefined) return { format: 'mysql', why: 'the defaults of mysqldump --tab' };
  if (path !== undefined && tsvName.test(path)) throw undecidedTsv(fileName);
  return { format: 'csv', why: 'the default' };
}

export const csvName = /\.csv(\.gz|\.zst)?$/i;
const tsvName = /\.tsv(\.gz|\.zst)?$/i;

/** Without its line end; empty if the sample has none. */
function firstLine(sample: Buffer): string {
  return sample.toString('utf8', 0, Math.max(0, sample.indexOf('\n'))).replace(/\r$/, '');
}

/**
 * Index after the first row of a file whose format is not yet known, or -1 if the row is incomplete: after the first line
 * terminator that MySQL has not escaped.
 */
export function endOfFirstRow(
  bytes: Buffer,
  flags: Pick<ReadingFlags, 'escape' | 'quote' | 'fieldsEscapedBy' | 'linesTerminatedBy'>,
): number {
  const { fieldsEscapedBy, quote = '"', linesTerminatedBy = '' } = flags;
  const escapedBy = fieldsEscapedBy ?? flags.escape ?? '\\';
  const lineEnd = Buffer.from(linesTerminatedBy || '\n', 'latin1');
  // A quote that escapes itself does not escape a line end.
  const escapeByte = escapedBy === '' || escapedBy === quote ? -1 : escapedBy.charCodeAt(0);
  let end = bytes.indexOf(lineEnd);
  while (end !== -1 && isEscaped(bytes, 0, end, escapeByte)) end = bytes.indexOf(lineEnd, end + 1);
  return end === -1 ? -1 : end + lineEnd.length;
}

/** In any order and number, including `name+0`. */
function namesColumns(line: string, definition: TableDefinition): boolean {
  const names = line.split('\t');
  const isColumn = (name: string) => findColumn(definition, name) !== undefined;
  return new Set(names).size === names.length && names.every((name) => isColumn(name.replace(/^`?(.+?)`?\+0$/, '$1')));
}

function undecidedTsv(fileName: string): ImportError {
  return new ImportError('usage', `${fileName}: a .tsv file can be CSV or the output of mysql --batch`, {
    hint: "Pass --format mysql-batch if `mysql --batch` wrote it, or --format csv --delimiter '\\t'.",
  });
}

/** The dialect of a reading. `sql` applies to SQL dumps only. */
export function dialectOf(reading: Reading, maxRowBytes: number, sql: SqlRunSettings = {}): Dialect {
  if (reading.dialect === 'csv') return csvDialect({ ...reading.settings, maxRowBytes });
  if (reading.dialect === 'mysql') return mysqlDialect({ ...reading.settings, maxRowBytes });
  const { settings, hasEnd } = reading;
  return sqlDialect({ ...settings, maxRowBytes, ...sql, allowIncomplete: sql.allowIncomplete === true || !hasEnd });
}

/** SQL literals are as exact as the text that the server writes. */
export function writtenBy({ dialect }: Reading): 'mysql' | 'csv' {
  return dialect === 'csv' ? 'csv' : 'mysql';
}

/** How the rows of a live table are read. Nothing has to be guessed, because the adapter writes them itself. */
export function liveReading(
  definition: TableDefinition,
  names: readonly string[],
  { types = {}, omit = [] }: ReadingFlags,
): Extract<Reading, { dialect: 'mysql' }> {
  const columns = columnsNamed(definition, names)!;
  const { maxRowBytes: _, ...defaults } = mysqlDefaults;
  return {
    dialect: 'mysql',
    layout: { names, columns },
    reason: `rows of the live table "${definition.name}", ${names.length} columns`,
    settings: {
      ...defaults,
      bits: 'escaped',
      converted: true,
      omitted: omit,
      columns: columns.map((column) => asSent(column, types)),
    },
  };
}

/** Text comes in UTF-8, BIT in bytes, and the word NULL is always text. */
function asSent({ characterSet: _, ...column }: TableColumn, types: NonNullable<ReadingFlags['types']>): TableColumn {
  const isBytes = column.bits !== undefined && Object.hasOwn(types, column.name) && types[column.name] === 'B';
  return { ...column, nullable: false, ...(isBytes && { type: 'B', binary: true }) };
}
