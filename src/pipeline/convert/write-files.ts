import { join } from 'node:path';
import { ImportError } from '../../domain/import-error.ts';
import {
  type ConvertedFile,
  type ConvertedFiles,
  dataPrefix,
  type PackFile,
  type SpooledRows,
} from '../../ports/converted-files.ts';
import { LastRows } from './last-rows.ts';

/** The rows of one file: those of `partitions` (from, to excluded) whose second hash gives `slice` of `slices`. */
type PlannedFile = {
  readonly name: string;
  readonly partitions: readonly [from: number, to: number];
  readonly slice: number;
  readonly slices: number;
};

/**
 * Neighbouring partitions become one file until it has about the wanted size, and a partition that is too large becomes
 * several files.
 * @param lineBytes of each partition
 * @param wanted bytes of unpacked lines in a file, superseded rows included
 */
export function planFiles(lineBytes: readonly number[], wanted: number): PlannedFile[] {
  const most = 2 * wanted;
  const files: Omit<PlannedFile, 'name'>[] = [];
  let left = lineBytes.reduce((sum, bytes) => sum + bytes, 0);
  let size = evenSize(left, wanted);
  let from = 0;
  let held = 0;
  const close = (to: number) => {
    if (held > 0) files.push({ partitions: [from, to], slice: 0, slices: 1 });
    left -= held;
    size = evenSize(left, wanted);
    [from, held] = [to, 0];
  };
  for (const [partition, bytes] of lineBytes.entries()) {
    if (held + bytes > most) close(partition);
    if (bytes > most) {
      const slices = Math.ceil(bytes / wanted);
      for (let slice = 0; slice < slices; slice++) {
        files.push({ partitions: [partition, partition + 1], slice, slices });
      }
      left -= bytes;
      size = evenSize(left, wanted);
      from = partition + 1;
      continue;
    }
    held += bytes;
    // Half a partition too few is as good as half a partition too many. A small rest is not worth a file.
    if (held + bytes / 2 >= size && left - held >= wanted / 2) close(partition + 1);
  }
  close(lineBytes.length);
  return files.map((file, index) => ({ name: fileName(index), ...file }));
}

/** The size at which files of these bytes differ least, close to the wanted one. */
function evenSize(bytes: number, wanted: number): number {
  return bytes / Math.max(1, Math.round(bytes / wanted));
}

/** Partitions to spool lines of this many bytes to; undefined: not known. Several make one file, so that files differ little. */
export function partitionsFor(lineBytes: number | undefined, wanted: number): number {
  if (lineBytes === undefined) return partitionsOfUnknown;
  return Math.min(mostPartitions, Math.max(1, Math.ceil((lineBytes / wanted) * partitionsPerFile)));
}

const partitionsPerFile = 4;
const partitionsOfUnknown = 256;
const mostPartitions = 16_384;

/** The partition of a key hash. */
export function partitionOfHash(hash: number, partitions: number): number {
  return (hash >>> 0) % partitions;
}

/** Whether a key hash of one of the file's partitions belongs to its slice. */
export function isInSlice({ slice, slices }: PlannedFile, hash: number, partitions: number): boolean {
  return slices === 1 || Math.floor((hash >>> 0) / partitions) % slices === slice;
}

function fileName(index: number): string {
  return `${dataPrefix}part-${String(index + 1).padStart(5, '0')}.json.gz`;
}

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
