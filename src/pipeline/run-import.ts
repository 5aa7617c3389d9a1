import type { Amount } from '../domain/amount.ts';
import type { Progress } from '../domain/checkpoint.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RowsEnd } from '../domain/run-summary.ts';
import type { PipelineFigures } from '../domain/run-totals.ts';
import type { Token } from '../domain/token.ts';
import type { RowBlock } from '../input/row-reader.ts';
import type { RunningHash } from '../input/source-hash.ts';
import type { Pace } from '../limit/pace.ts';
import type { RateLimiter } from '../limit/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { CheckpointStore, RejectSink } from '../ports/run-stores.ts';
import { isDirect, type TokenRepository } from '../ports/token-repository.ts';
import { CheckpointTracker } from './checkpoint-tracker.ts';
import type { BatchLimits } from './dispatch-batches.ts';
import { BatchDispatch } from './dispatch-batches.ts';
import { KeyLocks } from './key-locks.ts';
import type { RowMapper } from './map-row.ts';
import { RowFates } from './row-fates.ts';
import { RunControl } from './run-control.ts';
import { CheckpointSaver } from './save-checkpoints.ts';
import { RowTaker } from './take-rows.ts';
import { BatchWriter } from './write-batch.ts';

/** Payloads in flight and unsaved rejects that are held at most, whatever the size of the rows. */
const maxHeldBytes = 64 * 1024 * 1024;
/** Tokens that wait behind those in flight, for a slot or for an earlier row with their key. */
const maxWaitingTokens = 10_000;

export type ImportSetup = {
  /** Rows from the mark on. */
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly mapper: RowMapper;
  readonly repository: TokenRepository;
  readonly limiter: RateLimiter;
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
  readonly skipRows: number;
  /** Rows behind the skipped ones after which reading ends. */
  readonly maxRows?: number | undefined;
  readonly expectRows?: number | undefined;
};

export type ImportResult = RowsEnd & {
  /** What ended the run early, if not the signal. */
  readonly fault?: unknown;
};

/** One import from rows to result. Faults of the run are in the result; it does not reject but for a bug. */
export class ImportRun {
  readonly #setup: ImportSetup;
  readonly #control: RunControl;
  readonly #tracker: CheckpointTracker;
  readonly #locks: KeyLocks;
  readonly #dispatch: BatchDispatch;
  readonly #saver: CheckpointSaver;
  readonly #taker: RowTaker;
  #ended: 'source' | 'max-rows' | undefined;
  #cutShort: ImportError | undefined;

