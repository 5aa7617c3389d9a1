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
    return this.#tokens.length;
  }

  /** Rows of the sample that a later row with their key replaced. */
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
