import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { SearchedRun } from './planted.ts';

/** Collects which runs were searched for planted values, and checks the list when all tests are done. */
export default function watchSearches(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'import-tokens-searched-'));
  const path = join(folder, 'runs.jsonl');
  writeFileSync(path, '');
  project.provide('searchedRuns', path);
  return () => {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    rmSync(folder, { recursive: true });
    const runs: SearchedRun[] = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    checkSearches(runs, runs.length > 0);
  };
}

/** Throws if a source held no planted value, because the search could not have found a leak. */
export function checkSearches(runs: readonly SearchedRun[], tell = false): void {
  const withSource = runs.filter(({ hasSource }) => hasSource);
  const idle = withSource.filter(({ isPlanted, bytesSearched }) => !isPlanted || bytesSearched === 0);
  if (tell) {
    console.info(`searched for planted values: ${withSource.length - idle.length} of ${withSource.length} runs`);
  }
  if (idle.length === 0) return;
  const list = idle.map(({ testFile, command }) => `  ${testFile}: ${command}`).join('\n');
  throw new Error(`no field of these sources holds the value of test/support/planted.ts:\n${list}`);
}
