import { join } from 'node:path';
import { jsonText } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import { isCount, isObject, type JsonObject, readStoredJson, writeDurably } from '../durable-file.ts';

export const manifestName = 'manifest.json';

/** What a run was started with, so that a resume needs no other options. */
export type RunManifest = {
  readonly version: 1;
  readonly runId: string;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  /** Opaque here; `undefined` members are dropped. */
  readonly options: JsonObject;
  readonly argv?: readonly string[];
  readonly source: readonly ManifestFile[];
  readonly table?: ManifestTable;
  /** Names of the columns in the source, in order. */
  readonly columns: readonly string[];
  /** How rows that have expired are told, if they are skipped. */
  readonly expiry?: ManifestExpiry;
  /** How the source is read, opaque here; absent in runs of versions that did not store it. */
  readonly reading?: JsonObject;
};

/** The column with the time of expiry, the attribute that it becomes, and the clock of the run. */
export type ManifestExpiry = { readonly column: string; readonly attribute: string; readonly clockMs: number };

/** The table that the rows go to: its ARN, or else its region and endpoint. */
export type ManifestTable = { readonly arn?: string; readonly region?: string; readonly endpoint?: string };

/** One input. Only its size identifies it; path and time are hints. */
export type ManifestFile = {
  readonly name: string;
  readonly path?: string;
  readonly storedBytes?: number;
  readonly mtimeMs?: number;
  /** Of an object of S3, which the ETag identifies. */
  readonly etag?: string;
  readonly versionId?: string;
};

/** Writes the manifest of a new run. Throws ImportError `run-dir` if the folder has one already, or `disk-full`. */
export async function writeManifest(folder: string, manifest: RunManifest): Promise<void> {
  if ((await readManifest(folder)) !== undefined) {
    throw new ImportError('run-dir', `${folder} holds another run`, {
      hint: `Continue that run with --resume ${folder}, or pass another folder with --run-dir.`,
    });
  }
  await writeDurably(join(folder, manifestName), jsonText(manifest));
}

/** Stores options that a resume has changed, for the next resume. Throws ImportError `disk-full`. */
export async function keepOptions(folder: string, changed: JsonObject): Promise<void> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) return;
  const options = { ...manifest.options, ...changed };
  await writeDurably(join(folder, manifestName), jsonText({ ...manifest, options }));
}

/** The manifest in this folder; undefined if there is none. Throws ImportError `run-dir` if it is damaged. */
export async function readManifest(folder: string): Promise<RunManifest | undefined> {
  return await readStoredJson(join(folder, manifestName), isManifest);
}

function isManifest(value: JsonObject): value is JsonObject & RunManifest {
  const { runId, createdAt, options, argv, source, table, columns, expiry, reading } = value;
  return (
    typeof runId === 'string' &&
    typeof createdAt === 'string' &&
    isObject(options) &&
    (argv === undefined || areTexts(argv)) &&
    Array.isArray(source) &&
    source.every(isManifestFile) &&
    (table === undefined || (isObject(table) && areTexts(Object.values(table)))) &&
    areTexts(columns) &&
    (expiry === undefined || isExpiry(expiry)) &&
    (reading === undefined || isObject(reading))
  );
}

function isExpiry(value: unknown): boolean {
  return isObject(value) && typeof value['column'] === 'string' && isCount(value['clockMs']);
}

function isManifestFile(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, path, storedBytes, mtimeMs, etag, versionId } = value;
  return (
    typeof name === 'string' &&
    [path, etag, versionId].every((text) => text === undefined || typeof text === 'string') &&
    (storedBytes === undefined || isCount(storedBytes)) &&
    (mtimeMs === undefined || typeof mtimeMs === 'number')
  );
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
