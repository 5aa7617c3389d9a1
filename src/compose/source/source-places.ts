import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, posix, resolve } from 'node:path';
import { openFileSource } from '../../adapters/file/source/file-source.ts';
import { readUnpacked } from '../../adapters/packing/unpack.ts';
import type { S3Connection } from '../../adapters/s3/s3-connection.ts';
import { isS3Url } from '../../adapters/s3/s3-url.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  isFinished,
  isMydumperFolder,
  isRowFile,
  type MydumperTable,
  mydumperTables,
} from '../../input/sql/mydumper.ts';
import { chooseTable } from '../../input/sql/sql-head.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { OpenedFile } from '../../ports/source.ts';
import { openS3Connection } from '../open-connection.ts';
import type { Surroundings } from '../surroundings.ts';

type PlacesOptions = Pick<ImportOptions, 'table' | 'region' | 's3Region' | 'profile'>;
type PlacesSurroundings = Pick<Surroundings, 'env' | 'stdin' | 'warn' | 'random' | 'signal'>;

/** Makes a path absolute; URLs and `-` stay as they are. */
export function absolutePath(cwd: string, path: string): string {
  return path === '-' || isS3Url(path) ? path : resolve(cwd, path);
}

/** The options with the paths absolute that a resume from another folder has to find. */
export function withAbsolutePaths(options: ImportOptions, { cwd }: Pick<Surroundings, 'cwd'>): ImportOptions {
  const { schema, summary, metricsFile, defaultsFile, sslCa, to } = options;
  return {
    ...options,
    ...(to !== undefined && { to: absolutePath(cwd, to) }),
    ...(defaultsFile !== undefined && { defaultsFile: resolve(cwd, defaultsFile) }),
    ...(sslCa !== undefined && { sslCa: resolve(cwd, sslCa) }),
    ...(schema !== undefined && { schema: absolutePath(cwd, schema) }),
    ...(summary !== undefined && { summary: resolve(cwd, summary) }),
    ...(metricsFile !== undefined && { metricsFile: resolve(cwd, metricsFile) }),
  };
}

/** Opens sources and table definitions: files, pipes, and objects of S3, which is connected for the first URL. */
export class SourcePlaces {
  readonly #options: PlacesOptions;
  readonly #surroundings: PlacesSurroundings;
  #connecting: Promise<S3Connection> | undefined;
  #s3Region: string | undefined;

  constructor(options: PlacesOptions, surroundings: PlacesSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** The region of the buckets; undefined before a URL was opened. */
  get s3Region(): string | undefined {
    return this.#s3Region;
  }

  /**
   * The files of absolute paths and URLs, several for a prefix or a pattern. `versionOf`: the version that an earlier process
   * read. Throws ImportError `usage` or `source-*` for faults that show before reading.
   */
  async open(
    paths: readonly string[],
    versionOf: (path: string) => string | undefined = () => undefined,
  ): Promise<readonly OpenedFile[]> {
    const { files } = await openFileSource(
      paths.filter((path) => !isS3Url(path)),
      this.#surroundings.stdin,
    );
    const opened: OpenedFile[] = [];
    let next = 0;
    for (const path of paths) {
      if (isS3Url(path)) opened.push(...(await this.#objects(path, versionOf(path))));
      else opened.push(files[next++]!);
    }
    return opened;
  }

  async #objects(url: string, versionId: string | undefined): Promise<readonly OpenedFile[]> {
    const { openS3Source } = await import('../../adapters/s3/s3-source.ts');
    const { files, skipped } = await openS3Source(await this.#s3(), url, versionId);
    if (skipped.length > 0) {
      const named = skipped.slice(0, mostNamed).map((object) => `${object.url} (${object.why})`);
      const more = skipped.length > mostNamed ? `, and ${skipped.length - mostNamed} more` : '';
      this.#surroundings.warn(`not imported: ${named.join(', ')}${more}`);
    }
    return files;
  }

  /** The names in a folder, or below a prefix; none if there is no such folder. */
  async namesIn(folder: string): Promise<readonly string[]> {
    if (!isS3Url(folder)) return readdir(folder).catch(() => []);
    const { namesBelow } = await import('../../adapters/s3/s3-source.ts');
    return namesBelow(await this.#s3(), inPlace(folder, ''));
  }

  /** The unpacked bytes of a file or an object. Rejects with the error of the file system, or ImportError. */
  async *read(path: string): AsyncGenerator<Uint8Array> {
    if (!isS3Url(path)) yield* readUnpacked(path, chunksOf(path));
    else for (const object of await this.#objects(path, undefined)) yield* object.read();
  }

  /** Ends all reading. */
  async close(): Promise<void> {
    await this.#connecting?.then((connection) => connection.close()).catch(() => {});
  }

  async #s3(): Promise<S3Connection> {
    this.#connecting ??= openS3Connection(this.#options, this.#surroundings);
    const connection = await this.#connecting;
    this.#s3Region = connection.region;
    return connection;
  }
}

const mostNamed = 20;

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}

/** The path of a name in a folder or prefix, with or without its last slash. */
export function inPlace(folder: string, name: string): string {
  return isS3Url(folder) ? `${folder.replace(/\/?$/, '/')}${name}` : posix.join(folder, name);
}

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
