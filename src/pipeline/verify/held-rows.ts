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
