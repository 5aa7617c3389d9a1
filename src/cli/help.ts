import { type Flag, flagGroupsOf } from '../options/import-options.ts';
import { type Command, commands } from './commands.ts';

/** As the command is typed: an import needs no word. */
export function typed(name: string): string {
  return name === commands[0]?.name ? 'import-tokens' : `import-tokens ${name}`;
}

/** The help of a flag with its default: `maximum number of rows in a batch (default: 25)`. */
export function helpOf({ help, shownDefault }: Pick<Flag, 'help' | 'shownDefault'>): string {
  return shownDefault === undefined ? help : `${help} (default: ${shownDefault})`;
}

/** What `--help` prints below the options. */
export function helpBelowOptions(command: Command): string {
  const list = commands.map(({ name, about }) => `  import-tokens ${name.padEnd(10)}  ${about}\n`).join('');
  const parts = [
    command === commands[0] ? `Commands (import-tokens help COMMAND describes one):\n${list}` : '',
    command.before === undefined ? '' : `${command.before}\n`,
    `Examples:\n${command.examples.map(([line, about]) => `  ${line}\n      ${about}\n`).join('')}`,
    command.after,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** What `-h` prints: the options that matter most, the commands and three examples, for a terminal of 80 columns. */
export function shortHelp(command: Command): string {
  const flags = flagGroupsOf(command.name).flatMap((group) => group.flags);
  const options = flags.flatMap((flag) => (flag.brief === undefined ? [] : [[flag.usage, briefOf(flag)] as const]));
  const others = command === commands[0] ? commands.slice(1) : [];
  const parts = [
    `Usage: ${typed(command.name)} ${command.usage}\n${table(options)}`,
    table(others.map(({ name, about }) => [name, about])),
    command.examples
      .slice(0, 3)
      .map(([line]) => `  ${line}\n`)
      .join('')
      .concat(`${typed(command.name)} --help prints everything.\n`),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** The brief help with the default, unless that is chosen later. */
function briefOf({ brief = '', shownDefault, option }: Flag): string {
  return helpOf({ help: brief, shownDefault: option.shownDefault === undefined ? shownDefault : undefined });
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}\n`).join('');
}
