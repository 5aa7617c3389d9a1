import { ImportError } from '../../domain/import-error.ts';
import { printable } from '../../report/format.ts';

/** A mistake in the command line; ends the program with exit code 2. */
export function usageError(message: string, hint?: string): ImportError {
  return new ImportError('usage', message, hint === undefined ? {} : { hint });
}

/** `--concurrency: expected a whole number from 1 to 1024, got "many"`. */
export function unexpected(flag: string, expected: string, got: string, hint?: string): ImportError {
  return usageError(`${flag}: expected ${expected}, got ${got === '' ? 'nothing' : `"${printable(got)}"`}`, hint);
}
