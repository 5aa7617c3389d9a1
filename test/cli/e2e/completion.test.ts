import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { flagGroups, flagGroupsOf } from '../../../src/options/import-options.ts';
import { workDir } from '../../support/work-dir.ts';

const folder = mkdtempSync(join(tmpdir(), 'import-tokens-completion-'));

beforeAll(async () => {
  const dir = workDir({ keep: true });
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = await dir.run(['completion', shell]);
    expect(status).toBe(0);
    writeFileSync(join(folder, `completion.${shell}`), stdout);
  }
  dir.remove();
  return () => rmSync(folder, { recursive: true });
});

test.each([
  [['pl'], ['plan']],
  [[''], ['help', ...commands.map(({ name }) => name)]],
  [['a.csv', '--form'], ['--format']],
  [
    ['--format', 'mysql'],
    ['mysql', 'mysql-batch'],
  ],
  [['plan', 'a.csv', '--log-level', 'd'], ['debug']],
  [['plan', '--ye'], []],
  [
    ['capacity', 's'],
    ['show', 'set'],
  ],
  [['capacity', 'set', '--w'], ['--wcu']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'sta'], ['status']],
  [['-t', '--'], []],
  [['-t', 'to'], []],
])('bash completes %j to %j', (typed, offered) => {
  expect(completedByBash(typed)).toEqual(offered);
});

test('bash offers every flag of each command, and no other', () => {
  for (const { name } of commands) {
    const flags = flagGroupsOf(name).flatMap((group) => group.flags.map(({ long }) => long));
    expect(completedByBash([name, '--']), name).toEqual(['--version', '--licenses', '--help', ...flags]);
  }
});

const all = flagGroups.flatMap((group) => group.flags);

test.each([
  ['zsh', (long: string) => `'*${long}[`],
  ['fish', (long: string) => ` -l ${long.slice(2)} `],
])('the %s script names every flag', (shell, spelled) => {
  const script = readFileSync(join(folder, `completion.${shell}`), 'utf8');
  expect(all.map(({ long }) => long).filter((long) => !script.includes(spelled(long)))).toEqual([]);
});

test.for(['bash', 'zsh', 'fish'])('%s can read its script', (shell, { skip }) => {
  const { error, status, stderr } = spawnSync(shell, ['-n', `completion.${shell}`], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error !== undefined) skip(`${shell} is not installed`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('another shell is refused', async () => {
  const { status, stderr } = await workDir().run(['completion', 'tcsh']);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'error: expected completion bash, zsh or fish, got tcsh\nhint: See import-tokens completion --help.\n',
  });
});

/** What bash offers for the last of the words. */
function completedByBash(words: readonly string[]): string[] {
  const script = `source completion.bash
    COMP_WORDS=(import-tokens "$@"); COMP_CWORD=$#
    _import_tokens; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}
