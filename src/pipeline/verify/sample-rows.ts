import type { Token } from '../../domain/token.ts';

/**
 * A sample of the rows, each as likely as any other, drawn in one pass. A key that is in it stands for its last row: a
 * later row takes the earlier one's place.
 */
export class RowSample {
  readonly #size: number;
  readonly #random: () => number;
  readonly #detach: (token: Token) => void;
  readonly #tokens: Token[] = [];
  readonly #places = new Map<string, number>();
  #offered = 0;
  #superseded = 0;

  /** `detach` copies what a token shares with others. */
  constructor(size: number, random: () => number, detach: (token: Token) => void) {
    this.#size = size;
    this.#random = random;
    this.#detach = detach;
  }

  /** Rows that are in it. */
  get drawn(): number {
    return this.#tokens.length;
  }

  /** Rows that were in the sample when a later row with their key came. */
  get superseded(): number {
    return this.#superseded;
  }

  offer(token: Token): void {
    this.#offered++;
    const place = this.#places.get(token.key);
    if (place !== undefined) {
      this.#superseded++;
      this.#detach(token);
      this.#tokens[place] = token;
    } else if (this.#tokens.length < this.#size) {
      this.#put(token, this.#tokens.length);
    } else {
      const drawn = Math.floor(this.#random() * this.#offered);
      if (drawn >= this.#size) return;
      this.#places.delete(this.#tokens[drawn]!.key);
      this.#put(token, drawn);
    }
  }

  /** In source order. */
  tokens(): readonly Token[] {
    return [...this.#tokens].sort((a, b) => a.row.ordinal - b.row.ordinal);
  }

  #put(token: Token, place: number): void {
    this.#detach(token);
    this.#tokens[place] = token;
    this.#places.set(token.key, place);
  }
}

/** The same seed gives the same numbers in [0, 1) on every machine (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
