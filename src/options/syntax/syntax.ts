import { printable } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';

/** How the value of an option is written on the command line. */
export type Syntax<Value> = {
  /** Stands for the value in the help: `<n|p%>`. */
  readonly placeholder: string;
  /** The words that can be given, where there are few; for shell completion. */
  readonly words?: readonly string[];
  /**
   * Reads the text after a flag. `previous` is the value of an earlier use of the same flag. Throws ImportError `usage`,
   * which names the flag.
   */
  parse(text: string, flag: string, previous?: Value): Value;
  /** Text that parses to the same value, or the texts of several uses of the flag; undefined for an empty list. */
  format(value: Value): string | readonly string[] | undefined;
};

/** A mistake in the command line; ends the program with exit code 2. */
export function usageError(message: string, hint?: string): ImportError {
  return new ImportError('usage', message, hint === undefined ? {} : { hint });
}

/** `--concurrency: expected a whole number from 1 to 1024, got "many"`. */
export function unexpected(flag: string, expected: string, got: string, hint?: string): ImportError {
  return usageError(`${flag}: expected ${expected}, got ${got === '' ? 'nothing' : `"${printable(got)}"`}`, hint);
}
