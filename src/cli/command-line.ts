import { Command as Commander, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { ImportError } from '../domain/import-error.ts';
import { completeOptions } from '../options/complete-options.ts';
import type { ImportOptions, OptionName } from '../options/import-options.ts';
import type { OptionRow } from '../options/option-row.ts';
import { commandsOf, optionGroupsOf } from '../options/options-of-command.ts';
import { usageError } from '../options/parse/usage-error.ts';
import { defaultText } from '../options/settings.ts';
import { type Command, commands } from './commands.ts';
import { refuseMisplacedWord } from './misplaced-word.ts';
import { versionText } from './version.ts';

/** `shown`: the operator asked for text, such as the help, and nothing is to be done. */
type CommandLine =
  | { readonly kind: 'command'; readonly command: Command; readonly options: ImportOptions }
  | { readonly kind: 'shown'; readonly text: string };

/** Reads the arguments behind the program's name. Throws ImportError `usage`. */
export function parseCommandLine(argv: readonly string[], helpColumns = 100, runtime = 'Node'): CommandLine {
  const named = commands.find(({ name }) => name === argv[0]);
  const command = named ?? commands[0]!;
  const given = new Map<OptionName, unknown>();
  let shown = '';
  const program = buildProgram(command, given, runtime).configureOutput({
    writeOut: (text) => {
      shown += text;
    },
    outputError: () => {},
    getOutHelpWidth: () => helpColumns,
  });
  try {
    program.parse(named === undefined ? argv : argv.slice(1), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'shown', text: shown };
    throw usageErrorOf(error, command);
  }
  if (named === undefined) refuseMisplacedWord(program.args);
  const options = completeOptions(program.args, given, command.findContradiction);
  return { kind: 'command', command, options };
}

function buildProgram(command: Command, given: Map<OptionName, unknown>, runtime: string): Commander {
  const isImport = command === commands[0];
  const program = new Commander(isImport ? 'import-tokens' : `import-tokens ${command.name}`)
    .usage(command.usage)
    .description(isImport ? packageJson.description : command.about)
    .argument('[operand...]', command.operands)
    .version(versionText(runtime), '-V, --version', 'show version, commit and runtime')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', `\n${isImport ? `${commandList()}\n\n` : ''}${command.helpText}`)
    .exitOverride();
  // The name of an operand means something to us only.
  program.configureHelp({ minWidthToWrap: 30, argumentTerm: () => /^<[^>]*>/.exec(command.usage)?.[0] ?? '' });
  for (const { heading, options } of optionGroupsOf(command.name)) {
    for (const row of options) program.addOption(commanderOption(row, given).helpGroup(heading));
  }
  return program;
}

function commandList(): string {
  const lines = commands.map(({ name, about }) => `  import-tokens ${name.padEnd(9)} ${about}`);
  return ['Commands, each with a --help of its own:', ...lines].join('\n');
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

/** commander writes `error: unknown option '--wpss'`, and on the next line the closest match. */
function usageErrorOf(error: CommanderError, command: Command): ImportError {
  const [message = '', closest] = error.message.replace(/^error: /, '').split('\n');
  const flag = /^unknown option '(--[^']+)'/.exec(message)?.[1];
  const owners = flag === undefined ? [] : commandsOf(flag);
  if (owners.length > 0) {
    return usageError(
      `${typed(command.name)} has no option ${flag}`,
      `${owners.map(typed).join(' and ')} ${owners.length === 1 ? 'has' : 'have'} it`,
    );
  }
  if (/^option '--resume .* argument missing$/.test(message)) {
    return usageError(
      message,
      `name the run directory: ${typed(command.name)} --resume import-tokens-runs/2026-01-31T02-00-00Z`,
    );
  }
  const suggestion = closest?.replace(/^\(|\)$/g, '').toLowerCase();
  return usageError(message, suggestion ?? `see ${typed(command.name)} --help`);
}

/** As it is typed: an import needs no word. */
function typed(name: string): string {
  return name === commands[0]?.name ? 'import-tokens' : `import-tokens ${name}`;
}
