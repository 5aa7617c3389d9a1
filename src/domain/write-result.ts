import type { ImportError } from './import-error.ts';
import type { Token } from './token.ts';
import { partName } from './write-capacity.ts';

/** What became of one attempt to write a batch. The service's weather is a value, never an exception. */
export type WriteResult = Accepted | Failed;

export type Accepted = {
  /** Everything was written but `unprocessed`, which the table handed back, `kept` and `again`. */
  readonly kind: 'accepted';
  readonly unprocessed: readonly Token[];
  /** Not written, because the table's own item was to stay. */
  readonly kept?: readonly Token[];
  /** To be put once more, on another condition. */
  readonly again?: readonly Token[];
  /** Units drawn from the table's own capacity, that of global indexes left out; undefined where it does not say. */
  readonly consumedWriteUnits: number | undefined;
  /** Units drawn from each global index of the table, in their order, where it has any and says so. */
  readonly consumedIndexUnits?: readonly number[] | undefined;
};

/** What an attempt, to write or to read, comes to where the service does not carry it out. */
export type Failed =
  /** The request was refused for lack of capacity; nothing was written. */
  | { readonly kind: 'throttled'; readonly reason: string; readonly causes?: readonly ThrottleCause[] }
  /** Reset, time-out, 5xx, 429. Where `fateUnknown`, the write may have happened or may yet happen. */
  | { readonly kind: 'transient'; readonly reason: string; readonly fateUnknown: boolean }
  /** The service refuses at least one item of the batch; `message` never quotes a value. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The credentials expired; where `renewable`, they may be renewed while the run pauses. */
  | { readonly kind: 'expired'; readonly renewable: boolean; readonly message: string }
  /** The run cannot go on: table deleted, access denied. */
  | { readonly kind: 'fatal'; readonly error: ImportError };

/** Which limit refused a write: of the table, or of the global index that is named. */
export type ThrottleCause = {
  readonly limit: 'capacity' | 'on-demand-maximum' | 'partition' | 'account';
  readonly index?: string;
  /** True where the table did not say so: a handed-back item comes without a reason. */
  readonly inferred?: boolean;
};

/** In a few words: `the write capacity of index "by-user"`. */
export function throttleCauseText({ limit, index, inferred }: ThrottleCause): string {
  const what = partName(index);
  const texts: Readonly<Record<ThrottleCause['limit'], string>> = {
    capacity: `the write capacity of ${what}`,
    'on-demand-maximum': `the on-demand maximum of ${what}`,
    partition: `a hot partition of ${what}`,
    account: `the account's write limit, at ${what}`,
  };
  return inferred === true ? `${texts[limit]} (inferred)` : texts[limit];
}

/**
 * What becomes of an item that is in the table already: replaced; kept; or replaced where its attribute `column` is
 * missing or less than the row's.
 */
export type IfExists =
  | { readonly kind: 'replace' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'newer'; readonly column: string };

/** What a load costs, before any retry. */
export type WriteCost = {
  readonly requests: number;
  readonly writeUnits: number;
  /** What makes it more, for the operator; undefined where nothing does. */
  readonly besides: string | undefined;
};

/** Requests and write units of a load of `rows` rows whose puts cost `writeUnits` in all. */
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
