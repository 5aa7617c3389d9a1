import type { Setting } from '../domain/amount.ts';
import type { CommandName, Option, Syntax } from './option.ts';
import {
  memoryOptions,
  outputOptions,
  planOptions,
  rowOptions,
  runDirectoryOptions,
  timeOptions,
  verifyOptions,
} from './run-options.ts';
import { liveOptions, mappingOptions, readingOptions } from './source-options.ts';
import { capacityOptions, paceOptions, targetOptions } from './target-options.ts';

const all = {
  ...targetOptions,
  ...paceOptions,
  ...capacityOptions,
  ...readingOptions,
  ...liveOptions,
  ...mappingOptions,
  ...rowOptions,
  ...runDirectoryOptions,
  ...memoryOptions,
  ...timeOptions,
  ...outputOptions,
  ...verifyOptions,
  ...planOptions,
};

/** The name of an option in the code. */
export type OptionName = keyof typeof all;

type ValueOf<Described> = Described extends Option<infer Value> ? Value : never;

/** What each option is set to. */
type OptionValues = { readonly [Name in OptionName]: ValueOf<(typeof all)[Name]> };

/**
 * Everything that one run is told, validated. It has one shape for all commands: an option that a command does not have
 * is set to its default.
 */
export type ImportOptions = OptionValues & {
  /** Paths in the order given, `-`, or a `mysql://` URL; the operands of commands that read no source. */
  readonly sources: readonly string[];
  readonly settleMs: number;
  /** The options as flags, with how each was chosen, to be shown at the start. */
  readonly settings: readonly Setting[];
  /** The options that the command line gives; the others have their defaults. */
  readonly given: readonly OptionName[];
};

/** Every option by its name. */
export const options: Readonly<Record<OptionName, Option>> = all;
export const optionNames = Object.keys(all) as readonly OptionName[];

/** The value of each option that is not given; undefined where it is chosen later. */
export const defaults = Object.fromEntries(optionNames.map((name) => [name, options[name].default])) as OptionValues;

/** `--settle`, unless it is given. */
export function defaultSettleMs(requestTimeoutMs: number): number {
  return 2 * requestTimeoutMs;
}

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

/** The options under their headings, in the order of the help. */
const headings: Readonly<Record<string, object>> = {
  Target: targetOptions,
  Pace: paceOptions,
  Capacity: capacityOptions,
  Reading: readingOptions,
  'Live server (mysql://)': liveOptions,
  Mapping: mappingOptions,
  'Rows and rejects': rowOptions,
  'Run directory and resume': runDirectoryOptions,
  'Memory repository': memoryOptions,
  'Time-outs': timeOptions,
  Output: outputOptions,
  Verifying: verifyOptions,
  Plan: planOptions,
};

type FlagGroup = { readonly heading: string; readonly flags: readonly Flag[] };

/** Every flag, in the order of the help. */
export const flagGroups: readonly FlagGroup[] = Object.entries(headings).map(([heading, group]) => ({
  heading,
  flags: (Object.keys(group) as OptionName[]).flatMap((name) => flagsOf(name, options[name])),
}));

/** The flags of one command under their headings; a heading without any is left out. */
export function flagGroupsOf(command: CommandName): readonly FlagGroup[] {
  return flagGroups
    .map(({ heading, flags }) => ({ heading, flags: flags.filter(({ commands }) => commands.includes(command)) }))
    .filter(({ flags }) => flags.length > 0);
}

/** The commands that have the flag, `--table` or `-t`. */
export function commandsWith(flag: string): readonly CommandName[] {
  return flagNamed(flag)?.commands ?? [];
}

/** The long flag of an option. */
export function flagOf(name: OptionName): string {
  return spelled(options[name].flags).long;
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
