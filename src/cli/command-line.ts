import { getAsset, isSea } from 'node:sea';
import { Command as Commander, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { type ImportError, usageError } from '../domain/import-error.ts';
import { completeOptions } from '../options/complete-options.ts';
import {
  commandsWith,
  type Flag,
  flagGroupsOf,
  type ImportOptions,
  type OptionName,
} from '../options/import-options.ts';
import { type Command, commands, helpBelowOptions, helpOf, shortHelp, typed } from './commands.ts';

/** `shown`: the operator asked for text, such as the help, and there is nothing else to do. */
type CommandLine =
  | { readonly kind: 'command'; readonly command: Command; readonly options: ImportOptions }
  | { readonly kind: 'shown'; readonly text: string };

/** Reads the arguments after the program's name. Throws ImportError `usage`. `isFile` tells a file from a mistyped command. */
export function parseCommandLine(
  argv: readonly string[],
  helpColumns = 100,
  runtime = 'Node',
  isFile: (path: string) => boolean = () => false,
): CommandLine {
  if (argv[0] === 'help') {
    const [, word] = argv;
    if (word !== undefined && !commands.some(({ name }) => name === word))
      throw unknownCommand(word, closestWord(word));
    return parseCommandLine([...argv.slice(1), '--help'], helpColumns, runtime, isFile);
  }
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
  if (named === undefined) refuseMisplacedWord(program.args, isFile);
  return { kind: 'command', command, options: completeOptions(command.name, program.args, given) };
}

function buildProgram(command: Command, given: Map<OptionName, unknown>, runtime: string): Commander {
  const isImport = command === commands[0];
  const setBy = new Map<OptionName, string>();
  const program = new Commander(typed(command.name))
    .usage(command.usage)
    .description(isImport ? packageJson.description : command.about)
    .argument('[operand...]', command.operands)
    .version(versionText(runtime), '-V, --version', 'print version, commit and runtime')
    .option('-h', 'print the most important options')
    .helpOption('--help', 'print all options')
    .addHelpText('after', `\n${helpBelowOptions(command)}`)
    .exitOverride();
  // The usage line names the operands, so that commander's own names are not needed.
  program.configureHelp({
    minWidthToWrap: 30,
    // Without what commander adds of its presets, which only the parser needs.
    optionDescription: ({ description }) => description,
    argumentTerm: () => /^(<[^>]*>|\[[^\]]*\])/.exec(command.usage)?.[0] ?? '',
  });
  for (const { heading, flags } of flagGroupsOf(command.name)) {
    for (const flag of flags) program.addOption(commanderOption(flag, given, setBy).helpGroup(`${heading}:`));
  }
  if (isImport) {
    program.option('--licenses', 'print the licenses of all bundled packages');
    program.on('option:licenses', () => show(licensesText()));
  }
  return program.on('option:h', () => show(shortHelp(command)));

  function show(text: string): never {
    program.configureOutput().writeOut?.(text);
    throw new CommanderError(0, 'commander.help', '');
  }
}

/**
 * Values are collected in `given` under our names, because commander does not tell given values from defaults.
 * `setBy`: the flag that set each of them.
 */
function commanderOption(flag: Flag, given: Map<OptionName, unknown>, setBy: Map<OptionName, string>): Option {
  const { name, long, takes } = flag;
  const option = new Option(flag.usage, helpOf(flag)).argParser((text: string) => {
    const other = setBy.get(name) ?? long;
    const before = other === long ? given.get(name) : undefined;
    const value = 'syntax' in takes ? takes.syntax.parse(text, long, before) : takes.value;
    if (other !== long && value !== given.get(name)) {
      throw usageError(
        `${long} cannot be combined with ${other}: they contradict each other`,
        `Leave out ${long} or ${other}.`,
      );
    }
    given.set(name, value);
    setBy.set(name, long);
    return true;
  });
  // commander takes any bracket for a value that can be left out, also that of `<a[,b]>`.
  option.optional = !option.required && option.optional;
  // The text that is parsed if a value is left out.
  return option.optional ? option.preset('') : option;
}

