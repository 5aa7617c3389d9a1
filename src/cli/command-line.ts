import { Command, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { ImportError } from '../domain/import-error.ts';
import { findContradiction } from './contradictions.ts';
import { defaultSettleMs, defaults } from './defaults.ts';
import { examples, exitCodes } from './help-text.ts';
import type { ImportOptions } from './import-options.ts';
import { type OptionName, type OptionRow, optionGroups } from './option-table.ts';
import { defaultText, settingsOf } from './settings.ts';
import { usageError } from './usage-error.ts';

/** `shown`: the operator asked for text, such as the help, and nothing is to be imported. */
export type CommandLine =
  | { readonly kind: 'import'; readonly options: ImportOptions }
  | { readonly kind: 'shown'; readonly text: string };

/** Reads the arguments behind the program's name. Throws ImportError `usage`. */
export function parseCommandLine(argv: readonly string[], helpColumns = 100): CommandLine {
  const given = new Map<OptionName, unknown>();
  let shown = '';
  const program = buildProgram(given).configureOutput({
    writeOut: (text) => {
      shown += text;
    },
    outputError: () => {},
    getOutHelpWidth: () => helpColumns,
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'shown', text: shown };
    throw usageErrorOf(error);
  }
  return { kind: 'import', options: optionsOf(program.args, given) };
}

function buildProgram(given: Map<OptionName, unknown>): Command {
  const program = new Command('import-tokens')
    .usage('<source...> [options]')
    .description(packageJson.description)
    .argument('[source...]', 'files in the order to import them, or - for standard input; gzip is unpacked')
    .version(packageJson.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', `\n${examples}\n\n${exitCodes}`)
    .exitOverride();
  for (const { heading, options } of optionGroups) {
    for (const row of options) program.addOption(commanderOption(row, given).helpGroup(heading));
  }
  return program;
}

/** Values are collected in `given` under our names: commander's own would lose what was given and what is a default. */
function commanderOption({ name, flags, about, read }: OptionRow, given: Map<OptionName, unknown>): Option {
  const option = new Option(flags, about + defaultText(name));
  const flag = option.long as string;
  return option.argParser((text: string) => {
    given.set(name, typeof read === 'function' ? read(text, flag, given.get(name) as never) : read.value);
    return true;
  });
}

function optionsOf(sources: readonly string[], given: ReadonlyMap<OptionName, unknown>): ImportOptions {
  const merged = { ...defaults, ...(Object.fromEntries(given) as Partial<ImportOptions>), sources };
  const options = {
    ...merged,
    settleMs: merged.settleMs ?? defaultSettleMs(merged.requestTimeoutMs),
    // Names that are given stand for a header row that is not there, unless --header says that it is.
    header: merged.header ?? (merged.columns === undefined ? undefined : false),
  };
  const names = new Set(given.keys());
  const contradiction = findContradiction(options, names);
  if (contradiction !== undefined) throw contradiction;
  return { ...options, settings: settingsOf(options, names), given: [...names] };
}

/** commander writes `error: unknown option '--wpss'`, and on the next line the closest match. */
function usageErrorOf(error: CommanderError): ImportError {
  const [message = '', closest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = closest?.replace(/^\(|\)$/g, '').toLowerCase();
  return usageError(message, suggestion ?? 'see import-tokens --help');
}
