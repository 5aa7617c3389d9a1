import type { Token } from '../../domain/token.ts';

/**
 * A uniform random sample of the rows, drawn in one pass. A later row with the same key takes the place of an earlier one
 * in the sample.
 */
export class RowSample {
  readonly #size: number;
  readonly #random: () => number;
  readonly #detach: (token: Token) => void;
  readonly #tokens: Token[] = [];
  readonly #places = new Map<string, number>();
  /** Places whose key has expired since. */
  readonly #expired = new Set<number>();
  #offered = 0;
  #superseded = 0;

  /** `detach` copies the memory that a token shares with others. */
  constructor(size: number, random: () => number, detach: (token: Token) => void) {
    this.#size = size;
    this.#random = random;
    this.#detach = detach;
  }

  /** Rows in the sample. */
  get drawn(): number {
    return this.#tokens.length - this.#expired.size;
  }

  /** Rows of the sample that a later row with their key replaced. */
  get superseded(): number {
    return this.#superseded;
  }

  offer(token: Token): void {
    this.#offered++;
    const place = this.#places.get(token.key);
    if (place !== undefined) {
      if (!this.#expired.delete(place)) this.#superseded++;
      this.#detach(token);
      this.#tokens[place] = token;
    } else if (this.#tokens.length < this.#size) {
      this.#put(token, this.#tokens.length);
    } else {
      const drawn = Math.floor(this.#random() * this.#offered);
      if (drawn >= this.#size) return;
      this.#places.delete(this.#tokens[drawn]!.key);
      this.#expired.delete(drawn);
      this.#put(token, drawn);
    }
  }

  /** A later row with this key has expired: until another one comes, the sample has none to compare. */
  expire(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined || this.#expired.has(place)) return;
    this.#expired.add(place);
    this.#superseded++;
  }

  /** In source order. */
  tokens(): readonly Token[] {
    const live = this.#tokens.filter((_, place) => !this.#expired.has(place));
    return live.sort((a, b) => a.row.ordinal - b.row.ordinal);
  }

  #put(token: Token, place: number): void {
    this.#detach(token);
    this.#tokens[place] = token;
    this.#places.set(token.key, place);
  }
}

/** Numbers in [0, 1) that are the same for a seed on every machine (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
