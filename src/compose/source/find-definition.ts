import { createReadStream } from 'node:fs';
import { systemWords } from '../../adapters/file/durable-file.ts';
import { type FileSourceFile, openFileSource } from '../../adapters/file/source/file-source.ts';
import { readUnpacked } from '../../adapters/packing/unpack.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  chooseDefinition,
  parseTableDefinitions,
  sqlText,
  type TableDefinition,
} from '../../input/mysql/definition/table-definition.ts';
import { isNamed, readSqlHead } from '../../input/sql/sql-head.ts';
import { SqlHeadFinder } from '../../input/sql/sql-head-finder.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { mydumperSchemaBeside } from './mydumper-folder.ts';

/**
 * The CREATE TABLE of the dump: `--schema`, or the `.sql` beside a `.txt`, as `mysqldump --tab` leaves them, or what
 * mydumper leaves beside its rows.
 */
export async function findDefinition(
  { schema, format, sourceTable }: ImportOptions,
  file: FileSourceFile,
): Promise<TableDefinition | undefined> {
  const tableName = sourceTable?.replace(/^[^.]*\./, '') ?? file.name;
  if (schema !== undefined) {
    return chooseDefinition(await readSchema(schema), tableName);
  }
  if (format === 'csv' || file.path === undefined) return undefined;
  const beside = dumpName.test(file.path) ? file.path.replace(dumpName, '.sql') : await mydumperSchemaBeside(file.path);
  const definitions = beside === undefined ? undefined : await readBeside(beside);
  return definitions && chooseDefinition(definitions, tableName);
}

const dumpName = /\.txt(\.gz|\.zst)?$/;

async function readSchema(path: string): Promise<readonly TableDefinition[]> {
  try {
    return await definitionsIn(path);
  } catch (cause) {
    if (cause instanceof ImportError) throw cause;
    throw unreadable(`--schema ${path}`, cause, 'Name the .sql file that mysqldump --tab wrote next to the dump.');
  }
}

/** Undefined where there is none. One that is there but can't be read would change the type of every column. */
async function readBeside(path: string): Promise<readonly TableDefinition[] | undefined> {
  try {
    return await definitionsIn(path);
  } catch (cause) {
    if (cause instanceof ImportError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const hint = 'It tells the types of the dump. Run as a user who may read it, or name another with --schema.';
    throw unreadable(path, cause, hint);
  }
}

/** Of a dump with rows, which can be of any size, the beginning is looked at. */
async function definitionsIn(path: string): Promise<readonly TableDefinition[]> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readUnpacked(path, chunksOf(path))) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= mostSchemaBytes) break;
  }
  const bytes = Buffer.concat(chunks);
  const tables = readSqlHead(bytes)?.tables ?? [];
  if (tables.some(({ list, valueCount }) => list !== undefined || valueCount !== undefined)) {
    return tables.flatMap(({ definition }) => definition ?? []);
  }
  return parseTableDefinitions(sqlText(bytes, path));
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}

const mostSchemaBytes = 16 * 1024 * 1024;

function unreadable(what: string, cause: unknown, hint: string): ImportError {
  return new ImportError('schema-invalid', `${what} can't be read: ${systemWords(cause, 'there is no such file')}`, {
    hint,
    cause,
  });
}

/**
 * What of a dump of several tables comes before the rows of `--source-table`, where its first bytes do not show them.
 * Undefined where they do, and for a pipe, which can be read only once. What stands before them is read twice.
 */
export async function findSqlHead(
  { sourceTable, format }: Pick<ImportOptions, 'sourceTable' | 'format'>,
  path: string | undefined,
  shape: Buffer,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (sourceTable === undefined || path === undefined || (format !== undefined && format !== 'sql')) return undefined;
  const tables = readSqlHead(shape)?.tables;
  const table = tables?.find((one) => isNamed(one, sourceTable));
  const hasRows = table?.list !== undefined || table?.valueCount !== undefined;
  if (tables === undefined || hasRows) return undefined;
  const { files } = await openFileSource([path], () => {
    throw new Error('a path is never standard input');
  });
  const finder = new SqlHeadFinder(sourceTable);
  for await (const chunk of files[0]!.read()) {
    signal.throwIfAborted();
    if (finder.push(chunk)) break;
  }
  return finder.head;
}
