import type { Mark } from '../../domain/checkpoint.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { VerifiedRows, VerifyReport } from '../../domain/run-summary.ts';
import type { Token } from '../../domain/token.ts';
import { backoffMs, type RateLimiter } from '../../limit/rate-limiter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Comparison, TokenReader } from '../../ports/token-repository.ts';
import { ProgressGuard, type RunControl } from '../run-control.ts';

/** `read` is the ordinal of the mark. */
export type VerifyCounts = Pick<VerifiedRows, 'equal' | 'superseded' | 'rejected' | 'skipped' | 'elsewhere'> & {
  readonly rejectsByCode: Readonly<Record<string, number>>;
};

/** The position in the source when a batch was complete. */
export type BatchProgress = {
  readonly mark: Mark;
  readonly counts: Omit<VerifyCounts, 'equal'>;
  /** Keys of rows that have expired and are not compared. A row of the batch with one of these keys comes after it. */
  readonly expired?: readonly string[];
};

type BatchReaderOptions = {
  readonly reader: TokenReader;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly random: () => number;
  readonly control: RunControl;
  readonly stallTimeoutMs: number;
  readonly warn: (message: string) => void;
};

/** Reads batches until each token has its comparison. Every attempt takes its own permits (read units). */
export class BatchReader {
  readonly #options: BatchReaderOptions;
  readonly #requests = { sent: 0, throttled: 0, retried: 0, unprocessedKeys: 0 };
  readonly #guard: ProgressGuard;
  readonly #warned = new Set<string>();
  #readUnits = 0;

  constructor(options: BatchReaderOptions) {
    this.#options = options;
    const { reader, clock, control, stallTimeoutMs } = options;
    this.#guard = new ProgressGuard({
      clock,
      control,
      stallTimeoutMs,
      verb: 'read',
      credentials: reader,
      onPause: (reason) => this.#warnOnce(`paused: ${reason}`),
    });
  }

  get requests(): VerifyReport['requests'] {
    return this.#requests;
  }

  /** Units consumed according to the table, or estimated if it does not say. */
  get readUnits(): number {
    return this.#readUnits;
  }

  /** Undefined if the run was stopped before all were read. */
  async read(tokens: readonly Token[]): Promise<ReadonlyMap<Token, Comparison> | undefined> {
    const { reader, limiter, control } = this.#options;
    const comparisons = new Map<Token, Comparison>();
    let left = tokens;
    for (let attempt = 1; left.length > 0; attempt++) {
      if (this.#guard.pause !== undefined) await this.#guard.pause;
      if (control.stopped) return undefined;
      const given = await reader.lease?.();
      const lease = given?.kind === 'lease' ? given : undefined;
      const failed = given?.kind === 'lease' ? undefined : given;
      if (failed === undefined) {
        if (!(await limiter.acquire(this.#unitsOf(left), undefined, false, lease))) {
          // The run was stopped, or the lease lapsed while other batches were served.
          lease?.release();
          attempt--;
          continue;
        }
        this.#requests.sent++;
        if (attempt > 1) this.#requests.retried++;
      }
      const result = failed ?? (await reader.read(left, lease));
      switch (result.kind) {
        case 'read':
          this.#count(left, result.comparisons, result.consumedReadUnits);
          for (const [token, comparison] of result.comparisons) comparisons.set(token, comparison);
          left = left.filter((token) => !comparisons.has(token));
          if (result.comparisons.size > 0) attempt = 0;
          if (left.length > 0) await this.#backOff(Math.max(1, attempt), 'the table hands back keys');
          break;
        case 'throttled':
          this.#requests.throttled++;
          await this.#backOff(attempt, `the table throttles: ${result.reason}`);
          break;
        case 'transient':
          await this.#backOff(attempt, `a request failed and is sent again: ${result.reason}`);
          break;
        case 'expired':
          await this.#guard.renew(result.renewable, result.message);
          break;
        case 'invalid':
          control.fail(new ImportError('service-refused', `a read was refused: ${result.message}`));
          break;
        case 'fatal':
          control.fail(result.error);
          break;
      }
    }
    return comparisons;
  }

  #unitsOf(tokens: Iterable<Token>): number {
    let units = 0;
    for (const token of tokens) units += this.#options.reader.readUnitsOf(token);
    return units;
  }

  /** Charges later attempts with what the table consumed above the permits of this one. */
  #count(asked: readonly Token[], comparisons: ReadonlyMap<Token, Comparison>, consumed: number | undefined): void {
    const { limiter } = this.#options;
    this.#requests.unprocessedKeys += asked.length - comparisons.size;
    const units = consumed ?? this.#unitsOf(comparisons.keys());
    this.#readUnits += units;
    const excess = units - this.#unitsOf(asked);
    if (excess > 0) limiter.charge(excess);
    if (comparisons.size > 0) this.#guard.passed();
  }

  async #backOff(attempt: number, what: string): Promise<void> {
    const { clock, random, control } = this.#options;
    this.#warnOnce(what);
    this.#guard.failed(what);
    await clock.sleep(backoffMs(attempt, random), control.signal);
  }

  /** Warns once of each fault; the report counts them. */
  #warnOnce(what: string): void {
    if (this.#warned.has(what) || this.#warned.size >= 20) return;
    this.#warned.add(what);
    this.#options.warn(what);
  }
}

