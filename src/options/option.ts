import { printable } from '../domain/format.ts';
import { type ImportError, usageError } from '../domain/import-error.ts';

export type CommandName = 'import' | 'plan' | 'verify' | 'convert' | 'capacity' | 'status' | 'report' | 'completion';

/** The commands that read a source and map its rows. */
export const reading: readonly CommandName[] = ['import', 'plan', 'verify', 'convert'];
/** Those of them that send rows or keys to a table. */
export const pacing: readonly CommandName[] = ['import', 'plan', 'verify'];
export const writing: readonly CommandName[] = ['import', 'plan'];

/**
 * What an option decides, and so what a resume may do with it. `items`: which items are written and what they hold; a
 * resume that differs is refused. `run`: how the run works; kept with the run, and a resume may change it. `process`:
 * this process only; not kept.
 */
type Scope = 'items' | 'run' | 'process';

/** Everything that is known about one option. Parsing, help, reference page, echo, contradictions and resume rules follow from it. */
export type Option<Value = unknown> = {
  /** `--key`, or with its short form `-t, --table`. */
  readonly flags: string;
  /** How its value is written; undefined for a switch, which takes no value and sets `true`. */
  readonly syntax: Syntax<NonNullable<Value>> | undefined;
  /** undefined: chosen later, from the table, the source or the environment. */
  readonly default: Value;
  /** For the help, where the default is chosen later. */
  readonly shownDefault: string | undefined;
  /** A phrase with a verb and without a full stop; the default is added. */
  readonly help: string;
  readonly commands: readonly CommandName[];
  readonly scope: Scope;
  /** Whether the settings at the start name it. */
  readonly isEchoed: boolean;
  /** Its line of `-h`; undefined where `-h` leaves it out. */
  readonly brief: string | undefined;
  /** It has no meaning without this. */
  readonly onlyWith: '--verify' | '--repository memory' | '--delete-where' | undefined;
  /** Flags that it can't be combined with, each with the reason. */
  readonly conflicts: Readonly<Record<string, string>>;
  /** Further flags, each of which sets one value: `--no-header`. */
  readonly also: readonly FixedFlag<Value>[];
};

type FixedFlag<Value> = {
  readonly flags: string;
  readonly value: Value;
  readonly help: string;
  /** Those of the option, unless given. */
  readonly commands?: readonly CommandName[];
};

type Description<Other> = Pick<Option, 'help'> &
  Partial<Pick<Option, 'shownDefault' | 'isEchoed' | 'brief' | 'onlyWith' | 'conflicts'>> & {
    readonly also?: readonly FixedFlag<Other>[];
  };

/** An option whose flag takes a value. */
export function option<Value, const Other extends false | null | NoInfer<Value> = never>(
  flags: string,
  syntax: Syntax<Value>,
  commands: readonly CommandName[],
  scope: Scope,
  description: Description<Other> & { readonly default: NoInfer<Value> },
): Option<Value | Other>;
/** Its value is undefined where it is not given. */
export function option<Value, const Other extends false | null | NoInfer<Value> = never>(
  flags: string,
  syntax: Syntax<Value>,
  commands: readonly CommandName[],
  scope: Scope,
  description: Description<Other>,
): Option<Value | Other | undefined>;
export function option(
  flags: string,
  syntax: Option['syntax'],
  commands: readonly CommandName[],
  scope: Scope,
  description: Description<unknown>,
): Option {
  return {
    ...unless,
    flags,
    syntax,
    commands,
    scope,
    default: undefined,
    isEchoed: scope !== 'process',
    ...description,
  };
}

/** An option whose flag takes no value: on, or off as it is by default. */
export function toggle(
  flags: string,
  commands: readonly CommandName[],
  scope: Scope,
  description: Description<never>,
): Option<boolean> {
  return { ...choosable<never>(flags, commands, scope, description), default: false } as Option<boolean>;
}

/** A toggle that is undefined where it is not given, which differs from off. */
export function choosable<const Other extends false = never>(
  flags: string,
  commands: readonly CommandName[],
  scope: Scope,
  description: Description<Other>,
): Option<true | Other | undefined> {
  return option(flags, undefined as never, commands, scope, description);
}

const unless = { shownDefault: undefined, brief: undefined, onlyWith: undefined, conflicts: {}, also: [] };

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

/** `--concurrency: expected a whole number from 1 to 1024, got "many"`. */
export function unexpected(flag: string, expected: string, got: string, hint?: string): ImportError {
  return usageError(`${flag}: expected ${expected}, got ${got === '' ? 'nothing' : `"${printable(got)}"`}`, hint);
}
