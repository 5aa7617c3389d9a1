import type { RowCounts } from './run-summary.ts';

/** A position in the source below which every row is done. */
export type Mark = {
  readonly fileIndex: number;
  /** Decompressed bytes of that file below the mark. */
  readonly byteOffset: number;
  /** Rows below the mark, over all files. */
  readonly ordinal: number;
  /** Physical line on which the next row begins, from 1. */
  readonly line: number;
};

export const sourceStart: Mark = { fileIndex: 0, byteOffset: 0, ordinal: 0, line: 1 };

/** Rows that are done, by their fate. */
export type DoneCounts = Omit<RowCounts, 'read' | 'pending'>;

export const noneDone: DoneCounts = { written: 0, superseded: 0, kept: 0, deleted: 0, rejected: 0, skipped: 0 };

/** SHA-256 of a stretch of the decompressed bytes, over the files in order, up to a position. */
export type HashedStretch = { readonly fileIndex: number; readonly byteOffset: number; readonly sha256: string };

/**
 * The stretch that ends at or below the mark. It begins at the end of the last stretch in `before`, or else at the beginning of the source.
 * A resume that does not read finished rows again begins a new stretch.
 */
export type SourceHash = HashedStretch & { readonly before?: readonly HashedStretch[] };

/** What the pipeline stores, so that a later process can continue from there. */
export type Progress = {
  readonly mark: Mark;
  readonly counts: DoneCounts;
  readonly rejectsByCode: Readonly<Record<string, number>>;
  /** Rows that expired more than five years ago, and were not skipped; absent without `--skip-expired`. */
  readonly neverDeleted?: number;
  readonly hash: SourceHash;
  readonly rejects: { readonly rowsBytes: number; readonly reasonsBytes: number };
  /** True if no write can still be in flight, so that a resume need not wait for it. */
  readonly settled: boolean;
};
