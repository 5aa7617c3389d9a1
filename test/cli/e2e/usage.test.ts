import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { workDir } from '../../support/work-dir.ts';

test.each([
  ['an unknown option', ['a.csv', '--wpss', '5'], "error: unknown option '--wpss'", 'hint: Did you mean --wps?'],
  [
    'a flag without its argument',
    ['a.csv', '--wps'],
    "option '--wps <n|p%>' argument missing",
    'hint: See import-tokens --help.',
  ],
  [
    'a value out of its range',
    ['a.csv', '--batch-size', '26'],
    '--batch-size: expected a whole number from 1 to 25',
    '',
  ],
  ['no source', [], 'error: no source is given', 'hint: Name the files to import'],
  ['a contradiction', ['a.csv', '--no-run-dir'], '--no-run-dir is only for --repository memory', 'hint: '],
  [
    'standard input twice',
    ['-', '-'],
    'standard input (-) is given more than once',
    'hint: Name it once: it can be read only once.',
  ],
])('%s ends with exit code 2, a message and a hint, and nothing on standard output', async (_, argv, message, hint) => {
  const { status, stdout, stderr } = await workDir().run(argv, { mayAsk: true });
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test('--help shows the groups, the examples and the exit codes on standard output', async () => {
  const { status, stdout, stderr } = await workDir().run(['--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const part of ['Usage: import-tokens', 'Target:', 'Pace:', 'Reading:', 'Mapping:', 'Examples:', 'Exit codes:']) {
    expect(stdout).toContain(part);
  }
});

test('--version shows the version of the package, the commit it was built from and the runtime', async () => {
  const { status, stdout, stderr } = await workDir().run(['--version']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.startsWith(`${packageJson.version} (commit `)).toBe(true);
  expect(stdout).toMatch(/ \(commit ([0-9a-f]{12}|unknown), Node v\d+\.\d+\.\d+ on \w+-\w+\)\n$/);
});
