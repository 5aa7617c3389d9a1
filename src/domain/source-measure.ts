import type { RejectCode } from './rejected-row.ts';

/** Sizes in bytes. Percentiles are exact to three figures. */
export type Sizes = { readonly p50: number; readonly p99: number; readonly max: number; readonly total: number };

/** What an import of a source would write, found by mapping all of its rows. */
export type SourceMeasure = {
  readonly rows: {
    readonly read: number;
    readonly importable: number;
    readonly rejected: number;
    readonly skipped: number;
  };
  readonly rejectsByCode: Readonly<Partial<Record<RejectCode, number>>>;
  /** Of items, as the table counts them. */
  readonly itemBytes: Sizes;
  /** One for each KB that an item begins. */
  readonly writeUnits: number;
  /** What the items take in request bodies. */
  readonly bodyBytes: number;
};
