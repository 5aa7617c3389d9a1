import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CheckpointFile, loadCheckpoint } from '../../../src/adapters/file/run/run-stores.ts';
import { keepSummary } from '../../../src/compose/run/import-summary.ts';
import { storedSummary } from '../../../src/compose/run/run-folder.ts';
import type { Progress } from '../../../src/domain/checkpoint.ts';
import type { RunSummary } from '../../../src/domain/run-summary.ts';
import { workDir } from '../../support/work-dir.ts';

const counts = { written: 1, superseded: 0, kept: 0, deleted: 0, rejected: 0, skipped: 0 };
const progress: Progress = {
  mark: { fileIndex: 0, byteOffset: 10, ordinal: 1, line: 2 },
  hash: { fileIndex: 0, byteOffset: 10, sha256: '0'.repeat(64) },
  rejects: { rowsBytes: 0, reasonsBytes: 0 },
  ...{ counts, rejectsByCode: {}, settled: true },
};
const summary = { version: 1, outcome: 'completed', exitCode: 0, rows: counts } as unknown as RunSummary;

/** The folder of a run whose last row is done, and what a summary kept in it says. */
async function doneRun() {
  const { path } = workDir();
  const store = new CheckpointFile(path);
  await store.save(progress);
  const warned: string[] = [];
  const keep = () => keepSummary(summary, { summary: undefined }, path, store, (message) => warned.push(message));
  return { path, warned, keep };
}

test('a run is finished for good once its summary is there to be repeated', async () => {
  const { path, warned, keep } = await doneRun();
  await keep();
  expect((await loadCheckpoint(path))?.finished).toMatchObject({ outcome: 'completed', exitCode: 0 });
  expect(await storedSummary(path)).toMatchObject({ outcome: 'completed' });
  expect(warned).toEqual([]);
});

test('a run whose summary cannot be written is not finished, since that of an earlier process would be repeated', async () => {
  const { path, warned, keep } = await doneRun();
  mkdirSync(join(path, 'summary.json.tmp'));
  await keep();
  expect((await loadCheckpoint(path))?.finished).toBeUndefined();
  expect(warned).toEqual([expect.stringContaining('summary.json')]);
});

test('that the end cannot be noted is told, and fails nothing', async () => {
  const { path, warned, keep } = await doneRun();
  mkdirSync(join(path, 'checkpoint.json.tmp'));
  await keep();
  expect((await loadCheckpoint(path))?.finished).toBeUndefined();
  expect(warned).toEqual([expect.stringContaining('checkpoint.json')]);
});

test('capacity that a run of an earlier version left raised is known by its present name', async () => {
  const { path } = workDir();
  const capacity = { state: 'owed', raised: [{ before: 20, raised: 1000 }], leftAlone: [], because: 'no answer' };
  writeFileSync(join(path, 'summary.json'), JSON.stringify({ ...summary, exitCode: 6, capacity }));
  const stored = await storedSummary(path);
  expect(stored).toMatchObject({ exitCode: 6, capacity: { ...capacity, state: 'still-raised' } });
});
