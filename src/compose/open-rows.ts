import type { FileSourceFile } from '../adapters/file/file-source.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Progress } from '../domain/checkpoint.ts';
import type { Column } from '../domain/column.ts';
import { ImportError, noRows } from '../domain/import-error.ts';
import type { SourcePlace, StoredBytes } from '../domain/import-figures.ts';
import type { KeyAttribute, TableInfo } from '../domain/table.ts';
import { binaryFields, headerProblem, resolveColumns, type SourceType } from '../input/columns.ts';
import { csvDialect } from '../input/csv.ts';
import { type DetectedFormat, detectFormat } from '../input/detect-format.ts';
import { endOfFirstRow } from '../input/end-of-first-row.ts';
import type { Dialect } from '../input/framed-rows.ts';
import { mysqlDialect } from '../input/mysql.ts';
import { type Header, type RowBlock, RowReader } from '../input/row-reader.ts';
import { RunningHash } from '../input/source-hash.ts';
import type { TableDefinition } from '../input/table-definition.ts';
import type { RowMapping } from '../pipeline/map-row.ts';
import { findDefinition } from './find-definition.ts';
import { peekFile, type Sample } from './peek-file.ts';
import type { RunFolder } from './run-folder.ts';
import { unlessStopped } from './unless-stopped.ts';

/** A source whose header has been read, so that the names of its columns are known. */
export type OpenedRows = {
  readonly source: { readonly files: readonly FileSourceFile[] };
  readonly dialect: Dialect;
  readonly header: Header | undefined;
  readonly names: readonly string[];
  /** Types of the columns as the table definition has them, by name: `varchar(64)`. */
  readonly sqlTypes: ReadonlyMap<string, string>;
  /** Whether a table definition names the primary key. */
  readonly definesKey: boolean;
  /** How the source is read, and why. */
  readonly format: string;
  readonly hash: RunningHash;
  /** The beginning of the first file. */
  readonly sample: Sample;
  readonly blocks: AsyncGenerator<RowBlock>;
  /** False where an earlier process has done them all. */
  readonly hasRows: boolean;
  /** What the rows become in this table. Throws ImportError `usage`, `key-column-missing`. */
  mapTo(table: TableInfo | undefined): MappedRows;
  /** `place`: behind the last row that was taken. */
  bytesRead(place?: SourcePlace): StoredBytes;
};

/** Where an earlier process stopped reading. */
type StoppedReading = {
  readonly columns: RunFolder['columns'];
  readonly progress: Pick<Progress, 'mark' | 'hash'> | undefined;
};

/** Columns with their types, and the primary key among them. */
export type MappedRows = Omit<RowMapping, 'encoder'> & { readonly key: readonly KeyAttribute[] };

/** Reads up to the first rows behind the mark. Throws ImportError for a source that can't be read, and what `signal` aborts with. */
export async function openRows(
  options: ImportOptions,
  source: { readonly files: readonly FileSourceFile[] },
  run: StoppedReading | undefined,
  signal: AbortSignal,
): Promise<OpenedRows> {
  const definition = await findDefinition(options, source.files[0]!);
  const isSized = source.files[0]!.storedBytes !== undefined;
  const firstRowEnd = (bytes: Buffer) => endOfFirstRow(bytes, options.escape);
  const peeking = peekFile(source.files[0]!, isSized ? sampleBytes : shapeBytes, {
    maxBytes: options.maxRowBytes,
    isEnough: (bytes) => firstRowEnd(bytes) !== -1,
  });
  const { sample, file } = await unlessStopped(signal, peeking);
  const format = detectFormat(sample.bytes.subarray(0, Math.max(shapeBytes, firstRowEnd(sample.bytes))), {
    fileName: file.name,
    definition,
    flags: options,
  });
  const dialect = dialectOf(format, options.maxRowBytes);
  const hash = new RunningHash(run?.progress?.hash);
  const files = [file, ...source.files.slice(1)];
  const reader = new RowReader({ files }, dialect, hash, run?.progress?.mark);
  const blocks = reader.blocks();
  const first = await unlessStopped(signal, firstRows(blocks));
  // A run that goes on may have nothing left; a new one is not worth a question.
  if (first.done === true && run === undefined) throw noRows(reader.header !== undefined);
  // Generated and invisible columns are in some dumps and not in others: detection has counted the fields.
  const known = definedTypes(definition, format);
  const held = format.dialect === 'mysql' ? format.settings.columns : definition?.columns;
  const defined = held?.map(({ name }) => name);
  const names = options.columns ?? reader.header?.names ?? defined ?? run?.columns ?? [];
  if (names.length === 0) throw withoutNames(file.name);
  const problem = headerProblem(names);
  if (problem !== undefined) throw problem;
  return {
    ...{ source: { files }, dialect, hash, names, sample },
    sqlTypes: new Map(definition?.columns.map(({ name, sqlType }) => [name, sqlType])),
    definesKey: known.primaryKey.length > 0,
    format: format.reason + zoneNote(options, known),
    header: reader.header,
    blocks: startingWith(first, blocks),
    hasRows: first.done !== true,
    mapTo: (table) => mapRows(options, dialect, names, known, table),
    bytesRead: (place) => bytesRead(files, place),
  };
}

