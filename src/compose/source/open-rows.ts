import { dirname } from 'node:path';
import type { ManifestFile } from '../../adapters/file/run/run-manifest.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import { parseTemplate, templateColumns } from '../../domain/column.ts';
import { ImportError, noRows } from '../../domain/import-error.ts';
import type { SourcePlace, StoredBytes } from '../../domain/run-totals.ts';
import type { TableInfo } from '../../domain/table.ts';
import { headerProblem } from '../../input/columns/column-names.ts';
import { detectReading } from '../../input/detect/detect-reading.ts';
import { dialectOf, endOfFirstRow, type Reading } from '../../input/detect/possible-readings.ts';
import type { Dialect } from '../../input/framed-rows.ts';
import { findColumn, type TableDefinition } from '../../input/mysql/definition/table-definition.ts';
import { type Header, type RowBlock, RowReader } from '../../input/row-reader.ts';
import { RunningHash } from '../../input/source-hash.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { OpenedFile } from '../../ports/source.ts';
import { commandWith } from '../shell-command.ts';
import { type Surroundings, unlessStopped } from '../surroundings.ts';
import { findDefinition, findSqlHead } from './find-definition.ts';
import { definedTypes, type MappedRows, mapColumns, type NamedColumns, nameColumns, zoneNote } from './map-columns.ts';
import { changedBelow, exactBlocks, readingOf } from './open-live-source.ts';
import { areKnown, type OpenedSource, peekFile, type Sample } from './open-source.ts';
import { mydumperFinished } from './source-places.ts';

/** A source whose header has been read, so that the names of its columns are known. */
export type OpenedRows = {
  readonly source: OpenedSource;
  /** Rows of the whole source, if they have been counted. */
  readonly countedRows: number | undefined;
  readonly dialect: Dialect;
  readonly header: Header | undefined;
  readonly names: readonly string[];
  /** Types of the columns as the table definition has them, by name: `varchar(64)`. */
  readonly sqlTypes: ReadonlyMap<string, string | undefined>;
  /** The table definition, as the rows have it: a live server converts text to UTF-8. Undefined if there is none. */
  readonly definition: TableDefinition | undefined;
  /** Whether a table definition names the primary key. */
  readonly definesKey: boolean;
  /** How the source is read, and why. */
  readonly format: string;
  /** The same for the manifest. A resume with another one is refused. */
  readonly reading: Readonly<Record<string, unknown>>;
  readonly hash: RunningHash;
  /** The beginning of the first file. */
  readonly sample: Sample;
  readonly blocks: AsyncGenerator<RowBlock>;
  /** False where an earlier process has done them all. */
  readonly hasRows: boolean;
  /** What the rows become in this table. Throws ImportError `usage`, `key-column-missing`. */
  mapTo(table: TableInfo | undefined): MappedRows;
  /** `place`: the position after the last row taken. */
  bytesRead(place?: SourcePlace): StoredBytes;
};

/** Where an earlier process stopped reading. */
type StoppedReading = {
  readonly columns: readonly string[] | undefined;
  readonly reading: Readonly<Record<string, unknown>> | undefined;
  readonly progress: Pick<Progress, 'mark' | 'hash'> | undefined;
  /** The files as it found them. */
  readonly files?: readonly ManifestFile[] | undefined;
};

