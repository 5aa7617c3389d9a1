import { join } from 'node:path';
import { jsonText } from '../../../domain/format.ts';
import type { ConvertedFile } from '../../../ports/converted-files.ts';
import { writeDurably } from '../durable-file.ts';
import { holdsCounts, isCount, type JsonObject, readStoredJson } from '../stored-json.ts';

/** How far a conversion is whose rows are all spooled. */
export type ConvertState = {
  /** Bytes of the lines in each partition of the spool. */
  readonly lineBytes: readonly number[];
  readonly endOfSource: boolean;
  readonly files: readonly ConvertedFile[];
};

const stateName = 'convert.json';

/** The state of the conversion in a run directory; undefined if its rows are not all spooled. Throws ImportError `run-dir`. */
export async function loadConvertState(folder: string): Promise<ConvertState | undefined> {
  return await readStoredJson(join(folder, stateName), isState);
}

/** Throws ImportError `disk-full`, `run-dir`. */
export async function saveConvertState(folder: string, state: ConvertState): Promise<void> {
  await writeDurably(join(folder, stateName), jsonText({ version: 1, ...state }));
}

function isState(value: JsonObject): value is JsonObject & ConvertState {
  const { lineBytes, endOfSource, files } = value;
  return (
    Array.isArray(lineBytes) &&
    lineBytes.every(isCount) &&
    typeof endOfSource === 'boolean' &&
    Array.isArray(files) &&
    files.every(isFile)
  );
}

function isFile(file: unknown): boolean {
  return (
    holdsCounts(file, ['items', 'superseded', 'lineBytes', 'bytes']) &&
    typeof file['name'] === 'string' &&
    /^[0-9a-f]{64}$/.test(String(file['sha256']))
  );
}
