import { basename, dirname } from 'node:path';
import { systemWords } from '../../adapters/file/durable-file.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  chooseDefinition,
  parseTableDefinitions,
  sqlText,
  type TableDefinition,
} from '../../input/mysql/definition/table-definition.ts';
import { schemaFileNames } from '../../input/sql/mydumper.ts';
import { isNamed, readSqlHead } from '../../input/sql/sql-head.ts';
import { SqlHeadFinder } from '../../input/sql/sql-head-finder.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { OpenedFile } from '../../ports/source.ts';
import { inPlace, type SourcePlaces } from './source-places.ts';

/**
 * The CREATE TABLE of the dump: `--schema`, or the `.sql` next to a `.txt`, as `mysqldump --tab` leaves them, or what
 * mydumper leaves next to its rows.
 */
export async function findDefinition(
  { schema, format, sourceTable }: ImportOptions,
  file: OpenedFile,
  places: SourcePlaces,
): Promise<TableDefinition | undefined> {
  const tableName = sourceTable?.replace(/^[^.]*\./, '') ?? file.name;
  if (schema !== undefined) {
    return chooseDefinition(await readSchema(schema, places), tableName);
  }
  if (format === 'csv' || file.path === undefined) return undefined;
  const beside = dumpName.test(file.path)
    ? file.path.replace(dumpName, '.sql')
    : await mydumperSchemaBeside(file.path, places);
  const definitions = beside === undefined ? undefined : await readBeside(beside, places);
  return definitions && chooseDefinition(definitions, tableName);
}

const dumpName = /\.txt(\.gz|\.zst)?$/;

/** The CREATE TABLE that mydumper wrote next to a file of rows; undefined if there is none. */
async function mydumperSchemaBeside(path: string, places: SourcePlaces): Promise<string | undefined> {
  const candidates = schemaFileNames(basename(path));
  if (candidates.length === 0) return undefined;
  const names = await places.namesIn(dirname(path));
  const found = candidates.find((name) => names.includes(name));
  return found === undefined ? undefined : inPlace(dirname(path), found);
}

async function readSchema(path: string, places: SourcePlaces): Promise<readonly TableDefinition[]> {
  try {
    return await definitionsIn(path, places);
  } catch (cause) {
    if (cause instanceof ImportError) throw cause;
    throw unreadable(`--schema ${path}`, cause, 'Name the .sql file that mysqldump --tab wrote next to the dump.');
  }
}

/** Undefined where there is none. One that is there but can't be read would change the type of every column. */
async function readBeside(path: string, places: SourcePlaces): Promise<readonly TableDefinition[] | undefined> {
  try {
    return await definitionsIn(path, places);
  } catch (cause) {
    const isMissing = ['ENOENT', 'source-missing'].includes((cause as NodeJS.ErrnoException).code ?? '');
    if (isMissing) return undefined;
    if (cause instanceof ImportError && cause.code === 'access-denied') {
      throw new ImportError('access-denied', cause.message, {
        hint: 'Allow s3:ListBucket, which tells whether it exists, or name the table definition with --schema.',
        cause,
      });
    }
    if (cause instanceof ImportError) throw cause;
    const hint = 'It tells the types of the dump. Run as a user who may read it, or name another with --schema.';
    throw unreadable(path, cause, hint);
  }
}

/** Of a dump with rows, which can be of any size, the beginning is looked at. */
async function definitionsIn(path: string, places: SourcePlaces): Promise<readonly TableDefinition[]> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of places.read(path)) {
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
  places: SourcePlaces,
  shape: Buffer,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (sourceTable === undefined || path === undefined || (format !== undefined && format !== 'sql')) return undefined;
  const tables = readSqlHead(shape)?.tables;
  const table = tables?.find((one) => isNamed(one, sourceTable));
  const hasRows = table?.list !== undefined || table?.valueCount !== undefined;
  if (tables === undefined || hasRows) return undefined;
  const finder = new SqlHeadFinder(sourceTable);
  for await (const chunk of places.read(path)) {
    signal.throwIfAborted();
    if (finder.push(chunk)) break;
  }
  return finder.head;
}
