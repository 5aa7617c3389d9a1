import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunDirectory } from '../../../src/adapters/file/run/run-directory.ts';
import { loadVerifyState, type VerifyState } from '../../../src/adapters/file/run/verify-state.ts';
import { VerifySaver } from '../../../src/compose/verify/verify-folder.ts';
import { Row } from '../../../src/domain/row.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import type { ImportOptions } from '../../../src/options/import-options.ts';
import { RunControl } from '../../../src/pipeline/run-control.ts';
import { Differences } from '../../../src/pipeline/verify/held-rows.ts';
import type { VerifyRun } from '../../../src/pipeline/verify/verify-run.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { workDir } from '../../support/work-dir.ts';

const state: VerifyState = { version: 1, options: {}, source: [], columns: ['token'], seed: 1 };

/** A run that has judged so many rows, of which it found `differences`. */
function runAt(ordinal: number): VerifyRun {
  const mark = { fileIndex: 0, byteOffset: ordinal * 2, ordinal, line: 1 + ordinal };
  const counts = { equal: 0, superseded: 0, rejected: 0, skipped: 0, rejectsByCode: {} };
  return { progress: { mark, counts } } as VerifyRun;
}

function missing(differences: Differences, token: string, ordinal: number): void {
  const row = new Row(Buffer.from(`${token}\n`), 0, 2, 0, ordinal, 1 + ordinal, 1, ordinal * 2);
  differences.recordComparison({ key: token, writeUnits: 1, bodyBytes: 2, row, payload: token }, { kind: 'missing' });
}

test('after differences could not be saved no later mark is, since a resume would take their rows for judged', async () => {
  const { path } = workDir();
  const control = new RunControl(new AbortController().signal);
  const [clock, differences, hash] = [new FakeClock(), new Differences(), new RunningHash()];
  const folder = { directory: new RunDirectory(path), state, options: {} as ImportOptions };
  const saver = await VerifySaver.open(folder, hash, control, differences, clock);
  await saver.files.begin();
  const journal = join(path, 'found.jsonl');
  mkdirSync(journal);

  missing(differences, 'a', 0);
  saver.start(runAt(1));
  const stopped = new Promise<void>((resolve) => control.onStop(resolve));
  await clock.advance(1_000);
  await stopped;
  rmdirSync(journal);
  missing(differences, 'b', 1);
  await saver.close(runAt(2));
  await saver.files.close();

  expect((await loadVerifyState(path))?.progress).toBeUndefined();
});