/** Reads up to the first rows after the mark. Throws ImportError for a source that cannot be read, and the reason of `signal`. */
export async function openRows(
  options: ImportOptions,
  source: OpenedSource,
  run: StoppedReading | undefined,
  { signal, argv, warn }: Pick<Surroundings, 'signal' | 'argv' | 'warn'>,
  keepsCheckpoints = false,
): Promise<OpenedRows> {
  const { places, live } = source;
  const definition =
    live?.definition ?? (await unlessStopped(signal, findDefinition(options, source.files[0]!, places)));
  const isSized = source.files[0]!.storedBytes !== undefined;
  const firstRowEnd = (bytes: Buffer) => endOfFirstRow(bytes, options);
  const peeking = peekFile(source.files[0]!, isSized ? sampleBytes : shapeBytes, {
    maxBytes: options.maxRowBytes,
    isEnough: (bytes) => firstRowEnd(bytes) !== -1,
  });
  const { sample, file } = await unlessStopped(signal, peeking);
  const shape = sample.bytes.subarray(0, Math.max(shapeBytes, firstRowEnd(sample.bytes)));
  const sqlHead = await findSqlHead(options, file.path, places, shape, signal);
  const taken = [...templateColumns(options.set.map(parseTemplate)), options.deleteWhere?.column];
  // An omitted column is read all the same if --set takes it or --delete-where tests it.
  const flags = { ...options, omit: options.omit.filter((name) => !taken.includes(name)) };
  const detect = () =>
    (live && readingOf(live, flags)) ??
    detectReading(sqlHead ?? shape, {
      ...{ fileName: file.name, path: file.path, definition, flags },
      isWhole: sqlHead === undefined && sample.isWhole && shape.length === sample.bytes.length,
      commandWith: (flags) => commandWith(argv, flags),
    });
  const reading = run === undefined ? detect() : ofSameSource(detect);
  const table = reading.dialect === 'sql' ? reading.definition : definition;
  const stored = storedReading(reading, table);
  if (run !== undefined) checkSameReading(run.reading, stored);
  // The files of mydumper do not say themselves that they are whole.
  const isFinished = reading.dialect === 'sql' ? await mydumperFinished(file.path, places) : undefined;
  const dialect = dialectOf(reading, options.maxRowBytes, {
    allowIncomplete: options.allowIncomplete === true || isFinished !== undefined,
    ...(options.sourceTable === undefined && { onOtherTable: warningOnce(file.name, warn) }),
  });
  const files = [file, ...source.files.slice(1)];
  const before = run?.progress?.hash;
  const hash = new RunningHash(before, before !== undefined && areKnown(before.fileIndex, run?.files, files));
  if (live !== undefined && keepsCheckpoints) {
    hash.tellExactly();
    // Rows between the two could have changed.
    if (before?.byteOffset !== run?.progress?.mark.byteOffset) throw changedBelow(file.name);
  }
  const reader = new RowReader({ files }, dialect, hash, run?.progress?.mark);
  const isUnfinished = isFinished === false && options.allowIncomplete !== true;
  const blocks = isUnfinished
    ? endingUnfinished(reader.blocks(), file.name)
    : live !== undefined && keepsCheckpoints
      ? exactBlocks(reader.blocks(), hash, file.name)
      : reader.blocks();
  const first = await unlessStopped(signal, firstRows(blocks));
  // A run that goes on may have nothing left; a new one is not worth a question.
  if (first.done === true && run === undefined) {
    throw reading.dialect === 'sql' ? noSqlRows(file.name, reading) : noRows(reader.header !== undefined);
  }
  // Generated and invisible columns are in some dumps and not in others: detection has counted the fields.
  const hasKey = table !== undefined && table.primaryKey.length > 0;
  const held = reading.dialect === 'mysql' ? reading.settings.columns : table?.columns;
  const defined = held?.map(({ name }) => name) ?? [];
  const named: NamedColumns =
    options.columns === undefined && reader.header !== undefined
      ? nameColumns(reader.header.names, options, { hasKey, names: defined })
      : { names: options.columns ?? reading.layout?.names ?? run?.columns ?? [] };
  const { names } = named;
  if (names.length === 0) throw withoutNames(file.name);
  const problem = headerProblem(names);
  if (problem !== undefined) throw problem;
  const known = definedTypes(table, reading, names);
  return {
    ...{ source: { ...source, files }, dialect, hash, names, sample },
    countedRows: live?.rows,
    sqlTypes: new Map(names.map((name) => [name, table && findColumn(table, name)?.sqlType])),
    definition: live === undefined ? table : inUtf8(table),
    definesKey: hasKey,
    format: reading.reason + zoneNote(options, known) + (named.note === undefined ? '' : `; ${named.note}`),
    reading: stored,
    header: reader.header,
    blocks: startingWith(first, blocks),
    hasRows: first.done !== true,
    mapTo: (table) => mapColumns(options, dialect, named, reader.header?.names, known, table),
    bytesRead: (place) => bytesRead(files, place),
  };
}

