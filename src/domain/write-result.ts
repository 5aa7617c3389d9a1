import type { ImportError } from './import-error.ts';
import { partName } from './table.ts';
import type { Token } from './token.ts';

/** The result of one attempt to write a batch. Faults of the service are values, never exceptions. */
export type WriteResult = Accepted | Failed;

export type Accepted = {
  /** Everything was written except `unprocessed`, which the table handed back, `kept` and `again`. */
  readonly kind: 'accepted';
  readonly unprocessed: readonly Token[];
  /** Not written, because the existing item is to stay. */
  readonly kept?: readonly Token[];
  /** To be written again, with another condition. */
  readonly again?: readonly Token[];
  /** Units consumed of the table's own capacity, without global indexes; undefined if the table does not say. */
  readonly consumedWriteUnits: number | undefined;
  /** Units consumed of each global index of the table, in their order, if it has any and says so. */
  readonly consumedIndexUnits?: readonly number[] | undefined;
};

/** The result of an attempt to write or read that the service did not carry out. */
export type Failed =
  /** The request was refused for lack of capacity; nothing was written. */
  | { readonly kind: 'throttled'; readonly reason: string; readonly causes?: readonly ThrottleCause[] }
  /** Reset, time-out, 5xx, 429. If `fateUnknown`, the write may have happened or may still happen. */
  | { readonly kind: 'transient'; readonly reason: string; readonly fateUnknown: boolean }
  /** The service refuses at least one item of the batch; `message` shows no value. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The credentials expired; if `renewable`, they may be renewed while the run pauses. */
  | { readonly kind: 'expired'; readonly renewable: boolean; readonly message: string }
  /** The run cannot continue: table deleted, access denied. */
  | { readonly kind: 'fatal'; readonly error: ImportError };

/** Which limit refused a write: of the table, or of the global index in `index`. */
export type ThrottleCause = {
  readonly limit: 'capacity' | 'on-demand-maximum' | 'partition' | 'account';
  readonly index?: string;
  /** True if the table did not say so: items are handed back without a reason. */
  readonly inferred?: boolean;
  /** Other parts that it may be as well, because as much of their rate is used. */
  readonly alternatives?: readonly { readonly index?: string }[];
};

/** `the write capacity of index "by-user"` */
export function throttleCauseText(cause: ThrottleCause): string {
  const what = throttledParts(cause, 'or');
  const texts: Readonly<Record<ThrottleCause['limit'], string>> = {
    capacity: `the write capacity of ${what}`,
    'on-demand-maximum': `the on-demand maximum of ${what}`,
    partition: `a hot partition of ${what}`,
    account: `the account's write limit, at ${what}`,
  };
  return cause.inferred === true ? `${texts[cause.limit]} (inferred)` : texts[cause.limit];
}

/** `the table or index "by-user"`: all parts that may be meant. */
export function throttledParts({ index, alternatives = [] }: ThrottleCause, conjunction: 'or' | 'and'): string {
  return [index, ...alternatives.map((part) => part.index)].map(partName).join(` ${conjunction} `);
}

/** What happens to an existing item: replaced, kept, or replaced if its attribute `column` is missing or below the row's. */
export type IfExists =
  | { readonly kind: 'replace' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'newer'; readonly column: string };

/** What an import costs before any retry. */
export type WriteCost = {
  readonly requests: number;
  readonly writeUnits: number;
  /** What adds to it, for the operator; undefined if nothing does. */
  readonly besides: string | undefined;
};

/** Requests and write units of an import of rows whose puts cost `writeUnits` in total. */
export function writeCost(
  ifExists: IfExists,
  rows: { readonly rows: number; readonly writeUnits: number },
  batchSize: number,
): WriteCost {
  const { writeUnits } = rows;
  if (ifExists.kind === 'replace') {
    return { requests: Math.ceil(rows.rows / batchSize), writeUnits, besides: undefined };
  }
  return {
    requests: rows.rows,
    writeUnits,
    besides: 'a row whose item stays costs the write units of the larger of the two',
  };
}
