import { ownText } from '../domain/key.ts';
import type { Token } from '../domain/token.ts';
import type { Clock } from '../ports/clock.ts';
import { KeySet } from './key-set.ts';

/**
 * A key's latest row that waits, with the rows it replaced, oldest first; they count as superseded once it is written.
 * Where every row counts none is replaced, and those behind the first wait in order.
 */
type Parked = { token: Token; replaced: Token[]; readonly behind: Token[] };

const none: readonly Token[] = [];

/**
 * Keeps a key out of two batches in flight, so that the last row wins.
 *
 *     admit ─▶ active (one a key) ─▶ written ─▶ [settling, after an attempt of unknown fate] ─▶ free
 *                │ a later row with the key
 *                ▼
 *              parked (one a key; a newer one replaces it) ─▶ active, when the key is free
 */
export class KeyLocks {
  readonly #clock: Clock;
  readonly #settleMs: number;
  /** Called with a parked token whose key is free now. */
  readonly #onUnparked: (token: Token) => void;
  readonly #everyRowCounts: boolean;
  readonly #active = new KeySet();
  readonly #parked = new Map<string, Parked>();
  /** What an active token replaced while it was parked. */
  readonly #replaced = new Map<Token, Token[]>();
  /** Until when a write given up may still take effect, by key. */
  readonly #doubtfulUntilMs = new Map<string, number>();
  readonly #timers = new Map<string, () => void>();

  constructor(clock: Clock, settleMs: number, onUnparked: (token: Token) => void, everyRowCounts = false) {
    this.#everyRowCounts = everyRowCounts;
    this.#clock = clock;
    this.#settleMs = settleMs;
    this.#onUnparked = onUnparked;
  }

  /** Keys that are locked. */
  get size(): number {
    return this.#active.size;
  }

  /** True where a write that was given up may still take effect. */
  get hasDoubts(): boolean {
    const nowMs = this.#clock.nowMs();
    for (const untilMs of this.#doubtfulUntilMs.values()) if (untilMs > nowMs) return true;
    return false;
  }

  /** True where the token may be sent now; otherwise it is parked and comes back through `onUnparked`. */
  admit(token: Token): boolean {
    if (this.#active.add(token.key, token.keyHash)) return true;
    const parked = this.#parked.get(token.key);
    if (parked === undefined) {
      this.#parked.set(ownText(token.key), { token, replaced: [], behind: [] });
    } else if (this.#everyRowCounts) {
      parked.behind.push(token);
    } else {
      parked.replaced.push(parked.token);
      parked.token = token;
    }
    return false;
  }

  /** The active token holds a copy of its key from now on, and so must the lock. */
  detached(token: Token): void {
    this.#active.delete(token.key, token.keyHash);
    this.#active.add(token.key, token.keyHash);
  }

  /** An attempt to write the tokens was given up without an answer: their keys stay locked until it can't take effect. */
  doubt(tokens: readonly Token[]): void {
    const untilMs = this.#clock.nowMs() + this.#settleMs;
    for (const token of tokens) this.#doubtfulUntilMs.set(token.key, untilMs);
  }

  /** The active token was written. Returns the rows that it replaced. */
  written(token: Token): readonly Token[] {
    const replaced = this.#replaced.size === 0 ? none : this.#takeReplaced(token);
    this.#release(token);
    return replaced;
  }

  /** The active token was rejected: the row that it replaced last takes its place, unless a newer one waits. */
  rejected(token: Token): void {
    const replaced = this.#takeReplaced(token);
    const parked = this.#parked.get(token.key);
    const last = replaced.pop();
    if (last !== undefined) {
      if (parked === undefined) this.#parked.set(token.key, { token: last, replaced, behind: [] });
      else parked.replaced = [...replaced, last, ...parked.replaced];
    }
    this.#release(token);
  }

  /** Forgets the timers of keys that settle; nothing is unparked any more. */
  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #takeReplaced(token: Token): Token[] {
    const replaced = this.#replaced.get(token) ?? [];
    this.#replaced.delete(token);
    return replaced;
  }

  #release({ key, keyHash }: Pick<Token, 'key' | 'keyHash'>): void {
    const waitMs = this.#settleWaitMs(key);
    if (waitMs > 0) {
      this.#timers.set(
        key,
        this.#clock.setTimer(waitMs, () => this.#release({ key, keyHash })),
      );
      return;
    }
    if (this.#timers.size > 0) this.#timers.delete(key);
    const parked = this.#parked.size === 0 ? undefined : this.#parked.get(key);
    if (parked === undefined) {
      this.#active.delete(key, keyHash);
      return;
    }
    const { token, replaced } = parked;
    const next = parked.behind.shift();
    if (next === undefined) this.#parked.delete(key);
    else parked.token = next;
    if (replaced.length > 0) this.#replaced.set(token, replaced);
    this.#onUnparked(token);
  }

  #settleWaitMs(key: string): number {
    if (this.#doubtfulUntilMs.size === 0) return 0;
    const untilMs = this.#doubtfulUntilMs.get(key);
    if (untilMs === undefined) return 0;
    const waitMs = untilMs - this.#clock.nowMs();
    if (waitMs <= 0) this.#doubtfulUntilMs.delete(key);
    return waitMs;
  }
}
