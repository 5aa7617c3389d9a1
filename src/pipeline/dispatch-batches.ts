import { addIndexUnits, type Batch, type Token } from '../domain/token.ts';
import { TimeSpent } from '../limit/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
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
  get waits(): { readonly slotWaitMs: number; readonly sourceWaitMs: number } {
    const nowMs = this.#setup.clock.nowMs();
    return { slotWaitMs: this.#allTaken.totalMs(nowMs), sourceWaitMs: this.#sourceAwaited.totalMs(nowMs) };
  }

  /** Whether the source should wait, because more tokens are ready than the slots take. */
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

  enqueue(token: Token): void {
    this.#ready.enqueue(token);
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

/** What closes a batch: the first of these that the next token would pass. */
export type BatchLimits = {
  readonly maxTokens: number;
  readonly maxBodyBytes: number;
  /** At low rates a batch is kept small, so that a request does not take permits of many seconds at once. */
  readonly maxWriteUnits: number;
  /** The same for each global index of the table. */
  readonly maxIndexUnits?: readonly number[];
};

/** Tokens ready to be sent, those that came back before those from the source, and the batches made of them. */
export class ReadyTokens {
  readonly #limits: BatchLimits;
  readonly #returned = new TokenQueue();
  readonly #fresh = new TokenQueue();

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#returned.length + this.#fresh.length;
  }

  enqueue(token: Token): void {
    this.#fresh.push(token);
  }

  /** A token that was handed back, or waited for an earlier row with its key. */
  giveBack(token: Token): void {
    this.#returned.push(token);
  }

  /** The next batch; a short one only where `evenIfShort`. */
  takeBatch(evenIfShort: boolean): Batch | undefined {
    if (this.length === 0 || (!evenIfShort && !this.#reachesLimit())) return undefined;
    const { maxTokens, maxBodyBytes, maxWriteUnits, maxIndexUnits } = this.#limits;
    const tokens: Token[] = [];
    const indexUnits = maxIndexUnits?.map(() => 0);
    let writeUnits = 0;
    let bodyBytes = 0;
    for (;;) {
      const queue = this.#returned.length > 0 ? this.#returned : this.#fresh;
      const token = queue.first;
      if (token === undefined || tokens.length === maxTokens) break;
      const fits = bodyBytes + token.bodyBytes <= maxBodyBytes && writeUnits + token.writeUnits <= maxWriteUnits;
      if (tokens.length > 0 && !(fits && (indexUnits === undefined || this.#fitsIndexes(indexUnits, token)))) break;
      queue.shift();
      tokens.push(token);
      writeUnits += token.writeUnits;
      bodyBytes += token.bodyBytes;
      if (indexUnits !== undefined) addIndexUnits(indexUnits, token.indexUnits!);
    }
    return indexUnits === undefined ? { tokens, writeUnits } : { tokens, writeUnits, indexUnits };
  }

  #fitsIndexes(taken: readonly number[], token: Token): boolean {
    return this.#limits.maxIndexUnits!.every((most, i) => taken[i]! + token.indexUnits![i]! <= most);
  }

  #reachesLimit(): boolean {
    const { maxTokens, maxBodyBytes, maxWriteUnits } = this.#limits;
    if (this.length >= maxTokens) return true;
    const writeUnits = this.#returned.writeUnits + this.#fresh.writeUnits;
    return writeUnits >= maxWriteUnits || this.#returned.bodyBytes + this.#fresh.bodyBytes >= maxBodyBytes;
  }
}

/** First in, first out; shifting an array of thousands would copy it. */
class TokenQueue {
  #tokens: (Token | undefined)[] = [];
  #head = 0;
  writeUnits = 0;
  bodyBytes = 0;

  get length(): number {
    return this.#tokens.length - this.#head;
  }

  get first(): Token | undefined {
    return this.#tokens[this.#head];
  }

  push(token: Token): void {
    this.#tokens.push(token);
    this.writeUnits += token.writeUnits;
    this.bodyBytes += token.bodyBytes;
  }

  shift(): void {
    const token = this.#tokens[this.#head]!;
    this.#tokens[this.#head++] = undefined;
    this.writeUnits -= token.writeUnits;
    this.bodyBytes -= token.bodyBytes;
    if (this.#head < 1024 && this.#head < this.#tokens.length) return;
    this.#tokens = this.#tokens.slice(this.#head);
    this.#head = 0;
  }
}
