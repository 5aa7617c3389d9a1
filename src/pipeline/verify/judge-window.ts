import type { Token } from '../../domain/token.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { RunControl } from '../run-control.ts';
import type { BatchReader } from './read-batch.ts';
import type { BatchProgress } from './verify-run.ts';

/** Batches under way and, behind a slow one, waiting for their turn: this many times the concurrency. */
const windowPerSlot = 4;

type JudgeWindowSetup = {
  readonly batchReader: BatchReader;
  readonly control: RunControl;
  readonly concurrency: number;
  /** Called batch by batch in the order in which they were added. */
  readonly judged: (verdicts: ReadonlyMap<Token, Verdict>, progress: BatchProgress) => void;
};

type Batch = {
  readonly tokens: readonly Token[];
  readonly progress: BatchProgress;
  isStarted: boolean;
  verdicts?: ReadonlyMap<Token, Verdict>;
};

/** Reads batches many at once and judges them in order: what is read early waits for those before it. */
export class JudgeWindow {
  readonly #setup: JudgeWindowSetup;
  readonly #batches: Batch[] = [];
  #reading = 0;
  #onChange: (() => void) | undefined;

  constructor(setup: JudgeWindowSetup) {
    this.#setup = setup;
    setup.control.onStop(() => this.#onChange?.());
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  add(tokens: readonly Token[], progress: BatchProgress): void {
    this.#batches.push({ tokens, progress, isStarted: false });
    this.#start();
  }

  /** Undefined where another batch may be added now; else resolves when that is so, or the run stops. */
  room(): Promise<void> | undefined {
    const most = this.#setup.concurrency * windowPerSlot;
    return this.#batches.length < most ? undefined : this.#until(() => this.#batches.length < most);
  }

  /** Resolves when all are judged, or the run stops. */
  empty(): Promise<void> {
    return this.#until(() => this.isEmpty);
  }

  /** Resolves when nothing is in flight. */
  async drained(): Promise<void> {
    while (this.#reading > 0) await this.#change();
  }

  #start(): void {
    const { control, concurrency } = this.#setup;
    for (const batch of this.#batches) {
      if (this.#reading >= concurrency || control.stopped) return;
      if (batch.isStarted) continue;
      batch.isStarted = true;
      this.#reading++;
      void this.#read(batch);
    }
  }

  async #read(batch: Batch): Promise<void> {
    const { batchReader, control } = this.#setup;
    try {
      const verdicts = await batchReader.read(batch.tokens);
      if (verdicts !== undefined) batch.verdicts = verdicts;
      this.#judge();
    } catch (error) {
      control.fail(error);
    }
    this.#reading--;
    this.#start();
    this.#onChange?.();
  }

  #judge(): void {
    for (let batch = this.#batches[0]; batch?.verdicts !== undefined; batch = this.#batches[0]) {
      this.#batches.shift();
      this.#setup.judged(batch.verdicts, batch.progress);
    }
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#setup.control.stopped) await this.#change();
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
