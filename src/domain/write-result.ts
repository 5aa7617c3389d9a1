import type { ImportError } from './import-error.ts';
import type { ThrottleCause } from './throttle-cause.ts';
import type { Token } from './token.ts';

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
