import { access, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { jsonText } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type { CapacityRaise } from '../../../domain/table.ts';
import type { RaiseStore } from '../../../ports/run-stores.ts';
import {
  diskFault,
  holdsCounts,
  isCount,
  isObject,
  type JsonObject,
  readStoredJson,
  syncFolder,
  writeDurably,
} from '../durable-file.ts';

/** In the run directory until all capacity is restored. */
const raiseName = 'capacity.json';

export class RaiseFile implements RaiseStore {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, raiseName);
  }

  async save(raise: CapacityRaise): Promise<void> {
    await writeDurably(this.#path, jsonText({ version: 1, ...raise }));
  }

  async clear(): Promise<void> {
    try {
      await rm(this.#path, { force: true });
      await syncFolder(dirname(this.#path));
    } catch (error) {
      throw diskFault(this.#path, error);
    }
  }
}

/** What the run in this folder has not restored; undefined if nothing. Throws ImportError `run-dir` if it is damaged. */
export async function readRaise(folder: string): Promise<CapacityRaise | undefined> {
  const path = join(folder, raiseName);
  try {
    return await readStoredJson<CapacityRaise>(path, isRaise);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new ImportError(error.code, error.message, {
      hint: 'Restore the capacity by its figure with import-tokens capacity restore --table NAME --wcu N, then delete the file.',
      cause: error,
    });
  }
}

/** The path with symlinks resolved; unchanged if nothing is there. */
export async function realPlace(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** The folders in `parent` whose runs left capacity raised, by name. */
export async function foldersWithRaise(parent: string): Promise<readonly string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  const found = await Promise.all(folders.map(async (folder) => ((await holdsRaise(folder)) ? [folder] : [])));
  return found.flat().sort();
}

async function holdsRaise(folder: string): Promise<boolean> {
  return access(join(folder, raiseName)).then(
    () => true,
    () => false,
  );
}

function isRaise(value: JsonObject): value is JsonObject & CapacityRaise {
  const { tableName, tableArn, region, endpointUrl, since, mayShowLate, parts, scaling, undoCommand } = value;
  return (
    [tableName, tableArn, region, since, undoCommand].every((text) => typeof text === 'string') &&
    (endpointUrl === undefined || typeof endpointUrl === 'string') &&
    (mayShowLate === undefined || mayShowLate === 'nothing' || mayShowLate === 'last-request') &&
    Array.isArray(parts) &&
    parts.every(isRaisedPart) &&
    Array.isArray(scaling) &&
    scaling.every((target) => isPart(target) && isSuspension(target['suspended']))
  );
}

function isRaisedPart(value: unknown): boolean {
  if (!isPart(value) || !holdsCounts(value, ['beforeWriteUnits', 'raisedWriteUnits'])) return false;
  const { earlierWriteUnits = [] } = value;
  return Array.isArray(earlierWriteUnits) && earlierWriteUnits.every(isCount);
}

function isPart(value: unknown): value is JsonObject {
  return isObject(value) && (value['index'] === undefined || typeof value['index'] === 'string');
}

function isSuspension(value: unknown): boolean {
  return isObject(value) && ['scaleIn', 'scaleOut', 'scheduled'].every((name) => typeof value[name] === 'boolean');
}
