import type { Mark } from '../domain/checkpoint.ts';
import type { RejectedRow } from '../domain/row.ts';
import type { ThrottleCause } from '../domain/write-result.ts';

/** What happens in a run, a batch at a time; `kind` names it. Rows are never reported one by one but for rejects. */
export type RunEvent =
  /** Rows framed and mapped since the last such event. */
  | { readonly kind: 'rows-read'; readonly rows: number }
  /** One attempt that the repository answered; latency from send to answer. */
  | {
      readonly kind: 'batch-accepted';
      readonly tokens: number;
      readonly unprocessed: number;
      /** Rows whose item stays as it is. */
      readonly kept?: number;
      /** Rows that are put once more, on another condition. */
      readonly again?: number;
      /** Permits the attempt cost, and units the table says it consumed. */
      readonly permits: number;
      readonly consumedWriteUnits: number;
      /** By the order of the table's global indexes, where the table says. */
      readonly consumedIndexUnits?: readonly number[] | undefined;
      readonly latencyMs: number;
      readonly attempt: number;
    }
  | {
      readonly kind: 'batch-throttled';
      /** Which limits the table names, where it does. */
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
  /** The rate of the table, or of the index that is named: slowed by what it refused, risen again, or limited anew. */
  | {
      readonly kind: 'rate-changed';
      /** Write units a second; null: no limit. */
      readonly ratePerSecond: number | null;
      /** True while it is below the limit. */
      readonly slowed: boolean;
      /** True where the limit itself changed. */
      readonly isLimit: boolean;
      readonly index?: string;
      /** What slowed it, where it fell just now. */
      readonly cause?: ThrottleCause;
      readonly reason: string;
    }
  /** Table or rate file could not be read, or said something that can't be. */
  | { readonly kind: 'limit-warning'; readonly message: string }
  /** One partition key is refused again and again while others pass: its items wait from now on. */
  | { readonly kind: 'partition-parked' }
  | { readonly kind: 'batch-taken-apart'; readonly tokens: number; readonly message: string }
  | { readonly kind: 'row-rejected'; readonly row: RejectedRow }
  | { readonly kind: 'paused'; readonly reason: string }
  | { readonly kind: 'unpaused' }
  | { readonly kind: 'checkpointed'; readonly mark: Mark }
  /** The table's provisioned write units: on their way up, up, on their way back, back, or left as they are. */
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
  | { readonly kind: 'stopping'; readonly reason: string };

export type RunObserver = { on(event: RunEvent): void };
