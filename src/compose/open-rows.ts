import type { FileSourceFile } from '../adapters/file/file-source.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Column } from '../domain/column.ts';
import type { KeyAttribute, TableInfo } from '../domain/table.ts';
import { binaryFields, headerProblem, resolveColumns } from '../input/columns.ts';
import { csvDialect } from '../input/csv.ts';
import type { Dialect } from '../input/framed-rows.ts';
import { type Header, type RowBlock, RowReader } from '../input/row-reader.ts';
import { RunningHash } from '../input/source-hash.ts';
import type { RowMapping } from '../pipeline/map-row.ts';
import type { RunFolder } from './run-folder.ts';

/** A source whose header has been read, so that the names of its columns are known. */
export type OpenedRows = {
  readonly source: { readonly files: readonly FileSourceFile[] };
  readonly dialect: Dialect;
  readonly header: Header | undefined;
  readonly names: readonly string[];
  readonly hash: RunningHash;
  readonly blocks: AsyncGenerator<RowBlock>;
  /** What the rows become in this table. Throws ImportError `usage`, `key-column-missing`. */
  mapTo(table: TableInfo | undefined): MappedRows;
  bytesRead(): { readonly storedBytesRead: number; readonly storedBytesTotal: number | undefined };
};

/** Columns with their types, and the primary key among them. */
export type MappedRows = Omit<RowMapping, 'encoder'> & { readonly key: readonly KeyAttribute[] };

/** Reads up to the first rows behind the mark. Throws ImportError for a source that can't be read. */
export async function openRows(
  options: ImportOptions,
  source: { readonly files: readonly FileSourceFile[] },
  run: RunFolder | undefined,
): Promise<OpenedRows> {
  const dialect = csvOf(options);
  const hash = new RunningHash(run?.progress?.hash);
  const reader = new RowReader(source, dialect, hash, run?.progress?.mark);
  const blocks = reader.blocks();
  const first = await blocks.next();
  const names = options.columns ?? reader.header?.names ?? run?.columns ?? [];
  const problem = headerProblem(names);
  if (problem !== undefined) throw problem;
  return {
    ...{ source, dialect, hash, names },
    header: reader.header,
    blocks: startingWith(first, blocks),
    mapTo: (table) => mapRows(options, dialect, names, table),
    bytesRead: () => bytesRead(source.files),
  };
}

function csvOf(options: ImportOptions): Dialect {
  const quote = options.quote ?? '"';
  return csvDialect({
    delimiter: options.delimiter ?? ',',
    quote,
    escape: options.escape ?? quote,
    nullText: options.null,
    header: options.header ?? true,
    maxRowBytes: options.maxRowBytes,
  });
}

function mapRows(
  options: ImportOptions,
  dialect: Dialect,
  names: readonly string[],
  table: TableInfo | undefined,
): MappedRows {
  const { types, rename, omit, empty, timeZone } = options;
  const first = names[0]!;
  const keyNames = table?.key.map(({ name }) => name) ?? options.key ?? [rename[first] ?? first];
  const columns = resolveColumns(names, {
    ...{ types, rename, omit, keyNames },
    tableKey: table?.key ?? [],
    indexes: table === undefined ? [] : [...table.globalIndexes, ...table.localIndexes],
  });
  return {
    ...{ dialect, columns, keyNames },
    key: keyNames.map((name) => ({ name, type: columnNamed(columns, name).key!.type })),
    fieldCount: names.length,
    binary: binaryFields(names),
    options: { empty, timeZone, zeroDates: 'reject' },
  };
}

function columnNamed(columns: readonly Column[], name: string): Column {
  return columns.find((column) => column.name === name)!;
}

async function* startingWith(
  first: IteratorResult<RowBlock>,
  rest: AsyncGenerator<RowBlock>,
): AsyncGenerator<RowBlock> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function bytesRead(files: readonly FileSourceFile[]) {
  let storedBytesRead = 0;
  let total = 0;
  let isKnown = true;
  for (const file of files) {
    storedBytesRead += file.storedBytesRead();
    if (file.storedBytes === undefined) isKnown = false;
    else total += file.storedBytes;
  }
  return { storedBytesRead, storedBytesTotal: isKnown ? total : undefined };
}
