import type { RowKind } from '../framed-rows.ts';
import { countLineFeeds, type RowFinder } from './mysql-bytes.ts';

/**
 * Rows of a table with BIT columns of which nobody can say whether they are escaped. Both readings are followed to the
 * next border that they share: a row that is one row to both is given as it is, anything else as one `unclear` row.
 */
export class UnprovenFinder implements RowFinder {
  readonly #newRaw: () => RowFinder;
  readonly #newEscaped: () => RowFinder;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'quoted';
  insideEnclosure = false;
  /** Whether the raw and the escaped reading made sense of the row, and whether it ends in one place to both. */
  rawFits = false;
  escapedFits = false;
  isShared = false;

  constructor(newRaw: () => RowFinder, newEscaped: () => RowFinder) {
    this.#newRaw = newRaw;
    this.#newEscaped = newEscaped;
  }

  find(buffer: Buffer, start: number, atEnd: boolean): boolean {
    const raw = this.#newRaw();
    const escaped = this.#newEscaped();
    const rawFound = raw.find(buffer, start, atEnd);
    const escapedFound = escaped.find(buffer, start, atEnd);
    this.insideEnclosure = raw.insideEnclosure || escaped.insideEnclosure;
    if (!rawFound && !escapedFound) return false;
    if (!(rawFound && escapedFound) && !atEnd) return false;
    this.rawFits = rawFound && raw.kind !== 'broken';
    this.escapedFits = escapedFound && escaped.kind !== 'broken';
    this.isShared = rawFound && escapedFound && raw.next === escaped.next;
    const isClear = raw.kind === 'quoted' && this.escapedFits;
    if (this.isShared) this.#take(escaped, isClear ? escaped.kind : 'unclear');
    else if (!this.#meet(buffer, atEnd, rawFound ? raw : undefined, escapedFound ? escaped : undefined)) return false;
    this.lines = countLineFeeds(buffer, start, this.next);
    return true;
  }

  /** Goes on with the reading that is behind, until both come to one border. At the end of a file the later one counts. */
  #meet(buffer: Buffer, atEnd: boolean, raw: RowFinder | undefined, escaped: RowFinder | undefined): boolean {
    if (raw === undefined || escaped === undefined) return this.#take(raw ?? escaped!, 'unclear');
    while (raw.next !== escaped.next) {
      const [behind, ahead] = raw.next < escaped.next ? [raw, escaped] : [escaped, raw];
      if (behind.find(buffer, behind.next, atEnd)) continue;
      return atEnd && this.#take(ahead, 'unclear');
    }
    return this.#take(escaped, 'unclear');
  }

  #take({ end, next }: RowFinder, kind: RowKind): true {
    this.end = end;
    this.next = next;
    this.kind = kind;
    return true;
  }
}
