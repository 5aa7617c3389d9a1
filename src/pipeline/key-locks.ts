import { hashOfText, type Token } from '../domain/token.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * A key's latest row that waits, with the rows it replaced, oldest first, which count as superseded once it is written.
 * If every row counts, none is replaced, and the rows after the first wait in order.
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
  readonly #active = new TokensByKey();
  // All by active token.
  readonly #parked = new Map<Token, Parked>();
  /** What it replaced while it was parked. */
  readonly #replaced = new Map<Token, Token[]>();
  /** Until when a write given up may still take effect. */
  readonly #doubtfulUntilMs = new Map<Token, number>();
  readonly #timers = new Map<Token, () => void>();

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

  /** Whether a write that was given up may still take effect. */
  get hasDoubts(): boolean {
    const nowMs = this.#clock.nowMs();
    for (const untilMs of this.#doubtfulUntilMs.values()) if (untilMs > nowMs) return true;
    return false;
  }

  /** True if the token may be sent now. Otherwise it is parked, and returns through `onUnparked`. */
  admit(token: Token): boolean {
    const active = this.#active.findOrAdd(token);
    if (active === token) return true;
    const parked = this.#parked.get(active);
    if (parked === undefined) {
      this.#parked.set(active, { token, replaced: [], behind: [] });
    } else if (this.#everyRowCounts) {
      parked.behind.push(token);
    } else {
      parked.replaced.push(parked.token);
      parked.token = token;
    }
    return false;
  }

  /** An attempt to write the tokens was given up without an answer: their keys stay locked until it can't take effect. */
  doubt(tokens: readonly Token[]): void {
    const untilMs = this.#clock.nowMs() + this.#settleMs;
    for (const token of tokens) this.#doubtfulUntilMs.set(token, untilMs);
  }

  /** Whether the key of a token that is done is still locked by it. */
  isSettling(token: Token): boolean {
    return this.#timers.size > 0 && this.#timers.has(token);
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
    const parked = this.#parked.get(token);
    const last = replaced.pop();
    if (last !== undefined) {
      if (parked === undefined) this.#parked.set(token, { token: last, replaced, behind: [] });
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

  #release(token: Token): void {
    const waitMs = this.#settleWaitMs(token);
    if (waitMs > 0) {
      this.#timers.set(
        token,
        this.#clock.setTimer(waitMs, () => this.#release(token)),
      );
      return;
    }
    if (this.#timers.size > 0) this.#timers.delete(token);
    const parked = this.#parked.size === 0 ? undefined : this.#parked.get(token);
    if (parked === undefined) {
      this.#active.remove(token);
      return;
    }
    this.#parked.delete(token);
    this.#active.replace(token, parked.token);
    this.#activate(parked);
  }

  #activate({ token, replaced, behind }: Parked): void {
    const next = behind.shift();
    if (next !== undefined) this.#parked.set(token, { token: next, replaced: [], behind });
    if (replaced.length > 0) this.#replaced.set(token, replaced);
    this.#onUnparked(token);
  }

  #settleWaitMs(token: Token): number {
    if (this.#doubtfulUntilMs.size === 0) return 0;
    const untilMs = this.#doubtfulUntilMs.get(token);
    if (untilMs === undefined) return 0;
    const waitMs = untilMs - this.#clock.nowMs();
    if (waitMs <= 0) this.#doubtfulUntilMs.delete(token);
    return waitMs;
  }
}

const leastSlots = 1024;

/**
 * Tokens that come and go by the million, one a key: slots in open addressing, found by the hash of the key, at most half
 * full. A `Map` links each table that it outgrows to the next, and hashes each text again: worth 0.3 CPU s per million
 * rows (`npm run bench -- --only memory`).
 */
export class TokensByKey {
  #hashes = new Int32Array(leastSlots);
  /** Undefined if the slot is free. */
  #tokens: (Token | undefined)[] = new Array<undefined>(leastSlots).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The token with this key: the one given, if there was none. */
  findOrAdd(token: Token): Token {
    const hash = hashOf(token);
    const slot = this.#find(token, hash);
    const found = this.#tokens[slot];
    if (found !== undefined) return found;
    this.#put(slot, token, hash);
    this.#size++;
    if (this.#size * 2 > this.#tokens.length) this.#grow();
    return token;
  }

  /** `next` has the same key. */
  replace(token: Token, next: Token): void {
    this.#tokens[this.#find(token, hashOf(token))] = next;
  }

  remove(token: Token): void {
    let free = this.#find(token, hashOf(token));
    if (this.#tokens[free] === undefined) return;
    this.#size--;
    const mask = this.#tokens.length - 1;
    // Tokens that could not be found past the free slot move up into it.
    for (let slot = (free + 1) & mask; this.#tokens[slot] !== undefined; slot = (slot + 1) & mask) {
      const isBehind = ((slot - this.#hashes[slot]!) & mask) >= ((slot - free) & mask);
      if (!isBehind) continue;
      this.#put(free, this.#tokens[slot]!, this.#hashes[slot]!);
      free = slot;
    }
    this.#tokens[free] = undefined;
  }

  /** The slot of the token with this key, or the free one in which it would be. */
  #find(token: Token, hash: number): number {
    const tokens = this.#tokens;
    const mask = tokens.length - 1;
    let slot = hash & mask;
    for (let found = tokens[slot]; found !== undefined && found !== token; found = tokens[slot]) {
      if (this.#hashes[slot] === hash && found.key === token.key) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #put(slot: number, token: Token, hash: number): void {
    this.#tokens[slot] = token;
    this.#hashes[slot] = hash;
  }

  #grow(): void {
    const [tokens, hashes] = [this.#tokens, this.#hashes];
    this.#tokens = new Array<undefined>(2 * tokens.length).fill(undefined);
    this.#hashes = new Int32Array(2 * tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i];
      if (token !== undefined) this.#put(this.#find(token, hashes[i]!), token, hashes[i]!);
    }
  }
}

function hashOf(token: Token): number {
  return token.keyHash ?? hashOfText(token.key);
}