/** Enough for the shape of the first rows, where the first is no longer, and no more than a pipe gives soon. */
const shapeBytes = 256 * 1024;
/** Enough to judge the whole by. */
const sampleBytes = 1024 * 1024;

function dialectOf(format: DetectedFormat, maxRowBytes: number): Dialect {
  return format.dialect === 'csv'
    ? csvDialect({ ...format.settings, maxRowBytes })
    : mysqlDialect({ ...format.settings, maxRowBytes });
}

function mapRows(
  options: ImportOptions,
  dialect: Dialect,
  names: readonly string[],
  { primaryKey, sourceTypes }: DefinedTypes,
  table: TableInfo | undefined,
): MappedRows {
  const { types, rename, omit, empty, timeZone, zeroDates } = options;
  const defaultKey = primaryKey.length > 0 ? primaryKey : [names[0]!];
  // DynamoDB's keys have two attributes at most.
  const renamedKey = defaultKey.slice(0, 2).map((name) => rename[name] ?? name);
  const keyNames = table?.key.map(({ name }) => name) ?? options.key ?? renamedKey;
  const columns = resolveColumns(names, {
    ...{ types, rename, omit, keyNames, sourceTypes },
    tableKey: table?.key ?? [],
    indexes: table === undefined ? [] : [...table.globalIndexes, ...table.localIndexes],
  });
  return {
    ...{ dialect, columns, keyNames },
    key: keyNames.map((name) => ({ name, type: columnNamed(columns, name).key!.type })),
    fieldCount: names.length,
    binary: binaryFields(names, { ...sourceTypes, ...rawColumns(dialect, types) }),
    options: { empty, timeZone, zeroDates },
    showValues: options.showValues,
    ...(table !== undefined && { globalIndexes: table.globalIndexes, localIndexes: table.localIndexes }),
  };
}

/** What the table definition says of keys and columns; nothing where there is none. */
type DefinedTypes = {
  readonly primaryKey: readonly string[];
  readonly sourceTypes: Readonly<Record<string, SourceType>>;
};

function definedTypes(definition: TableDefinition | undefined, format: DetectedFormat): DefinedTypes {
  if (definition === undefined) return { primaryKey: [], sourceTypes: {} };
  // `mysql --batch` writes them in its session's zone, which only the operator knows.
  const inUtc = definition.timestampsInUtc && format.dialect === 'mysql' && !format.settings.batch;
  // Expressions that a SELECT names are no columns of the table.
  const selected = format.dialect === 'mysql' ? (format.settings.columns ?? []) : [];
  const types = [...selected, ...definition.columns].map(({ name, type, binary, sqlType }): [string, SourceType] => {
    const zone = inUtc && sqlType.startsWith('timestamp') ? { timeZone: 'UTC' } : {};
    return [name, { type, binary, ...zone }];
  });
  return { primaryKey: definition.primaryKey, sourceTypes: Object.fromEntries(types) };
}

function zoneNote({ types, timeZone }: ImportOptions, { sourceTypes }: DefinedTypes): string {
  const isFixed = Object.entries(types).some(([name, type]) => type === 'EPOCH' && sourceTypes[name]?.timeZone);
  return isFixed && timeZone !== 'UTC' ? '; TIMESTAMP columns are in UTC, as the .sql says' : '';
}

function withoutNames(fileName: string): ImportError {
  return new ImportError('usage', `${fileName}: nothing names its columns`, {
    hint: 'Name them with --columns a,b,..., or leave --no-header out where its first row does.',
  });
}

/** In MySQL's text a column that is said to be B holds raw bytes; in CSV it is base64. */
function rawColumns(dialect: Dialect, types: ImportOptions['types']): Record<string, SourceType> {
  if (dialect.name !== 'mysql') return {};
  const raw = Object.entries(types).filter(([, type]) => type === 'B');
  return Object.fromEntries(raw.map(([name]) => [name, { type: 'B', binary: true }]));
}

function columnNamed(columns: readonly Column[], name: string): Column {
  return columns.find((column) => column.name === name)!;
}

/** Blank lines are no rows: a file may end with some. */
async function firstRows(blocks: AsyncGenerator<RowBlock>): Promise<IteratorResult<RowBlock>> {
  let next = await blocks.next();
  while (next.done !== true && isBlank(next.value.rows)) next = await blocks.next();
  return next;
}

function isBlank({ kinds, count }: RowBlock['rows']): boolean {
  return kinds.slice(0, count).every((kind) => kind === 'blank');
}

async function* startingWith(
  first: IteratorResult<RowBlock>,
  rest: AsyncGenerator<RowBlock>,
): AsyncGenerator<RowBlock> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

/** What was read ahead of the rows that were taken is left out, as far as it can be told: not in a compressed file. */
function bytesRead(files: readonly FileSourceFile[], place: SourcePlace | undefined): StoredBytes {
  let storedBytesRead = 0;
  let total = 0;
  let isKnown = true;
  for (const [index, file] of files.entries()) {
    const isTaken = place !== undefined && place.fileIndex === index;
    storedBytesRead += isTaken ? Math.min(file.storedBytesRead(), place.byteOffset) : file.storedBytesRead();
    if (file.storedBytes === undefined) isKnown = false;
    else total += file.storedBytes;
  }
  return { storedBytesRead, storedBytesTotal: isKnown ? total : undefined };
}
