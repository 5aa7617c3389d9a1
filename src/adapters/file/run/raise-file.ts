import { access, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { jsonText } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type { CapacityDebt } from '../../../domain/write-capacity.ts';
import type { DebtStore } from '../../../ports/run-stores.ts';
import { diskFault, syncFolder, writeDurably } from '../durable-file.ts';
import { holdsCounts, isCount, isObject, type JsonObject, readStoredJson } from '../stored-json.ts';

/** It is in the run directory as long as capacity has to be put back. */
const debtName = 'capacity.json';

export class DebtFile implements DebtStore {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, debtName);
  }

  async save(debt: CapacityDebt): Promise<void> {
    await writeDurably(this.#path, jsonText({ version: 1, ...debt }));
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

/** What the run in this folder owes; undefined where nothing. Throws ImportError `run-dir`. */
export async function readDebt(folder: string): Promise<CapacityDebt | undefined> {
  const path = join(folder, debtName);
  try {
    return await readStoredJson<CapacityDebt>(path, isDebt);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new ImportError(error.code, error.message, {
      hint: 'Put the capacity back by its figure: import-tokens capacity restore --table NAME --wcu N; then delete the file',
      cause: error,
    });
  }
}

/** One name for a place that links may lead to by several; a path where nothing is stays as it is. */
export async function realPlace(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** The folders in `parent` whose runs owe something, by name. */
export async function foldersInDebt(parent: string): Promise<readonly string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  const owing = await Promise.all(folders.map(async (folder) => ((await owes(folder)) ? [folder] : [])));
  return owing.flat().sort();
}

async function owes(folder: string): Promise<boolean> {
  return access(join(folder, debtName)).then(
    () => true,
    () => false,
  );
}

function isDebt(value: JsonObject): value is JsonObject & CapacityDebt {
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
