import type { Mark } from '../domain/checkpoint.ts';
import type { RejectedRow } from '../domain/rejected-row.ts';

/** What happens in a run, a batch at a time; `kind` names it. Rows are never reported one by one but for rejects. */
export type RunEvent =
  /** Rows framed and mapped since the last such event. */
  | { readonly kind: 'rows-read'; readonly rows: number }
  /** One attempt that the repository answered; latency from send to answer. */
  | {
      readonly kind: 'batch-accepted';
      readonly tokens: number;
      readonly unprocessed: number;
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
        | 'foreign'
        | 'owed';
      /** What happens to which part, in words. */
      readonly text: string;
    }
  | { readonly kind: 'stopping'; readonly reason: string };

export type RunObserver = { on(event: RunEvent): void };
