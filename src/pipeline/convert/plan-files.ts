import { dataPrefix } from '../../ports/converted-files.ts';

/** The rows of one file: those of `partitions` (from, to excluded) whose second hash gives `slice` of `slices`. */
export type PlannedFile = {
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
