import { ImportError } from '../domain/import-error.ts';
import type { PipelineFigures } from '../domain/run-totals.ts';
import type { RowBlock } from '../input/row-reader.ts';
import { BatchDispatch } from './dispatch-batches.ts';
import { type ImportResult, type ImportSetup, ledgerLimits, ledgerStart, resultOf } from './import-setup.ts';
import { KeyLocks } from './key-locks.ts';
import { Ledger } from './ledger.ts';
import { RowFates } from './row-fates.ts';
import { RunControl } from './run-control.ts';
import { CheckpointSaver } from './save-checkpoints.ts';
import { RowTaker } from './take-rows.ts';
import { BatchWriter } from './write-batch.ts';

/**
 * One import from rows to result, stage by stage:
 *
 *     source → frame                   `blocks`, from the reader of the source
 *     → decode → map                   RowMapper: a token of each row, or the fault that it is rejected for
 *     → track                          Ledger: holds what is in flight, and the mark below which all is done
 *     → lock                           KeyLocks: one token a key goes on, later ones wait
 *     → batch → slot                   BatchDispatch: a batch whenever a slot is free
 *     → connection → permits → write   BatchWriter: the lease, then the permits, then the attempt
 *     → settle                         RowFates: what became of the row; its key is free, after an unknown fate later
 *     → checkpoint                     CheckpointSaver: rejects first, then the mark
 */
export class ImportRun {
  readonly #setup: ImportSetup;
  readonly #control: RunControl;
  readonly #ledger: Ledger;
  readonly #locks: KeyLocks;
  readonly #dispatch: BatchDispatch;
  readonly #saver: CheckpointSaver;
  readonly #taker: RowTaker;
  #ended: 'source' | 'max-rows' | undefined;
  #cutShort: ImportError | undefined;

  constructor(setup: ImportSetup) {
    const { clock, observer, mapper, repository, limiter, pace, start, batchLimits, concurrency } = setup;
    this.#setup = setup;
    const control = new RunControl(setup.signal);
    const ledger = new Ledger(ledgerLimits(setup), ledgerStart(setup));
    const locks = new KeyLocks(clock, setup.settleMs, (token) => dispatch.giveBack(token), setup.everyRowCounts);
    const dispatch: BatchDispatch = new BatchDispatch({
      concurrency,
      limits: batchLimits,
      clock,
      control,
      write: (batch, end) => writer.start(batch, end),
      onEnd: () => saver.saveIfDue(),
    });
    const fates = new RowFates({ ledger, locks, observer, control, maxRejects: setup.maxRejects });
    const writer = new BatchWriter({
      ...setup,
      control,
      hasSortKey: mapper.hasSortKey,
      hasWritten: (start?.counts.written ?? 0) + (start?.counts.deleted ?? 0) > 0,
      detach: (token) => ledger.detach(token, (held) => mapper.detach(held)),
      fates: {
        written: (token) => fates.done(token, token.deletes === true ? 'deleted' : 'written'),
        kept: (token) => fates.done(token, 'kept'),
        giveBack: (token) => dispatch.giveBack(token),
        rejected: (token, message) => fates.refused(token, message),
        doubtful: (tokens) => locks.doubt(tokens),
      },
    });
    const saver = new CheckpointSaver({ ...setup, ledger, control });
    const remember = repository.remember?.bind(repository);
    const rowsRead = start?.mark.ordinal ?? 0;
    this.#taker = new RowTaker({ ...setup, ledger, locks, fates, dispatch, saver, control, remember, rowsRead });
    this.#control = control;
    this.#ledger = ledger;
    this.#locks = locks;
    this.#dispatch = dispatch;
    this.#saver = saver;
    control.onStop(() => limiter.stop());
    control.onStop(() => pace?.stop());
  }

  get figures(): PipelineFigures {
    const { limiter, pace } = this.#setup;
    const fates = { ...this.#ledger.totals };
    return {
      ...this.#dispatch.waits,
      rowsRead: this.#taker.rowsRead,
      place: this.#taker.place,
      aheadWaitMs: this.#taker.aheadMs,
      fates,
      rowsDone: Object.values(fates).reduce((sum, count) => sum + count, 0),
      inFlight: this.#dispatch.inFlight - limiter.waiting,
      permits: limiter.granted,
      ratePerSecond: pace === undefined ? limiter.ratePerSecond : pace.ratePerSecond,
      ...(pace !== undefined && { limitPerSecond: pace.limitPerSecond }),
      limiterWaitMs: limiter.waitedMs,
    };
  }

  /** Ends the run for a fault that came up outside it. */
  fail(fault: unknown): void {
    this.#control.fail(fault);
  }

  /** Faults of the run are in the result; it does not reject but for a bug. */
  async run(): Promise<ImportResult> {
    this.#saver.start();
    try {
      await this.#takeBlocks();
      await this.#control.unlessStopped(this.#dispatch.whileAllIsSent(this.#ledger.allDone()));
      if (this.#cutShort !== undefined) throw this.#cutShort;
      if (this.#ended === 'source') this.#taker.checkTooFewRows();
    } catch (fault) {
      this.#control.fail(fault);
    }
    await this.#dispatch.drained();
    const { failed, fault } = this.#control;
    // After a bug it is unknown which requests are still under way.
    const inDoubt = this.#locks.hasDoubts || (failed && !(fault instanceof ImportError));
    this.#locks.stop();
    this.#setup.pace?.stop();
    await this.#saver.saveLast(this.#setup.writesBefore !== 'unsettled' && !inDoubt);
    // A source that is silent, as a pipe can be, would not let go before its next bytes.
    void this.#setup.blocks.return(undefined).catch(() => {});
    return resultOf(this.#taker.rowsRead, this.#ledger, this.#control, this.#ended);
  }

  async #takeBlocks(): Promise<void> {
    while (this.#ended === undefined && !this.#control.stopped) {
      const block = await this.#nextBlock();
      if (block === undefined) return;
      await this.#taker.take(block);
      if (this.#taker.hasEnough) this.#ended = 'max-rows';
    }
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
}