/** commander writes `error: unknown option '--wpss'`, and on the next line the closest match. */
function usageErrorOf(error: CommanderError, command: Command): ImportError {
  const [message = '', closest] = error.message.replace(/^error: /, '').split('\n');
  const flag = /^unknown option '(--?[^']+)'/.exec(message)?.[1];
  const owners = flag === undefined ? [] : commandsWith(flag);
  if (owners.length > 0) {
    return usageError(
      `${typed(command.name)} has no option ${flag}`,
      `Use it with ${owners.map(typed).join(' or ')}, or leave it out.`,
    );
  }
  if (flag !== undefined && /^(--password\b|-p)/.test(flag)) {
    return usageError(
      `${typed(command.name)} takes no password as an argument: every user of this machine can read the arguments of a process`,
      'Set MYSQL_PWD, or write the password to ~/.my.cnf or to the file that --defaults-file names.',
    );
  }
  if (/^option '--resume .* argument missing$/.test(message)) {
    return usageError(
      message,
      `Name the run directory: ${typed(command.name)} --resume import-tokens-runs/2026-01-31T02-00-00Z.`,
    );
  }
  return usageError(message, closest?.replace(/^\(|\)$/g, '') ?? `See ${typed(command.name)} --help.`);
}

/** Words that are typed in place of a command or an option. */
const meant: Readonly<Record<string, string>> = {
  show: 'capacity show',
  set: 'capacity set',
  restore: 'capacity restore',
  resume: '--resume',
  'dry-run': 'plan',
  version: '--version',
};

/** Throws where the first operand is a command in the wrong place, or close to a command and not a file. */
function refuseMisplacedWord([first = '', ...rest]: readonly string[], isFile: (path: string) => boolean): void {
  const late = commands.find(({ name }) => name === first);
  if (late !== undefined) {
    throw usageError(
      `the command ${first} must come first`,
      `Run import-tokens ${first} ${late.usage}, or write ./${first} for a file of that name.`,
    );
  }
  const closest = /^[a-z-]+$/i.test(first) && !isFile(first) ? closestWord(first) : undefined;
  if (closest !== undefined) throw unknownCommand(first, closest, rest);
}

function unknownCommand(word: string, closest: string | undefined, rest: readonly string[] = []): ImportError {
  if (closest === undefined) return usageError(`unknown command '${word}'`, 'See import-tokens --help.');
  const instead = meant[closest] ?? closest;
  // In `show capacity` the words are swapped.
  const operands = rest.filter((each) => !instead.startsWith(`${each} `));
  const isPlain = operands.every((each) => /^[\w./-]+$/.test(each));
  const command = ['import-tokens', instead, ...(isPlain ? operands : [])].join(' ');
  return usageError(
    `unknown command '${word}'`,
    `Did you mean ${command}? Otherwise write ./${word} for a file of that name.`,
  );
}

/** The word that commander takes for the one meant. */
function closestWord(typed: string): string | undefined {
  const program = new Commander().exitOverride().configureOutput({ outputError: () => {} });
  const words = [...commands.map(({ name }) => name), ...Object.keys(meant)];
  if (words.includes(typed)) return typed;
  for (const word of words) program.command(word);
  try {
    program.parse([typed], { from: 'user' });
  } catch (error) {
    return /Did you mean (?:one of )?([a-z-]+)/.exec((error as Error).message)?.[1];
  }
  return undefined;
}

/** Put in by the build; sources that run unbuilt have none. */
declare const BUILD_COMMIT: string | undefined;

/** `0.1.0 (commit 1a2b3c4d5e6f, Node v24.1.0 on linux-x64)`: what a bug report needs. */
function versionText(runtime: string): string {
  const commit = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'unbuilt';
  return `${packageJson.version} (commit ${commit}, ${runtime})`;
}

/** Set by the build; undefined in sources that run unbuilt. */
declare const LICENSES: string | undefined;

/** The notices of all bundled packages; a single executable has those of Node too. */
export function licensesText(): string {
  if (isSea()) return getAsset('licenses', 'utf8');
  return typeof LICENSES === 'string' ? LICENSES : 'npm run build collects the licenses.\n';
}
