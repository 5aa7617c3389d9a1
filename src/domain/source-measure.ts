import type { ColumnType } from './column.ts';
import type { RejectCode, RowFault } from './row.ts';

/** Sizes in bytes. Percentiles are exact to three figures. */
type Sizes = { readonly p50: number; readonly p99: number; readonly max: number; readonly total: number };

export type RejectCounts = Readonly<Partial<Record<RejectCode, number>>>;

/** What a column of the source holds, and what becomes of it; or an attribute that `--set` makes. Counts are of rows. */
export type ColumnMeasure = {
  /** That of the attribute if `--set` makes it. */
  readonly sourceName: string;
  /** Undefined where it is left out of the items. */
  readonly attribute?: { readonly name: string; readonly type: ColumnType; readonly isMade?: true };
  readonly nulls: number;
  readonly empty: number;
  /** Of the fields that are neither; undefined where there is none. */
  readonly bytes?: { readonly shortest: number; readonly longest: number };
  /** Beginnings of these fields, only where values may be shown. */
  readonly values?: { readonly shortest: string; readonly longest: string };
  /** Of a column of dates: seconds since 1970. */
  readonly dates?: { readonly firstSeconds: number; readonly lastSeconds: number };
  readonly rejectsByCode: RejectCounts;
};

/** Write units a second that one partition takes at most, and so one partition key. */
export const partitionUnitsPerSecond = 1000;

/** How the rows spread over the partition keys of the table or of an index. */
export type KeySpread = {
  /** Undefined for the table. */
  readonly index?: string;
  readonly attribute: string;
  readonly units: number;
  /** Different partition keys; undefined where they are too many to count. */
  readonly distinct?: number;
  /** Most rows in a row that bear one partition key. */
  readonly longestRun: number;
  /** Share of the units that go to the fullest partition key, of all where it is known, else of the stretch where it is highest. */
  readonly topShare: number;
  /** Seconds that all units take at the rate, and with one partition taking no more than it can. */
  readonly secondsAtRate: number;
  readonly secondsWithHotKeys: number;
};

/** What the time-to-live of an attribute will make of the rows. */
export type TtlMeasure = {
  readonly attribute: string;
  /** Values that can only be milliseconds. */
  readonly milliseconds: number;
  /** Already past, and so deleted within days. */
  readonly expired: number;
  /** More than five years past: the service takes them for a mistake and never deletes them. */
  readonly tooOld: number;
};

/** What an import of a source would write, found by mapping its rows. */
export type SourceMeasure = {
  readonly rows: {
    readonly read: number;
    /** Rows to write or delete. */
    readonly importable: number;
    /** Those of them that delete; absent without `--delete-where`. */
    readonly deletes?: number;
    readonly rejected: number;
    readonly skipped: number;
  };
  readonly rejectsByCode: RejectCounts;
  /** A handful, with their places. */
  readonly firstRejects: readonly (RowFault & { readonly fileIndex: number; readonly line: number })[];
  /** Rows that are skipped because they have expired, and what they would have taken; present with `--skip-expired`. */
  readonly expired?: { readonly rows: number; readonly writeUnits: number; readonly indexUnits: readonly number[] };
  /** Of items, as the table counts them. */
  readonly itemBytes: Sizes;
  /** One for each KB that an item begins, and what local indexes draw. */
  readonly writeUnits: number;
  /** The same for each global index of the table, in their order. */
  readonly indexUnits: readonly number[];
  /** What the items take in request bodies. */
  readonly bodyBytes: number;
  readonly columns: readonly ColumnMeasure[];
  /** Of the table, then of its global indexes that get items. */
  readonly keySpreads: readonly KeySpread[];
  readonly ttl?: TtlMeasure;
};
