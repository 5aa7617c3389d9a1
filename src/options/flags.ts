import { type OptionName, optionGroups, options } from './import-options.ts';
import type { CommandName, Option, Syntax } from './option.ts';

/** One flag of the command line; an option has several where some of them set a fixed value. */
export type Flag = {
  readonly name: OptionName;
  readonly option: Option;
  /** `-t`, if there is one. */
  readonly short: string | undefined;
  /** `--table`. */
  readonly long: string;
  /** `-t, --table <name>`. */
  readonly usage: string;
  readonly help: string;
  /** Its line of `-h`; undefined where `-h` leaves it out. */
  readonly brief: string | undefined;
  /** What holds without the flag, in words; undefined: nothing to tell. */
  readonly shownDefault: string | undefined;
  readonly commands: readonly CommandName[];
  /** How its argument is read, or the value that the flag stands for. */
  readonly takes: { readonly syntax: Syntax<unknown> } | { readonly value: unknown };
};

/** Every flag, in the order of the help. */
export const flagGroups: readonly { readonly heading: string; readonly flags: readonly Flag[] }[] = optionGroups.map(
  ({ heading, names }) => ({ heading, flags: names.flatMap((name) => flagsOf(name, options[name])) }),
);

/** The flags of one command under their headings; a heading without any is left out. */
export function flagGroupsOf(command: CommandName): typeof flagGroups {
  return flagGroups
    .map(({ heading, flags }) => ({ heading, flags: flags.filter(({ commands }) => commands.includes(command)) }))
    .filter(({ flags }) => flags.length > 0);
}

/** The commands that have the flag, `--table` or `-t`. */
export function commandsWith(flag: string): readonly CommandName[] {
  return flagNamed(flag)?.commands ?? [];
}

/** Whether the flag is never written without a value. */
export function needsValue(flag: string): boolean {
  return flagNamed(flag)?.usage.includes('<') === true;
}

function flagNamed(flag: string): Flag | undefined {
  return flagGroups.flatMap(({ flags }) => flags).find(({ short, long }) => flag === long || flag === short);
}

function flagsOf(name: OptionName, option: Option): Flag[] {
  const { flags, syntax, also, commands, help, brief } = option;
  const main = { ...spelled(flags), usage: syntax === undefined ? flags : `${flags} ${syntax.placeholder}` };
  const takes = syntax === undefined ? { value: true } : { syntax };
  return [
    { ...main, name, option, help, brief, shownDefault: defaultOf(option), commands, takes },
    ...also.map((fixed) => ({
      ...spelled(fixed.flags),
      name,
      option,
      usage: fixed.flags,
      help: fixed.help,
      brief: undefined,
      shownDefault: undefined,
      commands: fixed.commands ?? commands,
      takes: { value: fixed.value },
    })),
  ];
}

function spelled(flags: string): { readonly short: string | undefined; readonly long: string } {
  const [long = '', short] = flags.split(', ').toReversed();
  return { short, long };
}

function defaultOf({ shownDefault, syntax, default: value }: Option): string | undefined {
  if (shownDefault !== undefined || syntax === undefined || value === undefined || value === null) return shownDefault;
  const text = syntax.format(value);
  return typeof text === 'string' ? text : undefined;
}