/** Batches in flight, or waiting after a slow one, as a multiple of the concurrency. */
const windowPerSlot = 4;

type Batch = {
  readonly tokens: readonly Token[];
  readonly progress: BatchProgress;
  isStarted: boolean;
  comparisons?: ReadonlyMap<Token, Comparison>;
};

/** Reads many batches at once and passes on their comparisons in the order in which the reads were asked for. */
export class OrderedReads {
  readonly #batchReader: BatchReader;
  readonly #control: RunControl;
  readonly #concurrency: number;
  readonly #onCompared: (comparisons: ReadonlyMap<Token, Comparison>, progress: BatchProgress) => void;
  readonly #batches: Batch[] = [];
  #reading = 0;
  #onChange: (() => void) | undefined;

  constructor(
    batchReader: BatchReader,
    control: RunControl,
    concurrency: number,
    onCompared: (comparisons: ReadonlyMap<Token, Comparison>, progress: BatchProgress) => void,
  ) {
    this.#batchReader = batchReader;
    this.#control = control;
    this.#concurrency = concurrency;
    this.#onCompared = onCompared;
    control.onStop(() => this.#onChange?.());
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  readBatch(tokens: readonly Token[], progress: BatchProgress): void {
    this.#batches.push({ tokens, progress, isStarted: false });
    this.#start();
  }

  /** Undefined if another batch may be read now; else resolves when it may, or when the run stops. */
  room(): Promise<void> | undefined {
    const most = this.#concurrency * windowPerSlot;
    return this.#batches.length < most ? undefined : this.#until(() => this.#batches.length < most);
  }

  /** Resolves when all comparisons were passed on, or when the run stops. */
  empty(): Promise<void> {
    return this.#until(() => this.isEmpty);
  }

  /** Resolves when nothing is in flight. */
  async drained(): Promise<void> {
    while (this.#reading > 0) await this.#change();
  }

  #start(): void {
    for (const batch of this.#batches) {
      if (this.#reading >= this.#concurrency || this.#control.stopped) return;
      if (batch.isStarted) continue;
      batch.isStarted = true;
      this.#reading++;
      void this.#read(batch);
    }
  }

  async #read(batch: Batch): Promise<void> {
    try {
      const comparisons = await this.#batchReader.read(batch.tokens);
      if (comparisons !== undefined) batch.comparisons = comparisons;
      this.#passOn();
    } catch (error) {
      this.#control.fail(error);
    }
    this.#reading--;
    this.#start();
    this.#onChange?.();
  }

  #passOn(): void {
    for (let batch = this.#batches[0]; batch?.comparisons !== undefined; batch = this.#batches[0]) {
      this.#batches.shift();
      this.#onCompared(batch.comparisons, batch.progress);
    }
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#control.stopped) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        this.#onChange = undefined;
        resolve();
      };
    });
  }
}