  constructor(setup: ImportSetup) {
    const { clock, observer, start, maxAhead, concurrency, repository, limiter, random } = setup;
    this.#setup = setup;
    const control = new RunControl(setup.signal);
    this.#control = control;
    const maxHeldTokens = concurrency * setup.batchLimits.maxTokens + maxWaitingTokens;
    this.#tracker = new CheckpointTracker(
      { maxAhead, maxHeldBytes, maxHeldTokens, reusesSlots: isDirect(repository) },
      start,
    );
    const unparked = (token: Token) => this.#dispatch.giveBack(token);
    this.#locks = new KeyLocks(clock, setup.settleMs, unparked, setup.everyRowCounts);
    const { rejects, store, hash, stallTimeoutMs, maxRejects } = setup;
    const tracker = this.#tracker;
    this.#saver = new CheckpointSaver({ tracker, hash, rejects, store, clock, observer, control });
    const fates = new RowFates({ tracker, locks: this.#locks, observer, control, maxRejects });
    const writer = new BatchWriter({
      ...{ repository, limiter, clock, random, observer, control, stallTimeoutMs },
      fates: {
        written: (token) => fates.done(token, 'written'),
        kept: (token) => fates.done(token, 'kept'),
        giveBack: (token) => this.#dispatch.giveBack(token),
        rejected: (token, message) => fates.refused(token, message),
        doubtful: (tokens) => this.#locks.doubt(tokens),
      },
      hasSortKey: setup.mapper.hasSortKey,
      hasWritten: (start?.counts.written ?? 0) > 0,
      detach: (token) => this.#tracker.detach(token, (held) => setup.mapper.detach(held)),
      ...(setup.pace !== undefined && { pace: setup.pace }),
    });
    this.#dispatch = new BatchDispatch({
      ...{ concurrency, limits: setup.batchLimits, clock, control },
      write: (batch, end) => writer.start(batch, end),
      onEnd: () => this.#saver.saveIfDue(),
    });
    const { mapper, skipRows, maxRows, expectRows } = setup;
    this.#taker = new RowTaker({
      ...{
        mapper,
        tracker,
        locks: this.#locks,
        fates,
        dispatch: this.#dispatch,
        saver: this.#saver,
        control,
        observer,
        clock,
      },
      ...{ skipRows, maxRows, expectRows, rowsRead: start?.mark.ordinal ?? 0 },
      remember: repository.remember?.bind(repository),
    });
    control.onStop(() => limiter.stop());
    control.onStop(() => setup.pace?.stop());
  }

  get figures(): PipelineFigures {
    const { limiter, pace } = this.#setup;
    const { slotsMs, sourceMs } = this.#dispatch.waits;
    return {
      rowsRead: this.#taker.rowsRead,
      rowsDone: Object.values(this.#tracker.totals).reduce((sum, count) => sum + count, 0),
      place: this.#taker.place,
      inFlight: this.#dispatch.inFlight - limiter.waiting,
      permits: limiter.granted,
      ratePerSecond: pace === undefined ? limiter.ratePerSecond : pace.ratePerSecond,
      ...(pace !== undefined && { limitPerSecond: pace.limitPerSecond }),
      limiterWaitMs: limiter.waitedMs,
      slotWaitMs: slotsMs,
      sourceWaitMs: sourceMs,
      aheadWaitMs: this.#taker.aheadMs,
    };
  }

  /** Ends the run for a fault that came up beside it. */
  fail(fault: unknown): void {
    this.#control.fail(fault);
  }

  /** The way of the data: blocks of rows, tokens, batches in flight, and the checkpoint at the end. */
  async run(): Promise<ImportResult> {
    const { blocks } = this.#setup;
    this.#saver.start();
    try {
      for (let block = await this.#nextBlock(); block !== undefined; block = await this.#nextBlock()) {
        await this.#taker.take(block);
        if (this.#taker.hasEnough) this.#ended = 'max-rows';
        if (this.#ended !== undefined || this.#control.stopped) break;
      }
      await this.#control.unlessStopped(this.#dispatch.whileAllIsSent(this.#tracker.allDone()));
      if (this.#cutShort !== undefined) throw this.#cutShort;
      if (this.#ended === 'source') this.#taker.checkTooFewRows();
    } catch (fault) {
      this.#control.fail(fault);
    }
    await this.#dispatch.drained();
    const { failed, fault } = this.#control;
    // After a bug nobody knows what it left under way.
    const inDoubt = this.#locks.hasDoubts || (failed && !(fault instanceof ImportError));
    const settled = this.#setup.writesBefore !== 'unsettled' && !inDoubt;
    this.#locks.stop();
    this.#setup.pace?.stop();
    await this.#saver.close(settled);
    // A source that is silent, as a pipe can be, would not let go before its next bytes.
    void blocks.return(undefined).catch(() => {});
    return this.#result();
  }

  async #nextBlock(): Promise<RowBlock | undefined> {
    const next = this.#dispatch.whileSourceIsSilent(this.#setup.blocks.next());
    const result = await this.#control.unlessStopped(next).catch((fault: unknown) => {
      // What came before the cut is written first.
      if (!(fault instanceof ImportError) || fault.code !== 'source-truncated') throw fault;
      this.#cutShort = fault;
      return undefined;
    });
    if (result?.done === true) this.#ended = 'source';
    return result?.done === true ? undefined : result?.value;
  }

  #result(): ImportResult {
    const pending = this.#tracker.countPending();
    const counts = { read: this.#taker.rowsRead, ...this.#tracker.totals, pending };
    const { written, superseded, kept, rejected, skipped } = counts;
    return {
      counts,
      rejectsByCode: this.#tracker.rejectsByCode,
      balanced: counts.read === written + superseded + kept + rejected + skipped + pending,
      finished: this.#ended !== undefined && pending === 0 && !this.#control.failed,
      endOfSource: this.#ended === 'source',
      ...(this.#control.failed && { fault: this.#control.fault }),
    };
  }
}
