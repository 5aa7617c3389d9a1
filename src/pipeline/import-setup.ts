import type { Amount } from '../domain/amount.ts';
import { noneDone, type Progress, sourceStart } from '../domain/checkpoint.ts';
import type { RowsEnd } from '../domain/run-summary.ts';
import type { Shard } from '../domain/token.ts';
import type { RowBlock } from '../input/row-reader.ts';
import type { RunningHash } from '../input/source-hash.ts';
import type { Pace } from '../limit/pace.ts';
import type { RateLimiter } from '../limit/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { CheckpointStore, RejectSink } from '../ports/run-stores.ts';
import { isDirect, type TokenRepository } from '../ports/token-repository.ts';
import type { BatchLimits } from './dispatch-batches.ts';
import type { Ledger, LedgerLimits } from './ledger.ts';
import type { RowMapper } from './map-row.ts';
import type { RunControl } from './run-control.ts';

/** What an import is made of, and what it is told. */
export type ImportSetup = {
  /** Rows from the mark on. */
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly mapper: RowMapper;
  readonly repository: TokenRepository;
  readonly limiter: RateLimiter;
  /** Adapts the rate to what the table takes; if absent, the rate stays as it is. */
  readonly pace?: Pace;
  readonly observer: RunObserver;
  readonly clock: Clock;
  readonly random: () => number;
  /** Stops the run cleanly. */
  readonly signal: AbortSignal;
  readonly hash: RunningHash;
  /** Absent in a rehearsal without a run directory. */
  readonly rejects?: RejectSink;
  readonly store?: CheckpointStore;
  /** Where an earlier process left off. */
  readonly start?: Progress;
  /** `unsettled`: the run is stopped before the writes of that process could all have taken effect. */
  readonly writesBefore?: 'settled' | 'unsettled';
  readonly concurrency: number;
  readonly batchLimits: BatchLimits;
  readonly maxAhead: number;
  /** Rows with one key are all sent, in order: which of them stays is not told by their place alone. */
  readonly everyRowCounts?: boolean;
  readonly settleMs: number;
  readonly stallTimeoutMs: number;
  readonly maxRejects: Amount;
  /** Rows that may delete an item; no limit if absent. */
  readonly maxDeletes?: Amount;
  readonly skipRows: number;
  /** Present if rows of other shards are left to other processes. */
  readonly shard?: Shard | undefined;
  /** Rows after the skipped ones at which reading ends. */
  readonly maxRows?: number | undefined;
  readonly expectRows?: number | undefined;
};

/** What rows in flight and unsaved rejects may hold, whatever the size of the rows. */
const maxHeldBytes = 64 * 1024 * 1024;
/** Tokens that wait after those in flight, for a slot or for an earlier row with their key. */
const maxWaitingTokens = 10_000;

export function ledgerLimits({ maxAhead, concurrency, batchLimits, repository }: ImportSetup): LedgerLimits {
  const maxHeldTokens = concurrency * batchLimits.maxTokens + maxWaitingTokens;
  return { maxAhead, maxHeldBytes, maxHeldTokens, reusesSlots: isDirect(repository) };
}

/** Where the ledger of a run begins. Only that of a shard counts rows that are elsewhere. */
export function ledgerStart({ start, shard }: ImportSetup): ConstructorParameters<typeof Ledger>[1] {
  if (start !== undefined || shard === undefined) return start;
  return { mark: sourceStart, counts: { ...noneDone, elsewhere: 0 }, rejectsByCode: {} };
}

export type ImportResult = RowsEnd & {
  /** What ended the run early, if not the signal. */
  readonly fault?: unknown;
};

/** `ended`: why reading ended; undefined if the run was cut short. */
export function resultOf(
  rowsRead: number,
  ledger: Ledger,
  { failed, fault }: RunControl,
  ended: 'source' | 'max-rows' | undefined,
): ImportResult {
  const pending = ledger.countPending();
  const { totals, rejectsByCode } = ledger;
  const done = Object.values(totals).reduce((sum, count) => sum + count, 0);
  return {
    counts: { read: rowsRead, ...totals, pending },
    rejectsByCode,
    neverDeleted: ledger.neverDeleted,
    balanced: rowsRead === done + pending,
    finished: ended !== undefined && pending === 0 && !failed,
    endOfSource: ended === 'source',
    ...(failed && { fault }),
  };
}
