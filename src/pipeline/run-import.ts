import type { Batch } from '../domain/batch.ts';
import type { Progress } from '../domain/checkpoint.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RejectedRow, RowFault } from '../domain/rejected-row.ts';
import { Row } from '../domain/row.ts';
import type { RowCounts } from '../domain/run-summary.ts';
import type { Token } from '../domain/token.ts';
import type { RowBlock } from '../input/row-reader.ts';
import type { RunningHash } from '../input/source-hash.ts';
import type { RateLimiter } from '../limit/rate-limiter.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { RejectSink } from '../ports/reject-sink.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import type { BatchLimits } from './build-batches.ts';
import { CheckpointTracker } from './checkpoint-tracker.ts';
import { BatchDispatch } from './dispatch-batches.ts';
import { KeyLocks } from './key-locks.ts';
import type { RowMapper } from './map-row.ts';
import { type RejectLimit, tooManyRejects } from './reject-policy.ts';
import { RunControl } from './run-control.ts';
import { CheckpointSaver } from './save-checkpoints.ts';
import { BatchWriter } from './write-batch.ts';

/** Payloads in flight and unsaved rejects that are held at most, whatever the size of the rows. */
const maxHeldBytes = 64 * 1024 * 1024;

export type ImportSetup = {
  /** Rows from the mark on. */
  readonly blocks: AsyncGenerator<RowBlock>;
  readonly mapper: RowMapper;
  readonly repository: TokenRepository;
  readonly limiter: RateLimiter;
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
  readonly concurrency: number;
  readonly batchLimits: BatchLimits;
  readonly maxAhead: number;
  readonly settleMs: number;
  readonly stallTimeoutMs: number;
  readonly maxRejects: RejectLimit;
  readonly skipRows: number;
  /** Rows behind the skipped ones after which reading ends. */
  readonly maxRows?: number | undefined;
  readonly expectRows?: number | undefined;
};

export type ImportResult = {
  readonly counts: RowCounts;
  readonly rejectsByCode: Readonly<Record<string, number>>;
  /** Whether `read` is the sum of the other counts. */
  readonly balanced: boolean;
  /** Whether all rows that were wanted are done. */
  readonly finished: boolean;
  /** Whether the source was read to its end, and not just to `maxRows`. */
  readonly endOfSource: boolean;
  /** What ended the run early, if not the signal. */
  readonly fault?: unknown;
};

/** Figures of a run under way. */
export type ImportFigures = { readonly rowsRead: number; readonly inFlight: number };

/** One import from rows to result. Faults of the run are in the result; it does not reject but for a bug. */
export class ImportRun {
  readonly #setup: ImportSetup;
  readonly #control: RunControl;
  readonly #tracker: CheckpointTracker;
  readonly #locks: KeyLocks;
  readonly #dispatch: BatchDispatch;
  readonly #saver: CheckpointSaver;
  #rowsRead: number;
  #rejected: number;
  #ended: 'source' | 'max-rows' | undefined;

  constructor(setup: ImportSetup) {
    const { clock, observer, start, maxAhead, concurrency, repository, limiter, random } = setup;
    this.#setup = setup;
    this.#rowsRead = start?.mark.ordinal ?? 0;
    this.#rejected = start?.counts.rejected ?? 0;
    const control = new RunControl(setup.signal);
    this.#control = control;
    this.#tracker = new CheckpointTracker({ maxAhead, maxHeldBytes }, start);
    this.#locks = new KeyLocks(clock, setup.settleMs, (token) => this.#dispatch.giveBack(token));
    const { rejects, store, hash, stallTimeoutMs } = setup;
    const tracker = this.#tracker;
    this.#saver = new CheckpointSaver({ tracker, hash, rejects, store, clock, observer, control });
    const fates = {
      written: (token: Token) => this.#written(token),
      giveBack: (token: Token) => this.#dispatch.giveBack(token),
      rejected: (token: Token, message: string) => this.#refused(token, message),
      doubtful: (tokens: readonly Token[]) => this.#locks.doubt(tokens),
    };
    const writer = new BatchWriter({ repository, limiter, clock, random, observer, control, fates, stallTimeoutMs });
    const write = async (batch: Batch) => {
      await writer.write(batch);
      this.#saver.saveIfDue();
    };
    this.#dispatch = new BatchDispatch({ concurrency, limits: setup.batchLimits, clock, control, write });
    control.onStop(() => limiter.stop());
  }

