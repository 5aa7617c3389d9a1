import type { ToldFault } from './import-error.ts';
import type { Shard } from './token.ts';

/** Rows by their fate: `read` is the sum of the others, or the run ends with exit code 1. */
export type RowCounts = {
  readonly read: number;
  readonly written: number;
  readonly superseded: number;
  readonly kept: number;
  readonly deleted: number;
  readonly rejected: number;
  readonly skipped: number;
  /** Rows of other shards; absent without `--shard`. */
  readonly elsewhere?: number;
  readonly pending: number;
};

/** What one process, or all of them, did. */
export type ScopeFigures = { readonly rows: number; readonly writeUnits: number; readonly durationSeconds: number };

/** The rejected rows as a source of their own, the file with the reasons, and the command that imports the repaired rows. */
export type RepairOfRejects = { readonly rows: string; readonly reasons: string; readonly importCommand: string };

/** Rows that were rejected for one reason. */
export type RejectGroup = {
  readonly code: string;
  readonly count: number;
  /** Where the first of them stands; absent if it is no longer known. `source` is present if there are several. */
  readonly first?: { readonly source?: string; readonly line: number; readonly column?: string };
};

/** Skipped rows by reason, each only if there are any. */
export type SkipCounts = { readonly 'skip-rows'?: number; readonly expired?: number };

/** How a run skips rows that have expired. */
export type RunExpiry = {
  /** Of the source. */
  readonly column: string;
  /** The clock that rows are judged by, read once at the start of the import: ISO 8601 in UTC. */
  readonly clock: string;
  /** How long a row must have been expired. */
  readonly graceSeconds: number;
  /** Rows that expired more than five years ago: they are written, since DynamoDB never deletes such items. */
  readonly neverDeleted: number;
};

/** What became of the rows when an import ended. */
export type RowsEnd = {
  readonly counts: RowCounts;
  readonly rejectsByCode: Readonly<Record<string, number>>;
  /** Rows that expired more than five years ago, and were not skipped. */
  readonly neverDeleted?: number;
  /** Whether `read` is the sum of the other counts. */
  readonly balanced: boolean;
  /** Whether all rows that were wanted are done. */
  readonly finished: boolean;
  /** Whether the source was read to its end, and not just to `--max-rows`. */
  readonly endOfSource: boolean;
};

export type Outcome = 'completed' | 'completed-with-rejects' | 'too-many-rejects' | 'interrupted' | 'failed';

/** What kept a run from being quicker; `none`: nothing in particular, as in a short run. */
export type Bottleneck = 'limit' | 'table' | 'connections' | 'network' | 'cpu' | 'source' | 'max-ahead' | 'none';

/** What became of capacity that the run raised. */
export type CapacityEnding = {
  /** `kept`: on purpose, for the resume; `still-raised`: it could not be restored. */
  readonly state: 'restored' | 'kept' | 'still-raised';
  /** Write units a second by part; the table itself has no `index`. */
  readonly raised: readonly { readonly index?: string; readonly before: number; readonly raised: number }[];
  /** Parts that someone else had changed meanwhile, which were left alone. */
  readonly leftAlone: readonly { readonly index?: string; readonly found: number | null }[];
  /** Why it is still raised, when AWS will restore it at the earliest (ISO 8601 in UTC), and the commands for it. */
  readonly because?: string;
  readonly allowedAt?: string;
  readonly restoreCommand?: string;
  readonly awsCommand?: string;
};

/** A sentence, and a command to be pasted into a shell where there is one. */
export type NextStep = { readonly text: string; readonly command?: string };

/** The JSON summary, schema version 1. Rows count from the start of the import, all else from the start of the process. */
export type RunSummary = {
  readonly version: 1;
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly source: readonly string[];
  readonly table: string;
  readonly repository: string;
  /** Present with `--shard`. */
  readonly shard?: Shard;
  readonly rows: RowCounts;
  /** Present where reading ended at `--max-rows`, so that the source may hold further rows. */
  readonly stoppedAtMaxRows?: true;
  readonly rejectsByCode: Readonly<Record<string, number>>;
  /** Rows by the reason why they were skipped; absent if none was. */
  readonly skippedByReason?: SkipCounts;
  /** Present with `--skip-expired`. */
  readonly expiry?: RunExpiry;
  /** The same with the first row of each code. */
  readonly rejects: readonly RejectGroup[];
  /** Units consumed as the table reports them, or estimated where it does not. */
  readonly writeUnits: number;
  readonly durationSeconds: number;
  /** Present for a run of several processes. */
  readonly scopes?: {
    readonly processes: number;
    readonly thisProcess: ScopeFigures;
    readonly wholeRun: ScopeFigures;
  };
  /** Write units a second; `limit` is null if there is none, `limits` is present if it changed. */
  readonly rate: {
    readonly limit: number | null;
    readonly limits?: { readonly lowest: number; readonly highest: number };
    readonly average: number;
  };
  readonly requests: {
    readonly sent: number;
    readonly throttled: number;
    readonly retried: number;
    readonly unprocessedItems: number;
  };
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  readonly connectionsOpened: number;
  readonly bytesSent: number;
  readonly bottleneck: Bottleneck;
  /** What held the run back and what to do, in a line; empty where nothing did. */
  readonly advice: string;
  readonly resumeCommand?: string;
  /** Present if the rows went to files: where they are, how many, and what they hold. */
  readonly converted?: {
    readonly to: string;
    readonly files: number;
    readonly items: number;
    readonly bytes: number;
    /** How AWS loads them into a table; absent unless all files are there. */
    readonly next?: readonly NextStep[];
  };
  /** Files and commands for what is to be done next, as they are typed in the working directory of the process. */
  readonly report?: string;
  readonly verifyCommand?: string;
  readonly repair?: RepairOfRejects;
  /** The moment before the first write, ISO 8601 in UTC, where point-in-time recovery can bring the table back to it. */
  readonly restorePoint?: string;
  /** Absent where no capacity was raised. */
  readonly capacity?: CapacityEnding;
  /** What `--verify` found after the import; absent in the summary that is printed before it. */
  readonly verification?: Pick<VerifyReport, 'outcome' | 'exitCode' | 'rows' | 'files'>;
  /** What stopped the run, where something did. */
  readonly error?: ToldFault;
};

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
