import type { Setting } from '../domain/amount.ts';
import type { Option } from './option.ts';
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

/** The names of the options under their headings, in the order of the help. */
export const optionGroups: readonly { readonly heading: string; readonly names: readonly OptionName[] }[] = [
  { heading: 'Target', names: namesOf(targetOptions) },
  { heading: 'Pace', names: namesOf(paceOptions) },
  { heading: 'Capacity', names: namesOf(capacityOptions) },
  { heading: 'Reading', names: namesOf(readingOptions) },
  { heading: 'Live server (mysql://)', names: namesOf(liveOptions) },
  { heading: 'Mapping', names: namesOf(mappingOptions) },
  { heading: 'Rows and rejects', names: namesOf(rowOptions) },
  { heading: 'Run directory and resume', names: namesOf(runDirectoryOptions) },
  { heading: 'Memory repository', names: namesOf(memoryOptions) },
  { heading: 'Time-outs', names: namesOf(timeOptions) },
  { heading: 'Output', names: namesOf(outputOptions) },
  { heading: 'Verifying', names: namesOf(verifyOptions) },
  { heading: 'Plan', names: namesOf(planOptions) },
];

/** The value of each option that is not given; undefined where it is chosen later. */
export const defaults = Object.fromEntries(optionNames.map((name) => [name, options[name].default])) as OptionValues;

/** `--settle`, unless it is given. */
export function defaultSettleMs(requestTimeoutMs: number): number {
  return 2 * requestTimeoutMs;
}

function namesOf(group: object): readonly OptionName[] {
  return Object.keys(group) as OptionName[];
}
