import type { ImportOptions, OptionName } from './import-options.ts';
import type { Parser } from './parse/parser.ts';

export type CommandName = 'import' | 'plan' | 'verify' | 'capacity' | 'status' | 'report';

export type OptionRow = {
  readonly name: OptionName;
  /** As commander reads them: `-y, --yes`, `--table <name>`. */
  readonly flags: string;
  readonly about: string;
  /** Reads the argument; a flag without one has a `value` in its place. */
  readonly read: ((text: string, flag: string, previous: never) => unknown) | { readonly value: unknown };
  /** The commands that have it; undefined: those that read a source. */
  readonly commands?: readonly CommandName[];
};

export type OptionGroup = { readonly heading: string; readonly options: readonly OptionRow[] };

/** An option with an argument. */
export function flag<Name extends OptionName>(
  name: Name,
  flags: string,
  about: string,
  parse: Parser<NonNullable<ImportOptions[Name]>>,
): OptionRow {
  return { name, flags, about, read: parse };
}

/** An option without one. */
export function constant<Name extends OptionName>(
  name: Name,
  flags: string,
  about: string,
  value: ImportOptions[Name],
): OptionRow {
  return { name, flags, about, read: { value } };
}

/** The option, or several, for these commands and no others. */
export function onlyFor(commands: readonly CommandName[], ...rows: readonly OptionRow[]): OptionRow[] {
  return rows.map((row) => ({ ...row, commands }));
}

/** They read a source and map its rows: what says how is the same for all of them. */
export const readingCommands: readonly CommandName[] = ['import', 'plan', 'verify'];

/** The option, or several, for `capacity` too. */
export function alsoForCapacity(...rows: readonly OptionRow[]): OptionRow[] {
  return rows.map((row) => ({ ...row, commands: [...(row.commands ?? readingCommands), 'capacity'] }));
}