  get figures(): ImportFigures {
    return { rowsRead: this.#rowsRead, inFlight: this.#dispatch.inFlight };
  }

  /** The way of the data: blocks of rows, tokens, batches in flight, and the checkpoint at the end. */
  async run(): Promise<ImportResult> {
    const { blocks } = this.#setup;
    this.#saver.start();
    try {
      for (let block = await this.#nextBlock(); block !== undefined; block = await this.#nextBlock()) {
        if (!(await this.#takeRows(block))) break;
      }
      await this.#control.unlessStopped(this.#dispatch.whileAllIsSent(this.#tracker.allDone()));
      this.#checkTooFewRows();
    } catch (fault) {
      this.#control.fail(fault);
    }
    await this.#dispatch.drained();
    const settled = !this.#locks.hasDoubts;
    this.#locks.stop();
    await this.#saver.close(settled);
    // A source that is silent, as a pipe can be, would not let go before its next bytes.
    void blocks.return(undefined).catch(() => {});
    return this.#result();
  }

  async #nextBlock(): Promise<RowBlock | undefined> {
    const next = this.#dispatch.whileSourceIsSilent(this.#setup.blocks.next());
    const result = await this.#control.unlessStopped(next);
    if (result?.done === true) this.#ended = 'source';
    return result?.done === true ? undefined : result?.value;
  }

  /** Returns false where no further row is wanted. */
  async #takeRows({ rows, fileIndex, line, byteOffset }: RowBlock): Promise<boolean> {
    const { skipRows, maxRows = Number.POSITIVE_INFINITY, mapper, observer } = this.#setup;
    const before = this.#rowsRead;
    const end = skipRows + maxRows;
    let rowLine = line;
    for (let i = 0; i < rows.count && this.#rowsRead < end; i++) {
      const start = rows.starts[i]!;
      const byteLength = rows.nexts[i]! - start;
      const lines = rows.lines[i]!;
      if (rows.kinds[i] !== 'blank') {
        if (this.#tracker.full || this.#dispatch.crowded) await this.#room();
        if (this.#control.stopped) break;
        const offset = byteOffset + start - rows.starts[0]!;
        const row = new Row(rows.buffer, start, byteLength, fileIndex, this.#rowsRead++, rowLine, lines, offset);
        this.#tracker.add(row);
        if (row.ordinal < skipRows) this.#tracker.skip(row);
        else this.#take(mapper.map(rows, i, row), row);
      }
      rowLine += lines;
    }
    observer.on({ kind: 'rows-read', rows: this.#rowsRead - before });
    this.#checkTooManyRows();
    this.#saver.saveIfDue();
    if (this.#rowsRead >= end) this.#ended = 'max-rows';
    return this.#ended === undefined && !this.#control.stopped;
  }

  #take(token: Token | undefined, row: Row): void {
    if (token === undefined) {
      this.#reject(row, this.#setup.mapper.fault);
      return;
    }
    this.#tracker.hold(token);
    if (this.#locks.admit(token)) this.#dispatch.add(token);
  }

  async #room(): Promise<void> {
    while (this.#tracker.full && !this.#control.stopped) {
      this.#saver.saveIfDue();
      await this.#control.unlessStopped(this.#dispatch.whileAllIsSent(this.#tracker.room()));
    }
    if (this.#dispatch.crowded) await this.#control.unlessStopped(this.#dispatch.room());
  }

  #written(token: Token): void {
    for (const replaced of this.#locks.written(token)) this.#tracker.done(replaced, 'superseded');
    this.#tracker.done(token, 'written');
  }

  #refused(token: Token, message: string): void {
    this.#reject(token.row, { code: 'refused-by-table', message }, token);
    this.#locks.rejected(token);
  }

  #reject(row: Row, fault: RowFault, token?: Token): void {
    const { fileIndex, ordinal, line, byteOffset, byteLength } = row;
    const rejected: RejectedRow = {
      ...fault,
      position: { fileIndex, ordinal, line, byteOffset, byteLength },
      // A copy: a view would keep the whole chunk in memory.
      bytes: Uint8Array.from(row.bytes),
    };
    this.#tracker.reject(rejected, token);
    this.#rejected++;
    this.#setup.observer.on({ kind: 'row-rejected', row: rejected });
    const fatal = tooManyRejects(this.#setup.maxRejects, this.#rejected, this.#rowsRead);
    if (fatal !== undefined) this.#control.fail(fatal);
  }

  #checkTooManyRows(): void {
    const { expectRows } = this.#setup;
    if (expectRows !== undefined && this.#rowsRead > expectRows) throw unexpectedRows(expectRows, 'more');
  }

  #checkTooFewRows(): void {
    const { expectRows } = this.#setup;
    if (this.#ended !== 'source') return;
    if (this.#rowsRead === 0) {
      throw new ImportError('source-empty', 'the source holds a header but no rows', { hint: 'Check the dump.' });
    }
    if (expectRows !== undefined && this.#rowsRead < expectRows) {
      throw unexpectedRows(expectRows, `only ${this.#rowsRead}`);
    }
  }

  #result(): ImportResult {
    const pending = this.#tracker.countPending();
    const counts = { read: this.#rowsRead, ...this.#tracker.totals, pending };
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

function unexpectedRows(expected: number, got: string): ImportError {
  return new ImportError('unexpected-row-count', `--expect-rows ${expected}, but the source holds ${got}`, {
    hint: 'Compare with SELECT COUNT(*) in the snapshot that the dump was made from.',
  });
}
