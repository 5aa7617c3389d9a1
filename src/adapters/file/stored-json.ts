import { readFile } from 'node:fs/promises';
import { ImportError } from '../../domain/import-error.ts';
import { diskFault } from './durable-file.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON file of the run directory that passes `isWhole`; undefined if there is none. Throws ImportError `run-dir` if it
 * is damaged.
 */
export async function readStoredJson<T>(
  path: string,
  isWhole: (value: JsonObject) => value is JsonObject & T,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskFault(path, error);
  }
  const value = parse(text);
  if (isObject(value) && typeof value['version'] === 'number' && value['version'] > 1) {
    throw new ImportError('run-dir', `${path} was written by a newer version of import-tokens`, {
      hint: 'Resume with that version, or start a new run.',
    });
  }
  if (!isObject(value) || value['version'] !== 1 || !isWhole(value)) {
    throw new ImportError('run-dir', `${path} is damaged: it is not what this program writes there`, {
      hint: 'Start a new run, which writes all rows again.',
    });
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether all the named members are counts: whole, safe and not negative. */
export function holdsCounts(value: unknown, names: readonly string[]): value is JsonObject {
  return isObject(value) && names.every((name) => isCount(value[name]));
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
