import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import { referencePage } from '../../src/cli/reference-pages.ts';
import {
  commandsWith,
  type Flag,
  flagGroups,
  flagGroupsOf,
  optionNames,
  options,
} from '../../src/options/import-options.ts';
import { liveOptions } from '../../src/options/source-options.ts';
import { wrongVoice } from '../docs/wrong-voice.ts';

const flags = flagGroups.flatMap((group) => group.flags);
const page = readFileSync(new URL('../../.github/docs/options.md', import.meta.url), 'utf8');

test('every option has one group, and every flag belongs to one option', () => {
  expect(flagGroups.flatMap((group) => [...new Set(group.flags.map(({ name }) => name))])).toEqual(optionNames);
  const spellings = flags.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
  expect(spellings.length).toBeGreaterThan(optionNames.length);
  expect(new Set(spellings).size).toBe(spellings.length);
});

test.each(commands.map(({ name }) => name))(
  '--help of %s lists the flags that its descriptors give it, with defaults',
  (name) => {
    const help = shownBy(name, '--help');
    const listed = Array.from(
      help.matchAll(/^ {2}((?:-\w, )?--[a-z0-9-]+(?: <[^>]*>| \[[^\]]*\])?)(?= {2}|$)/gm),
      ([, usage]) => usage,
    );
    const own = flagGroupsOf(name).flatMap((group) => group.flags);
    const ofProgram = ['-V, --version', '--licenses', '--help'];
    expect(listed.filter((usage) => !ofProgram.includes(usage!))).toEqual(own.map(({ usage }) => usage));
    const words = help.replaceAll(/\s+/g, ' ');
    for (const { help: about, shownDefault } of own) {
      expect(words).toContain(shownDefault === undefined ? about : `${about} (default: ${shownDefault})`);
    }
  },
);

test('the parser takes a flag with the commands that its descriptor names, and with no other', () => {
  for (const flag of flags) {
    expect(commandsWith(flag.long)).toEqual(flag.commands);
    for (const { name } of commands) {
      const argv = [name, flag.long, ...exampleOf(flag)];
      const isKnown = flag.commands.includes(name);
      expect(isKnownTo(argv), argv.join(' ')).toBe(isKnown);
    }
  }
});

test('a flag that is parsed sets its option, and its text parses to the same value', () => {
  for (const flag of flags) {
    const command = flag.commands[0]!;
    const { takes, name, long } = flag;
    const [text] = exampleOf(flag);
    const expected = 'value' in takes ? takes.value : takes.syntax.parse(text!, long);
    if ('syntax' in takes && long !== '--prices') {
      const uses = [takes.syntax.format(expected)!].flat();
      const parsed = uses.reduce<unknown>((previous, use) => takes.syntax.parse(use, long, previous), undefined);
      expect(parsed, long).toEqual(expected);
    }
    const operands = Object.hasOwn(liveOptions, name) ? ['mysql://app@db/shop/tokens'] : operandsOf(command);
    const argv = [command, ...operands, long, ...exampleOf(flag), ...(needed[long] ?? [])];
    expect(optionsOf(argv)[name], argv.join(' ')).toEqual(expected);
  }
});

test('a descriptor names only flags and words that exist', () => {
  const known = new Set(flags.map(({ long }) => long));
  for (const name of optionNames) {
    for (const flag of Object.keys(options[name].conflicts)) expect(known).toContain(flag);
    const { help, brief = '', shownDefault = '' } = options[name];
    for (const flag of `${help} ${brief} ${shownDefault}`.match(/(?<![\w-])--[a-z0-9-]+[a-z]/g) ?? []) {
      if (!['--tab', '--batch'].includes(flag)) expect(known, name).toContain(flag);
    }
    expect(`${help}${brief}`).not.toMatch(/\.$/);
    expect(wrongVoice(`${help} ${brief} ${shownDefault}`), name).toEqual([]);
  }
});

test.each(commands)('the help of $name is written in plain English', ({ name }) => {
  expect(wrongVoice(shownBy(name, '--help'))).toEqual([]);
  expect(wrongVoice(shownBy(name, '-h'))).toEqual([]);
});

test('the reference page is the one that the descriptors make; if not, run npm run docs:options', () => {
  expect(page).toBe(referencePage());
  for (const { usage } of flags) expect(page).toContain(`| \`${usage.replaceAll('|', '\\|')}\` |`);
});

/** What some flags need beside them so that they contradict nothing. */
const needed: Readonly<Record<string, readonly string[]>> = {
  ...{ '--latency': ['--repository', 'memory'], '--memory-wcu': ['--repository', 'memory'] },
  ...{ '--retain': ['--repository', 'memory'], '--no-run-dir': ['--repository', 'memory'] },
  ...{ '--sample': ['--verify'], '--seed': ['--verify'], '--all': ['--verify'] },
  ...{ '--rcu': ['--verify'], '--consistent': ['--verify'], '--ttl-column': ['--skip-expired', '0s'] },
  '--max-deletes': ['--delete-where', 'op=D'],
};

/** A value that the flag takes, as the words behind it. */
function exampleOf({ takes }: Flag): readonly string[] {
  if ('value' in takes) return [];
  const { placeholder, words } = takes.syntax;
  return [words?.[0] ?? examples[placeholder] ?? 'some'];
}

const examples: Readonly<Record<string, string>> = {
  '<condition>': 'op=D',
  ...{
    '<n>': '25',
    '<n|all>': '25',
    '<n|p%>': '7',
    '<duration>': '90s',
    '[grace]': '7d',
    '<size>': '64KiB',
    '<char>': ';',
    '<zone>': '+02:00',
  },
  ...{
    '<url>': 'http://127.0.0.1:8000',
    '<id>': '123456789012',
    '<col=type,...>': 'a=N',
    '<col=attr,...>': 'a=b',
    '<attr=text>': 'a={b}',
  },
  ...{ '<index=n,...>': 'by-user=5', '<name=usd,...>': 'on-demand=1', '<i/n>': '3/8' },
};

function operandsOf(command: string): readonly string[] {
  if (command === 'capacity') return ['set', '--wcu', '5'];
  if (command === 'convert') return ['a.csv', '--to', 'd'];
  return ['a.csv'];
}

/** False where the flag itself is refused; the command may lack operands. */
function isKnownTo(argv: readonly string[]): boolean {
  try {
    return parseCommandLine(argv).kind === 'command';
  } catch (error) {
    return !/ has no option |unknown option/.test((error as Error).message);
  }
}

function optionsOf(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const commandLine = parseCommandLine(argv);
  if (commandLine.kind !== 'command') throw new Error('nothing to do');
  return commandLine.options;
}

function shownBy(...argv: readonly string[]): string {
  const commandLine = parseCommandLine(argv, 80);
  if (commandLine.kind !== 'shown') throw new Error('nothing shown');
  return commandLine.text;
}
