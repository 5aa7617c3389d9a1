import type { Mark } from '../domain/checkpoint.ts';
import type { RejectedRow } from '../domain/row.ts';
import type { ThrottleCause } from '../domain/write-result.ts';

/** What happens in a run, a batch at a time. Only rejects are reported row by row. */
export type RunEvent =
  /** Rows framed and mapped since the last event of this kind. */
  | { readonly kind: 'rows-read'; readonly rows: number }
  /** One attempt that the repository answered; the latency is from sending to the answer. */
  | {
      readonly kind: 'batch-accepted';
      readonly tokens: number;
      readonly unprocessed: number;
      /** Rows whose existing item is kept. */
      readonly kept?: number;
      /** Rows whose item was deleted, or was not there. */
      readonly deleted?: number;
      /** Rows that are written again, with another condition. */
      readonly again?: number;
      /** Permits of the attempt, and units that it consumed according to the table. */
      readonly permits: number;
      readonly consumedWriteUnits: number;
      /** In the order of the table's global indexes, if the table says. */
      readonly consumedIndexUnits?: readonly number[] | undefined;
      readonly latencyMs: number;
      readonly attempt: number;
    }
  | {
      readonly kind: 'batch-throttled';
      /** Limits that the table names, if it does. */
      readonly causes?: readonly ThrottleCause[];
      readonly tokens: number;
      readonly permits: number;
      readonly reason: string;
      readonly latencyMs: number;
    }
  | {
      readonly kind: 'attempt-failed';
      readonly tokens: number;
      readonly permits: number;
      readonly reason: string;
      readonly attempt: number;
      readonly delayMs: number;
    }
  /** The rate of the table, or of `index`: slowed by refusals, risen again, or with a new limit. */
  | {
      readonly kind: 'rate-changed';
      /** Write units a second; null: no limit. */
      readonly ratePerSecond: number | null;
      /** True while it is below the limit. */
      readonly slowed: boolean;
      /** True if the limit itself changed. */
      readonly isLimit: boolean;
      readonly index?: string;
      /** What slowed it, if it just fell. */
      readonly cause?: ThrottleCause;
      readonly reason: string;
    }
  /** The table or the rate file could not be read, or has an unusable value. */
  | { readonly kind: 'limit-warning'; readonly message: string }
  /** One partition key is refused again and again while others pass, so its items wait from now on. */
  | { readonly kind: 'partition-parked' }
  | { readonly kind: 'batch-taken-apart'; readonly tokens: number; readonly message: string }
  | { readonly kind: 'row-rejected'; readonly row: RejectedRow }
  | { readonly kind: 'paused'; readonly reason: string }
  | { readonly kind: 'unpaused' }
  | { readonly kind: 'checkpointed'; readonly mark: Mark }
  /** The provisioned write units are being raised, raised, being restored, restored, or left unchanged. */
  | {
      readonly kind: 'capacity-changed';
      readonly change:
        | 'recorded'
        | 'waiting'
        | 'raising'
        | 'raised'
        | 'restoring'
        | 'restored'
        | 'kept'
        | 'left-alone'
        | 'still-raised';
      /** What happens to which part, in words. */
      readonly text: string;
    }
  /** A file of a conversion is where it belongs, the `number`th of all. */
  | {
      readonly kind: 'file-made';
      readonly name: string;
      readonly items: number;
      readonly number: number;
      readonly files: number;
    }
  | { readonly kind: 'stopping'; readonly reason: string };

export type RunObserver = { on(event: RunEvent): void };
