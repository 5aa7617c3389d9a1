import { type Flag, flagGroupsOf } from '../options/import-options.ts';
import type { CommandName } from '../options/option.ts';

export type Command = {
  readonly name: CommandName;
  /** Behind the name in the usage line. */
  readonly usage: string;
  readonly about: string;
  readonly operands: string;
  /** Each with what it does. */
  readonly examples: readonly (readonly [line: string, about: string])[];
  /** Below the options in the help, around the examples. */
  readonly before?: string;
  readonly after: string;
};

const sources = 'files and s3:// URLs in the order to import, or - for standard input; gzip and zstd are unpacked';
const run = 'import-tokens-runs/2026-01-31T02-00-00Z';

/** Every command; the first is the one that is meant where none is named. */
export const commands: readonly Command[] = [
  {
    name: 'import',
    usage: '<source...> [options]',
    about: 'import rows; the word import can be left out',
    operands: sources,
    examples: [
      ['import-tokens tokens.csv --repository memory --wps 20000', 'rehearse the import without writing to DynamoDB'],
      ['import-tokens tokens.csv --table tokens --wps 20000', 'import at 20,000 write units per second'],
      [`import-tokens --resume ${run}`, 'continue a run that was stopped'],
      ['import-tokens plan tokens.csv --table tokens --wps 20000', 'preview rows, rejects, sizes, time and cost'],
      [
        'zstd -dc tokens.csv.zst | import-tokens - --columns token,user_id --yes',
        'import from standard input, without a header row',
      ],
    ],
    after: `Exit codes:
  0  every row was imported           4  fatal error, stalled or disk full
  1  bug, or rows do not add up       5  done, some rows were rejected
  2  wrong usage or wrong account     6  ended, but capacity is still raised
  3  too many rejected rows           7  not confirmed, nothing was written
  129, 130, 143  interrupted, can be resumed

Durations take a unit (10ms, 2s, 5m); a bare number is milliseconds.
Credentials, region and endpoint are found as in the AWS CLI: AWS_PROFILE,
AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3,
AWS_ENDPOINT_URL, ~/.aws/config and so on. Access keys in the environment take
precedence over AWS_PROFILE, but not over --profile.`,
  },
  {
    name: 'plan',
    usage: '<source...> [options]',
    about: 'preview an import without writing',
    operands: sources,
    examples: [
      [
        'import-tokens plan tokens.csv --table tokens --wps 20000',
        'preview an import at 20,000 write units per second',
      ],
      ['import-tokens plan tokens.csv --repository memory --key token --json', 'preview without access to the table'],
    ],
    after: `Nothing is written. Exit codes: 0 every row can be imported, 5 some rows would
be rejected, 3 it would stop at --max-rejects, 4 it would fail --expect-rows.`,
  },
  {
    name: 'verify',
    usage: '<source...> [options]',
    about: 'compare items in the table with the source',
    operands: sources,
    examples: [
      ['import-tokens verify tokens.csv --table tokens', 'compare 10,000 rows, drawn evenly, with the table'],
      [
        'import-tokens verify tokens.csv --table tokens --all --rcu 2000',
        'compare every row at 2,000 read units per second',
      ],
    ],
    after: `Rows that are missing or differ are written to files that can be imported again.

Exit codes:
  0  all rows compared are equal      4  fatal error or stalled; can be resumed
  2  wrong usage or wrong account     5  rows are missing, differ or are invalid
  129, 130, 143  interrupted; --all can be resumed`,
  },
  {
    name: 'convert',
    usage: '<source...> --to <dir> [options]',
    about: 'write rows to files that AWS imports',
    operands: 'files and s3:// URLs in order, or - for standard input; gzip and zstd are unpacked',
    examples: [
      ['import-tokens convert tokens.csv --table tokens --to items', 'convert with the key of an existing table'],
      ['import-tokens convert tokens.csv --key token --to items', 'convert for a table that does not exist yet'],
      [`import-tokens convert --resume ${run}`, 'continue a conversion that was stopped'],
    ],
    after: `Files hold gzipped lines of DynamoDB JSON, one item for each key: its last row.
Nothing is written to the table.

Exit codes:
  0  every row was converted          4  fatal error or disk full
  1  bug, or rows do not add up       5  done, some rows were rejected
  2  wrong usage or wrong account     129, 130, 143  interrupted,
  3  too many rejected rows           can be resumed`,
  },
  {
    name: 'capacity',
    usage: '<show|set|warm|restore> [run directory] [options]',
    about: 'show, set, warm or restore write capacity',
    operands: 'what to do; restore takes the directory of a run that left capacity raised',
    examples: [
      ['import-tokens capacity show --table tokens', 'show capacity and auto scaling'],
      [
        'import-tokens capacity set --table tokens --wcu 20000 --index-wcu by-user=5000',
        'set the table to 20,000 and one index to 5,000',
      ],
      ['import-tokens capacity warm --table tokens --wcu 20000', 'let an on-demand table take 20,000 at once'],
      [`import-tokens capacity restore ${run}`, 'restore what a run raised'],
      ['import-tokens capacity restore --table tokens --wcu 20', 'restore by hand, if the run directory is lost'],
    ],
    before: `Read capacity is never changed.
  show           changes nothing: shows write units, auto scaling, how many
                 decreases AWS still accepts today, and what runs left raised
  set            sets write units to --wcu, up or down, for everyone who writes
                 to the table, and prints the command that undoes it
  warm           raises warm throughput, what a table takes at once, to --wcu;
                 AWS charges this once, and it cannot be lowered again
  restore DIR    restores what that run raised and nobody has changed since
  restore --wcu  lowers what is above --wcu and raises nothing

On a terminal, set, warm and restore --wcu ask first; elsewhere they need --yes.
They wait until AWS reports the new capacity. Ctrl-C stops waiting, but AWS
completes what was already requested: check it with show, or run restore again.`,
    after: `Exit codes: 0 done, 2 wrong usage, 4 refused, 6 capacity is still raised,
7 not confirmed, 129, 130, 143 interrupted.`,
  },
  {
    name: 'status',
    usage: '[run directory] [options]',
    about: 'show a run, even in progress, or list the runs',
    operands: 'directory of the run or of all its shards; without it the runs are listed',
    examples: [
      ['import-tokens status', 'list the runs'],
      [`import-tokens status ${run}`, 'show rows, rate and state of the run'],
      ['import-tokens status night --watch --exit-code', 'wait for the end of the run'],
    ],
    after: 'Nothing is changed.',
  },
  {
    name: 'report',
    usage: '<run directory>',
    about: 'rewrite report.html of a run, even in progress',
    operands: 'directory of the run or of all its shards',
    examples: [[`import-tokens report ${run}`, 'write report.html into the directory']],
    after: 'Prints the path of report.html.',
  },
  {
    name: 'completion',
    usage: '<bash|zsh|fish>',
    about: 'print a completion script for a shell',
    operands: 'shell to complete in',
    examples: [
      ['source <(import-tokens completion bash)', 'complete in this bash; put it into ~/.bashrc to keep it'],
      ['source <(import-tokens completion zsh)', 'the same in zsh; keep it in ~/.zshrc after compinit'],
      ['import-tokens completion fish > ~/.config/fish/completions/import-tokens.fish', 'complete in every fish'],
    ],
    after: 'The script knows every command, option and choice.',
  },
];

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
