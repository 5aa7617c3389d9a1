import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { planted, type RunToSearch, runsSearched, searchForPlanted } from './planted.ts';
import { checkSearches } from './searched-runs.ts';

const said = { status: 0, signal: null, stdout: '', stderr: '' };

function runOf(more: Partial<RunToSearch>): RunToSearch {
  return { args: ['tokens.csv'], isImporter: true, result: said, sources: [planted], ...more };
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

test.each([
  ['standard output', { result: { ...said, stdout: `12 rows ${planted}-7 and more` } }, {}],
  ['standard error', { result: { ...said, stderr: planted } }, {}],
  ['a file of the run directory', {}, { 'run/run.log': `{"key":"${planted}"}` }],
  ['a file that was left half done', {}, { 'run/checkpoint.json.tmp': planted }],
  ['a secret key in a file', {}, { 'run/manifest.json': 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }],
])('a planted value in %s is found', (_, run, files) => {
  expect(() => searchForPlanted(folderWith(files), [runOf(run)], [])).toThrow('the value');
});

test('a planted value may be in the reject file, in files of the test, and after --show-values', () => {
  const source = `token\n${planted}\n`;
  const folder = folderWith({
    'run/rejected.csv': source,
    'rejected.txt': source,
    'tokens.csv': `${source}grown`,
    'copy.csv': source,
  });
  const shows = runOf({ args: ['tokens.csv', '--show-values'], result: { ...said, stderr: planted } });
  expect(() => searchForPlanted(folder, [shows], [{ name: 'tokens.csv', content: source }])).not.toThrow();
});

test.each([
  ['a source without a planted value', { sources: ['token\na\n'] }, false],
  ['a source with one', { sources: ['', `token\n${planted}\n`] }, true],
  ['a packed source with one', { sources: [gzipSync(`token\n${planted}\n`)] }, true],
  ['a header alone', { sources: ['token\n'] }, true],
  ['no source', { sources: [''] }, true],
  ["a script of the test's own", { isImporter: false, sources: ['token\na\n'] }, true],
])('a run with %s is reported by the check at the end of the suite', (_, run, passes) => {
  const runs = runsSearched([runOf({ ...run, result: { ...said, stdout: 'Completed' } })], 0);
  if (passes) expect(() => checkSearches(runs)).not.toThrow();
  else expect(() => checkSearches(runs)).toThrow('planted.test.ts: tokens.csv');
});

test('a run without anything to search is reported too', () => {
  expect(() => checkSearches(runsSearched([runOf({})], 0))).toThrow('tokens.csv');
});