/** How rows of this source are written to a file of their own. */
export function listedShape({ dialect, header }: Pick<OpenedRows, 'dialect' | 'header'>) {
  const { rejectExtension: extension, listedRows } = dialect;
  if (listedRows !== undefined) return { extension, header: listedRows.header, writeRow: listedRows.write };
  return { extension, ...(header !== undefined && { header: header.bytes }) };
}

/** Enough for the shape of the first rows, where the first is no longer, and no more than a pipe gives soon. */
const shapeBytes = 256 * 1024;
/** Enough to judge the whole by. */
const sampleBytes = 1024 * 1024;

/** As JSON keeps it: all that decides what a row becomes, but for the options. */
function storedReading(
  { dialect, settings, layout }: Reading,
  { primaryKey, timestampsInUtc }: Partial<TableDefinition> = {},
): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify({ dialect, settings, columns: layout?.columns, primaryKey, timestampsInUtc }));
}

function inUtf8(definition: TableDefinition | undefined): TableDefinition | undefined {
  return definition && { ...definition, columns: definition.columns.map(({ characterSet: _, ...column }) => column) };
}

/** A source that was read before can be read again, so that no option helps. Throws ImportError `resume-mismatch`. */
function ofSameSource(detect: () => Reading): Reading {
  try {
    return detect();
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new ImportError('resume-mismatch', `the source is not the one this run began with: ${error.message}`, {
      hint: 'Give --resume the same source and schema, or start a new run without --resume.',
      cause: error,
    });
  }
}

function checkSameReading(before: StoppedReading['reading'], now: Readonly<Record<string, unknown>>): void {
  if (JSON.stringify(before) === JSON.stringify(now)) return;
  const what = before === undefined ? 'does not say how its source is read' : 'reads its source in another way';
  throw new ImportError('resume-mismatch', `this run ${what}`, {
    hint: 'Finish it with the version that began it and an unchanged schema, or start a new run without --resume.',
  });
}

function withoutNames(fileName: string): ImportError {
  return new ImportError('usage', `${fileName}: nothing names its columns`, {
    hint: 'Name them with --columns a,b,..., or leave --no-header out where its first row does.',
  });
}

/** The beginning of the dump showed one table, so that none had to be named. */
function warningOnce(fileName: string, warn: (message: string) => void): (name: string) => void {
  const seen = new Set<string>();
  return (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    warn(`${fileName}: it also holds rows of table ${name}, which are not imported; --source-table chooses a table`);
  };
}

function noSqlRows(fileName: string, { settings }: Extract<Reading, { dialect: 'sql' }>): ImportError {
  return new ImportError('source-empty', `${fileName} holds no rows of table ${settings.table.name}`, {
    hint: 'If mysqldump --tab wrote it, import the .txt next to it. Otherwise check the dump.',
  });
}

async function* endingUnfinished(blocks: AsyncGenerator<RowBlock>, fileName: string): AsyncGenerator<RowBlock> {
  yield* blocks;
  const message = `${dirname(fileName)}: its metadata does not say that mydumper finished, so rows may be missing`;
  throw new ImportError('source-truncated', message, {
    hint: 'Dump it again, or pass --allow-incomplete if its log shows that it was finished.',
  });
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
function bytesRead(files: readonly OpenedFile[], place: SourcePlace | undefined): StoredBytes {
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
