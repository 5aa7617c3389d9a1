import type { Batch, Token } from '../domain/token.ts';
import { TimeSpent } from '../limit/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
import { type BatchLimits, ReadyTokens } from './build-batches.ts';
import type { RunControl } from './run-control.ts';
import { type EndTask, WorkerPool } from './worker-pool.ts';

/** How long the source may be silent before a short batch goes out. */
const lingerMs = 50;

type DispatchSetup = {
  readonly concurrency: number;
  readonly limits: BatchLimits;
  readonly clock: Clock;
  readonly control: RunControl;
  /** The slot is free when `end` was called, or when what it was given is done. */
  readonly write: (batch: Batch, end: EndTask) => void;
  /** Called after each batch. */
  readonly onEnd?: () => void;
};

/**
 * Forms a batch whenever a slot is free: full ones as long as the source gives rows, short ones when it does not.
 * Batches are formed late, so that tokens which come back travel with fresh ones.
 */
export class BatchDispatch {
  readonly #ready: ReadyTokens;
  readonly #pool: WorkerPool;
  readonly #setup: DispatchSetup;
  readonly #crowd: number;
  readonly #allTaken = new TimeSpent();
  readonly #sourceAwaited = new TimeSpent();
  #full = false;
  #evenIfShort = false;
  #onRoom: (() => void) | undefined;

  constructor(setup: DispatchSetup) {
    this.#setup = setup;
    this.#ready = new ReadyTokens(setup.limits);
    const onFree = () => {
      setup.onEnd?.();
      this.#pump();
    };
    this.#pool = new WorkerPool(setup.concurrency, onFree, (fault) => setup.control.fail(fault));
    this.#crowd = setup.limits.maxTokens * 2;
  }

  get inFlight(): number {
    return this.#pool.inFlight;
  }

  /** How long every slot was taken, and how long the source was waited for. */
  get waits(): { readonly slotsMs: number; readonly sourceMs: number } {
    const nowMs = this.#setup.clock.nowMs();
    return { slotsMs: this.#allTaken.totalMs(nowMs), sourceMs: this.#sourceAwaited.totalMs(nowMs) };
  }

  /** True where the source should wait: more tokens are ready than the workers take. */
  get crowded(): boolean {
    return this.#ready.length >= this.#crowd;
  }

  /** Resolves when `crowded` no longer holds. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
      this.#signalRoom();
    });
  }

  add(token: Token): void {
    this.#ready.add(token);
    if (this.#pool.hasSlot) this.#pump();
  }

  /** A token to be sent again, or one whose key is free now. */
  giveBack(token: Token): void {
    this.#ready.giveBack(token);
    this.#pump();
  }

  /** Awaits the source's next rows; if it takes its time, what is ready goes out. */
  async whileSourceIsSilent<T>(next: Promise<T>): Promise<T> {
    const { clock } = this.#setup;
    const cancel = clock.setTimer(lingerMs, () => this.#sendShort(true));
    this.#sourceAwaited.begin(clock.nowMs());
    try {
      return await next;
    } finally {
      cancel();
      this.#sourceAwaited.end(clock.nowMs());
      this.#sendShort(false);
    }
  }

  /** Awaits what only the writing of all that is ready can bring about. */
  async whileAllIsSent<T>(next: Promise<T>): Promise<T> {
    this.#sendShort(true);
    try {
      return await next;
    } finally {
      this.#sendShort(false);
    }
  }

  /** Resolves when nothing is in flight. */
  async drained(): Promise<void> {
    await this.#pool.drained();
  }

  #sendShort(evenIfShort: boolean): void {
    this.#evenIfShort = evenIfShort;
    if (evenIfShort) this.#pump();
  }

  #pump(): void {
    while (this.#pool.hasSlot && !this.#setup.control.stopped) {
      const batch = this.#ready.takeBatch(this.#evenIfShort);
      if (batch === undefined) break;
      this.#pool.start((end) => this.#setup.write(batch, end));
    }
    this.#noteSlots();
    this.#signalRoom();
  }

  #noteSlots(): void {
    const full = !this.#pool.hasSlot;
    if (full === this.#full) return;
    this.#full = full;
    const nowMs = this.#setup.clock.nowMs();
    if (full) this.#allTaken.begin(nowMs);
    else this.#allTaken.end(nowMs);
  }

  #signalRoom(): void {
    if (this.#onRoom === undefined || this.crowded) return;
    const resolve = this.#onRoom;
    this.#onRoom = undefined;
    resolve();
  }
}
