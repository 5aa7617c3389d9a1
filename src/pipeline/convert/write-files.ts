import { join } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';
import type { ConvertedFile, ConvertedFiles, PackFile, SpooledRows } from '../../ports/converted-files.ts';
import { LastRows } from './last-rows.ts';
import { isInSlice, type PlannedFile } from './plan-files.ts';

type FileWriterSetup = {
  readonly spool: SpooledRows;
  readonly files: ConvertedFiles;
  readonly pack: PackFile;
  /** Decides the order of the rows in a file. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Durable once it has resolved. */
  readonly record: (file: ConvertedFile) => Promise<void>;
};

/**
 * Makes the planned files from the spool, one after the other, and removes of the spool what is in a recorded file. Stops
 * between two chunks when the signal aborts, with its reason.
 * @param done files that an earlier process recorded, which are read back
 * @returns the files in the order of the plan. Throws ImportError `run-dir` if one that was recorded has changed
 */
export async function writeFiles(
  planned: readonly PlannedFile[],
  done: readonly ConvertedFile[],
  setup: FileWriterSetup,
): Promise<ConvertedFile[]> {
  const { files, spool, record, signal } = setup;
  const written: ConvertedFile[] = [];
  const rows = new LastRows();
  for (const plan of planned) {
    signal.throwIfAborted();
    const before = done.find(({ name }) => name === plan.name);
    if (before !== undefined && (await files.sha256(plan.name)) !== before.sha256) throw changedFile(files, plan.name);
    const file = before ?? (await writeFile(plan, rows, setup));
    if (before === undefined) await record(file);
    written.push(file);
    // The slices of a partition are all made from it.
    if (plan.slice < plan.slices - 1) continue;
    for (let partition = plan.partitions[0]; partition < plan.partitions[1]; partition++) await spool.remove(partition);
  }
  return written;
}

async function writeFile(plan: PlannedFile, rows: LastRows, { spool, files, pack, seed, signal }: FileWriterSetup) {
  rows.clear();
  const partitions = spool.lineBytes.length;
  for (let partition = plan.partitions[0]; partition < plan.partitions[1]; partition++) {
    signal.throwIfAborted();
    await spool.read(partition, (bytes, hash, keyStart, lineStart, end) => {
      if (isInSlice(plan, hash, partitions)) rows.take(bytes, hash, keyStart, lineStart, end);
    });
  }
  const staged = join(files.stagingFolder, `.${plan.name.replaceAll('/', '-')}.tmp`);
  const packed = await pack(staged, untilAborted(rows.shuffledLines(seed), signal));
  const { count: items, superseded, bytes: lineBytes } = rows;
  const file: ConvertedFile = { name: plan.name, items, superseded, lineBytes, ...packed };
  await files.put(staged, { name: plan.name, ...packed });
  return file;
}

function changedFile({ place }: ConvertedFiles, name: string): ImportError {
  return new ImportError('run-dir', `${place}: ${name} has changed since this run made it, or is gone`, {
    hint: 'Put the original file back, or start a new run with another --to.',
  });
}

function* untilAborted(chunks: Iterable<Buffer>, signal: AbortSignal): Generator<Buffer> {
  for (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}
