import { type Flag, flagGroupsOf } from '../options/import-options.ts';
import type { CommandName } from '../options/option.ts';
import { commands } from './commands.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A script that completes commands, flags and choices in the shell; everything else is completed as a file. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

const own: readonly Pick<Flag, 'short' | 'long' | 'help'>[] = [
  { short: '-V', long: '--version', help: 'print version, commit and runtime' },
  { short: undefined, long: '--licenses', help: 'print the licenses of bundled packages' },
  { short: '-h', long: '--help', help: 'print all options' },
];
const words = ['help', ...commands.map(({ name }) => name)];
/** The first operand of some commands. */
const operands: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  capacity: ['show', 'set', 'restore'],
  completion: ['bash', 'zsh', 'fish'],
};

function flagsOf(command: CommandName): readonly Flag[] {
  return flagGroupsOf(command).flatMap(({ flags }) => flags);
}

function choicesOf({ takes }: Flag): readonly string[] {
  return 'syntax' in takes ? (takes.syntax.words ?? []) : [];
}

/** Flags that take a word which is neither a choice nor a file. */
function takesText({ takes }: Flag): boolean {
  return 'syntax' in takes && takes.syntax.words === undefined && !/dir|file/.test(takes.syntax.placeholder);
}

function bash(): string {
  const all = new Map(commands.flatMap(({ name }) => flagsOf(name)).map((flag) => [flag.long, flag]));
  const spelled = ({ short, long }: Pick<Flag, 'short' | 'long'>) => [short, long].filter((flag) => flag !== undefined);
  const chosen = [...all.values()].filter((flag) => choicesOf(flag).length > 0);
  const texts = [...all.values()].filter(takesText).flatMap(spelled);
  return `# bash completion for import-tokens
_import_tokens() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=import flags choices
  case \${COMP_WORDS[1]} in ${commands.map(({ name }) => name).join('|')}) command=\${COMP_WORDS[1]} ;; esac
  case $previous in
${chosen.map((flag) => `    ${spelled(flag).join('|')}) choices='${choicesOf(flag).join(' ')}' ;;\n`).join('')}    ${texts.join('|')}) return ;;
  esac
  case $command in
${commands.map(({ name }) => `    ${name}) flags='${[...own, ...flagsOf(name)].flatMap(spelled).join(' ')}' ;;\n`).join('')}  esac
  if [[ -z $choices && $current == -* ]]; then
    choices=$flags
  elif [[ -z $choices && $COMP_CWORD -eq 1 ]]; then
    choices='${words.join(' ')}'
  elif [[ -z $choices && $COMP_CWORD -eq 2 ]]; then
    case $previous in
${Object.entries(operands)
  .map(([name, list]) => `      ${name}) choices='${list.join(' ')}' ;;\n`)
  .join('')}      help) choices='${commands.map(({ name }) => name).join(' ')}' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -o default -F _import_tokens import-tokens
`;
}

function zsh(): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''");
  const argument = (flag: Flag) => {
    if ('value' in flag.takes) return '';
    const choices = choicesOf(flag);
    return `:value:${choices.length > 0 ? `(${choices.join(' ')})` : takesText(flag) ? ' ' : '_files'}`;
  };
  const spec = (flag: Flag) => {
    const about = quoted(flag.help.replaceAll(/[[\]:\\]/g, '\\$&'));
    return [flag.short, flag.long]
      .filter((name) => name !== undefined)
      .map((name) => `'*${name}[${about}]${argument(flag)}'`);
  };
  const lines = commands.map(({ name }) => {
    const rest =
      operands[name] === undefined ? "'*:file:_files'" : `'1:operand:(${operands[name].join(' ')})' '*:file:_files'`;
    return `    ${name}) _arguments -s ${[...flagsOf(name).flatMap(spec), rest].join(' ')} ;;\n`;
  });
  return `#compdef import-tokens
_import_tokens() {
  local command=import
  if (( CURRENT == 2 )); then compadd -- ${words.join(' ')}; fi
  if (( CURRENT > 2 )) && [[ ' ${words.join(' ')} ' == *" $words[2] "* ]]; then
    command=$words[2]
    words=($words[1] \${words[3,-1]})
    (( CURRENT-- ))
  fi
  case $command in
    help) compadd -- ${commands.map(({ name }) => name).join(' ')} ;;
${lines.join('')}  esac
}
compdef _import_tokens import-tokens
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap(({ name }) => {
    const others = words.filter((word) => word !== 'import').join(' ');
    const condition =
      name === 'import' ? `not __fish_seen_subcommand_from ${others}` : `__fish_seen_subcommand_from ${name}`;
    const start = `complete -c import-tokens -n ${quoted(condition)}`;
    const flags = flagsOf(name).map((flag) => {
      const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
      const choices = choicesOf(flag);
      const value =
        'value' in flag.takes
          ? ''
          : choices.length > 0
            ? ` -x -a ${quoted(choices.join(' '))}`
            : takesText(flag)
              ? ' -x'
              : ' -r';
      return `${start} -l ${flag.long.slice(2)}${short}${value} -d ${quoted(flag.help)}\n`;
    });
    const first = operands[name];
    return first === undefined ? flags : [...flags, `${start} -f -a ${quoted(first.join(' '))}\n`];
  });
  const about = commands.map(
    (command) => `complete -c import-tokens -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.about)}\n`,
  );
  return `# fish completion for import-tokens
${about.join('')}complete -c import-tokens -n __fish_use_subcommand -a help -d 'describe a command'
complete -c import-tokens -n '__fish_seen_subcommand_from help' -f -a ${quoted(names)}
${lines.join('')}`;
}
