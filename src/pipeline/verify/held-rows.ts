import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { enterSlab, leaveSlab, type Row, type Slab } from '../../domain/row.ts';
import { ownText, type Token } from '../../domain/token.ts';
import type { AttributeDifference, Comparison } from '../../ports/token-repository.ts';

/** A row whose item is missing from the table, differs, or should have been deleted. */
export type Difference = {
  readonly kind: 'missing' | 'different' | 'undeleted';
  readonly attributes: readonly AttributeDifference[];
  readonly row: Row;
};

/** A change since the last call of `takeChanges`; `difference` is undefined if a later row equals the item. */
export type DifferenceChange = { readonly key: string; readonly difference: Difference | undefined };

/** Limits of the rows held until the end of the source, where a later row may have their key. */
const maxDifferences = 250_000;
const maxHeldBytes = 256 * 1024 * 1024;
/** Memory of a difference without its texts. */
const entryBytes = 400;
/** Memory that rows are copied to together: a buffer each would take more than most rows do. */
const slabBytes = 64 * 1024;

/**
 * Holds the rows that differ, by key. Recorded in source order, a later row with the key replaces an earlier one or clears
 * it, so that in the end the last row of each key counts.
 */
export class Differences {
  readonly #held = new Map<string, Difference>();
  #changes: DifferenceChange[] = [];
  #heldBytes = 0;
  readonly #counts = { missing: 0, different: 0, undeleted: 0 };
  #equal = 0;
  #superseded = 0;
  #memory = new Uint8Array();
  #slab: Slab = { byteLength: 0, holders: 0 };
  #usedBytes = 0;

  get equal(): number {
    return this.#equal;
  }

  get superseded(): number {
    return this.#superseded;
  }

  /** Continues where an earlier process stopped. */
  restore(changes: Iterable<DifferenceChange>, counts: { readonly equal: number; readonly superseded: number }): void {
    for (const { key, difference } of changes) {
      if (difference !== undefined) this.#copy(difference.row);
      this.#set(key, difference);
    }
    this.#equal = counts.equal;
    this.#superseded = counts.superseded;
  }

  /** Throws ImportError `too-many-differences`. */
  recordComparison({ key, row }: Token, comparison: Comparison): void {
    const before = this.#held.get(key);
    if (before !== undefined) this.#superseded++;
    if (comparison.kind === 'equal') {
      this.#equal++;
      if (before !== undefined) this.#change(key, undefined);
      return;
    }
    const attributes = comparison.kind === 'different' ? comparison.attributes : [];
    this.#copy(row);
    this.#change(before === undefined ? ownText(key) : key, { kind: comparison.kind, attributes, row });
    if (this.#held.size <= maxDifferences && this.#heldBytes <= maxHeldBytes) return;
    throw new ImportError(
      'too-many-differences',
      `more than ${formatCount(this.#held.size - 1)} rows differ from the table`,
      { hint: 'Check --table, --types, --rename and --omit, or compare a --sample first.' },
    );
  }

  /** A later row with this key takes the place of what was recorded, and is not compared. */
  forget(key: string): void {
    if (!this.#held.has(key)) return;
    this.#superseded++;
    this.#change(key, undefined);
  }

  /** What changed since the last call. */
  takeChanges(): readonly DifferenceChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  count(kind: Difference['kind']): number {
    return this.#counts[kind];
  }

  /** Number of rows that differ, by attribute, most frequent first. */
  byAttribute(): Readonly<Record<string, number>> {
    const counts = new Map<string, number>();
    for (const { attributes } of this.#held.values()) {
      for (const { name } of attributes) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
  }

  /** In source order. */
  all(kind: Difference['kind']): readonly Difference[] {
    const found = [...this.#held.values()].filter((difference) => difference.kind === kind);
    return found.sort((a, b) => a.row.ordinal - b.row.ordinal);
  }

  #copy(row: Row): void {
    if (row.byteLength > slabBytes / 8) {
      row.detach();
      return;
    }
    if (this.#usedBytes + row.byteLength > this.#memory.length) {
      this.#memory = new Uint8Array(slabBytes);
      this.#slab = { byteLength: slabBytes, holders: 0 };
      this.#usedBytes = 0;
    }
    row.moveTo(this.#memory, this.#usedBytes, this.#slab);
    this.#usedBytes += row.byteLength;
  }

  #change(key: string, difference: Difference | undefined): void {
    this.#set(key, difference);
    this.#changes.push({ key, difference });
  }

  #set(key: string, difference: Difference | undefined): void {
    const before = this.#held.get(key);
    if (before !== undefined) {
      this.#heldBytes -= sizeOf(key, before) + leaveSlab(before.row.slab);
      this.#counts[before.kind]--;
    }
    if (difference === undefined) {
      this.#held.delete(key);
    } else {
      this.#held.set(key, difference);
      this.#heldBytes += sizeOf(key, difference) + enterSlab(difference.row.slab);
      this.#counts[difference.kind]++;
    }
  }
}

/** Without the bytes of the row, which are counted by slab. */
function sizeOf(key: string, { attributes }: Difference): number {
  let bytes = entryBytes + key.length;
  for (const { name, inRow = '', inTable = '' } of attributes) bytes += name.length + inRow.length + inTable.length;
  return bytes;
}

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
