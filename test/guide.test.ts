import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/cli/command-line.ts';
import { commands } from '../src/cli/commands.ts';
import { planted } from './support/planted.ts';
import { type WorkDir, workDir } from './support/work-dir.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const guide = readme.slice(readme.indexOf("## Operator's guide"), readme.indexOf('## Performance'));

/** Every call of the importer in blocks and in `code`, as its arguments. */
const calls = Array.from(guide.matchAll(/(?:^ *|`|60 )import-tokens ([^`\n]+)/gm), ([, words]) => words!.split(' '));
const isOffline = (argv: readonly string[]) => argv.includes('memory') || ['status', 'report'].includes(argv[0]!);

test("the operator's guide has calls of every command, some of which need no AWS account", () => {
  const named = new Set(calls.map(([first]) => first));
  for (const command of ['plan', 'status', 'report', 'verify', 'capacity', '--resume'])
    expect(named).toContain(command);
  expect(calls.filter(isOffline).length).toBeGreaterThanOrEqual(4);
});

test.each(calls.map((argv) => [argv.join(' '), argv] as const))('the options of this call exist: %s', (_, argv) => {
  const named = commands.find(({ name }) => name === argv[0]) ?? commands[0]!;
  expect(parseCommandLine(argv)).toMatchObject({ kind: 'command', command: { name: named.name } });
});

describe('in the order of the guide, what needs no AWS account runs:', () => {
  let dir: WorkDir;

  beforeAll(() => {
    dir = workDir({ keep: true });
    const rows = Array.from({ length: 500 }, (_, i) => `t${i},${planted}-${i}\n`).join('');
    dir.write('tokens.csv', `token,user_id\n${rows}`);
    return () => dir.remove();
  });

  test.each(calls.filter(isOffline).map((argv) => [argv.join(' '), argv] as const))('%s', async (_, argv) => {
    const { status, stderr } = await dir.run(argv);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  });
});
