import { beforeAll, describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import { planted } from '../support/planted.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { codeOf, type Document, readme, writtenPages } from './documents.ts';

type Call = { readonly path: string; readonly argv: readonly string[] };

const calls = [readme, ...writtenPages].flatMap(callsIn);
const titled = calls.map((call) => [`${call.path}: ${call.argv.join(' ')}`, call] as const);
const night = calls.filter(({ path, argv }) => path === '.github/docs/operating.md' && isOffline(argv));

test('the README and the pages have calls of every command, some of which need no AWS account', () => {
  const named = new Set(calls.map(({ argv }) => argv[0]));
  for (const { name } of commands.slice(1)) expect(named).toContain(name);
  expect(named).toContain('--resume');
  expect(calls.length).toBeGreaterThan(40);
  expect(night.length).toBeGreaterThanOrEqual(4);
});

test.each(titled)('the options of this call exist: %s', (_, { argv }) => {
  const named = commands.find(({ name }) => name === argv[0]) ?? commands[0]!;
  const parsed = parseCommandLine(argv);
  if (!['--help', '--version', '--licenses'].some((flag) => argv.includes(flag))) {
    expect(parsed).toMatchObject({ kind: 'command', command: { name: named.name } });
  }
});

describe('in the order of the run book, what needs no AWS account runs:', () => {
  runInOrder(night);
});

describe('outside the run book, what needs no AWS account runs:', () => {
  runInOrder(calls.filter((call) => call.path !== '.github/docs/operating.md' && isOffline(call.argv)));
});

function runInOrder(offline: readonly Call[]): void {
  let dir: WorkDir;

  beforeAll(() => {
    dir = workDir({ keep: true });
    const rows = Array.from({ length: 500 }, (_, i) => `t${i},${planted}-${i}\n`).join('');
    dir.write('tokens.csv', `token,user_id\n${rows}`);
    return () => dir.remove();
  });

  test.each(offline.map((call) => [call.argv.join(' '), call.argv] as const))('%s', async (_, argv) => {
    const { status, stderr } = await dir.run(argv);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  });
}

function isOffline(argv: readonly string[]): boolean {
  return argv.includes('memory') || (['status', 'report'].includes(argv[0]!) && argv[1] === 'rehearsal');
}

/** `source <(command)` runs the command. */
function withoutSource(line: string): string {
  return line.replace(/^source <\((.*)\)$/, '$1');
}

/** Every call of the importer in blocks of code and in `code`, as its arguments. */
function callsIn({ path, text }: Document): Call[] {
  const inline = Array.from(text.matchAll(/`([^`\n]*\bimport-tokens [^`\n]+)`/g), ([, code]) => code!);
  const lines = [...codeOf(text).replaceAll('\\\n', ' ').split('\n'), ...inline].map(withoutSource);
  return lines.flatMap((line) => {
    const words = /(?:^ *|\| *|60 |bin\/)import-tokens(?:\.js)? (?!-linux)([^|#]+)/.exec(line)?.[1];
    const inContainer = /ghcr\.io\/\S+ (.+)/.exec(line)?.[1]?.replace('/data/', '');
    const argv = (words ?? inContainer)?.replace('"$(cat tokens.rows)"', '1').trim().split(/ +/);
    return argv === undefined ? [] : [{ path, argv }];
  });
}
