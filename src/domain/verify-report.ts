import type { ToldFault } from './import-error.ts';

/** Rows by what the table holds for them: `read` is the sum of the others. */
export type VerifiedRows = {
  readonly read: number;
  readonly equal: number;
  readonly missing: number;
  readonly different: number;
  /** Rows whose item should have been deleted; absent without `--delete-where`. */
  readonly undeleted?: number;
  /** A later row has their key: that one was judged. */
  readonly superseded: number;
  /** Given up by the mapping, as an import would: they are in no item. */
  readonly rejected: number;
  /** By `--skip-rows`, or because they have expired (`--skip-expired`). */
  readonly skipped: number;
  /** Rows of other shards; absent without `--shard`. */
  readonly elsewhere?: number;
  /** Not drawn for the sample. */
  readonly unsampled: number;
  readonly pending: number;
};

export type VerifyOutcome = 'equal' | 'different' | 'too-many-differences' | 'interrupted' | 'failed';

/** The result of a verification; its JSON has schema version 1. */
export type VerifyReport = {
  readonly version: 1;
  readonly outcome: VerifyOutcome;
  readonly exitCode: number;
  readonly source: readonly string[];
  readonly table: string;
  /** Rows in the sample, and what it was drawn with; null where all rows were compared. */
  readonly sample: { readonly rows: number; readonly seed: number } | null;
  readonly consistent: boolean;
  readonly rows: VerifiedRows;
  /** Rows that differ, by attribute. */
  readonly differencesByAttribute: Readonly<Record<string, number>>;
  readonly rejectsByCode: Readonly<Record<string, number>>;
  readonly readUnits: number;
  readonly durationSeconds: number;
  /** Read units a second. */
  readonly rate: { readonly limit: number | null; readonly average: number };
  readonly requests: {
    readonly sent: number;
    readonly throttled: number;
    readonly retried: number;
    readonly unprocessedKeys: number;
  };
  /** Files of rows that the importer takes. */
  readonly files: readonly string[];
  readonly resumeCommand?: string;
  readonly error?: ToldFault;
};
