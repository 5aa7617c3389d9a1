import { basename, dirname } from 'node:path';
import { isS3Url } from '../../adapters/s3/s3-url.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  isFinished,
  isMydumperFolder,
  isRowFile,
  type MydumperTable,
  mydumperTables,
  schemaFileNames,
} from '../../input/sql/mydumper.ts';
import { chooseTable } from '../../input/sql/sql-head.ts';
import { inPlace, type SourcePlaces } from './source-places.ts';

/**
 * The paths with the row files of one table in place of each folder of mydumper. Throws ImportError `usage` where the
 * folder holds several tables and none is named, `source-empty` and `source-unsupported`.
 */
export async function withFolderFiles(
  paths: readonly string[],
  places: SourcePlaces,
  sourceTable?: string,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) files.push(...((await rowFilesIn(path, places, sourceTable)) ?? [path]));
  return files;
}

async function rowFilesIn(
  folder: string,
  places: SourcePlaces,
  sourceTable: string | undefined,
): Promise<readonly string[] | undefined> {
  if (folder === '-' || (isS3Url(folder) && !folder.endsWith('/'))) return undefined;
  // What is no folder is told when it is opened.
  const names = await places.namesIn(folder);
  if (!isMydumperFolder(names) && !names.includes('@.json')) return undefined;
  const tables = mydumperTables(names, folder);
  const chosen = chooseTable({ tables, hasEnd: true }, folder, sourceTable);
  const { rowFiles } = tables.find((table) => table === chosen) ?? missing(folder, tables, sourceTable);
  if (rowFiles.length > 0) return rowFiles.map((name) => inPlace(folder, name));
  throw new ImportError('source-empty', `${folder} holds no rows of table ${chosen.database}.${chosen.name}`, {
    hint: 'Check the dump.',
  });
}

function missing(folder: string, tables: readonly MydumperTable[], sourceTable = ''): never {
  const names = tables.map(({ database, name }) => `${database}.${name}`).join(', ');
  throw new ImportError('usage', `${folder} holds no table ${sourceTable}; its tables are ${names}`, {
    hint: 'Name one of them with --source-table.',
  });
}

/** The CREATE TABLE that mydumper wrote next to a file of rows; undefined if there is none. */
export async function mydumperSchemaBeside(path: string, places: SourcePlaces): Promise<string | undefined> {
  const candidates = schemaFileNames(basename(path));
  if (candidates.length === 0) return undefined;
  const names = await places.namesIn(dirname(path));
  const found = candidates.find((name) => names.includes(name));
  return found === undefined ? undefined : inPlace(dirname(path), found);
}

/**
 * Whether mydumper's `metadata` next to a file of rows says that its dump was finished; undefined where there is none, so
 * that the file itself has to say it.
 */
export async function mydumperFinished(path: string | undefined, places: SourcePlaces): Promise<boolean | undefined> {
  if (path === undefined || !isRowFile(basename(path))) return undefined;
  const names = await places.namesIn(dirname(path));
  if (names.includes('metadata.partial')) return false;
  if (!names.includes('metadata')) return undefined;
  return isFinished(await textOf(inPlace(dirname(path), 'metadata'), places));
}

async function textOf(path: string, places: SourcePlaces): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of places.read(path)) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof ImportError) || error.code !== 'source-empty') throw error;
  }
  return Buffer.concat(chunks).toString();
}
