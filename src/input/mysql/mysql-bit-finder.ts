import { countLineFeeds, type RowKind } from '../framed-rows.ts';
import {
  closingEnclosure,
  isBitValue,
  lineEnd,
  type MysqlBytes,
  nullLetter,
  type RowFinder,
  standsAt,
} from './mysql-settings.ts';

/** How a BIT column is written: its raw bytes, between enclosures if every field is enclosed. */
type BitField = { readonly bits: number; readonly nullable: boolean; readonly enclosed: boolean };

/** Results of a walk along a row other than the row's end. */
const needsMore = -1;
const misfit = -2;
/** Second readings tried in one row, to bound the time for hostile input. */
const maxSecondReadings = 8;
/** Rows read until readings meet, for the same reason. */
const maxMeetingSteps = 32;

/**
 * Finds rows of a table with BIT columns. MariaDB and MySQL 5.5 do not escape their bytes, which may be separators, quotes
 * or escapes. So this finder counts columns and bytes, and finds the borders whatever the bytes are. A row is `unclear` if a
 * search for separators would read it otherwise, or if raw bytes may be NULL.
 */
export class BitFinder implements RowFinder {
  readonly #bytes: MysqlBytes;
  /** By column; undefined if it is not a BIT column. */
  readonly #fields: readonly (BitField | undefined)[];
  /** By column, as in FieldFinder. */
  readonly #enclosable: readonly boolean[] | undefined;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'quoted';
  insideEnclosure = false;
  #atEnd = false;
  #unclear = false;
  #secondReadings = 0;
  /** Where second readings end. */
  #secondEnds: number[] = [];
  /** True if the last border may be wrong, so that what follows may be the end of a row. */
  #mayBeInside = false;

  constructor(bytes: MysqlBytes, fields: readonly (BitField | undefined)[], enclosable?: readonly boolean[]) {
    this.#bytes = bytes;
    this.#fields = fields;
    this.#enclosable = enclosable;
  }

  find(buffer: Buffer, start: number, atEnd: boolean): boolean {
    this.insideEnclosure = false;
    this.#atEnd = atEnd;
    this.#unclear = false;
    this.#secondReadings = 0;
    if (this.#secondEnds.length > 0) this.#secondEnds = [];
    const end = this.#walk(buffer, start, 0);
    // Not a truncated file, but the rest of a row whose beginning was read as a part of the row before.
    if (end === needsMore) return atEnd && this.#mayBeInside && this.#endAtLine(buffer, start);
    // If the first reading finds no border, it is wrong, and the second has the right one.
    if (end === misfit && this.#secondEnds.length === 0) return this.#endAtLine(buffer, start);
    const kind = this.#unclear ? 'unclear' : 'quoted';
    const mayBeInside = this.#secondEnds.some((secondEnd) => secondEnd > end);
    const border = this.#secondEnds.length === 0 ? end : this.#meet(buffer, end);
    if (border === needsMore) return false;
    this.kind = kind;
    this.#mayBeInside = mayBeInside;
    return this.#endAt(buffer, start, border);
  }

  /**
   * If readings of a row end at different positions, the first end that they have in common: a row before it would be a row
   * in one reading and a part of one in the other.
   */
  #meet(buffer: Buffer, firstEnd: number): number {
    const ends = new Set([firstEnd, ...this.#secondEnds].filter((end) => end !== misfit));
    for (let steps = 0; ends.size > 1 && steps < maxMeetingSteps; steps++) {
      const nearest = Math.min(...ends);
      this.#secondReadings = 0;
      this.#secondEnds = [];
      const end = this.#walk(buffer, nearest + this.#bytes.lineTerminator.length, 0);
      if (end === needsMore && !this.#atEnd) return needsMore;
      // A position that no row can follow is not the end of a row.
      ends.delete(nearest);
      for (const next of [end, ...this.#secondEnds]) if (next > nearest) ends.add(next);
    }
    return Math.max(...ends);
  }

  #endAtLine(buffer: Buffer, start: number): boolean {
    const end = lineEnd(buffer, start, this.#bytes);
    if (end === -1) return false;
    this.kind = 'broken';
    this.#mayBeInside = true;
    return this.#endAt(buffer, start, end);
  }

  #endAt(buffer: Buffer, start: number, end: number): true {
    this.end = end;
    this.next = end + this.#bytes.lineTerminator.length;
    this.lines = countLineFeeds(buffer, start, this.next);
    return true;
  }

  /** Where a row ends, from the beginning of its field `column` on. */
  #walk(buffer: Buffer, from: number, column: number): number {
    const { lineStart, fieldTerminator } = this.#bytes;
    let position = from;
    if (column === 0) {
      const begins = standsAt(buffer, from, lineStart);
      if (begins !== true) return begins === false ? misfit : needsMore;
      position += lineStart.length;
    }
    for (let i = column; ; i++) {
      const bit = this.#fields[i];
      const end = bit === undefined ? this.#fieldEnd(buffer, position, i) : this.#bitEnd(buffer, position, bit, i);
      if (end < 0) return end;
      const terminated = this.#terminatedAt(buffer, end, i);
      if (terminated !== true) return terminated === false ? misfit : needsMore;
      if (i === this.#fields.length - 1) return end;
      position = end + fieldTerminator.length;
    }
  }

  /** Whether the terminator of field `column` is at `position`; undefined if more bytes are needed. */
  #terminatedAt(buffer: Buffer, position: number, column: number): boolean | undefined {
    const { fieldTerminator, lineTerminator } = this.#bytes;
    return standsAt(buffer, position, column < this.#fields.length - 1 ? fieldTerminator : lineTerminator);
  }

  #fieldEnd(buffer: Buffer, from: number, column: number): number {
    const { fieldTerminator, lineTerminator, enclosedBy, escapedBy } = this.#bytes;
    if (buffer[from] === enclosedBy && this.#enclosable?.[column] !== false) {
      const close = closingEnclosure(buffer, from + 1, this.#bytes);
      this.insideEnclosure = close === -1;
      if (close === -1) return needsMore;
      return buffer[close] === enclosedBy ? close + 1 : misfit;
    }
    for (let position = from; position < buffer.length; position++) {
      const byte = buffer[position];
      if (byte === fieldTerminator[0] || byte === lineTerminator[0]) return position;
      if (byte === escapedBy) position++;
    }
    return needsMore;
  }

  #bitEnd(buffer: Buffer, from: number, bit: BitField, column: number): number {
    const length = Math.ceil(bit.bits / 8);
    const { fieldTerminator, lineTerminator } = this.#bytes;
    // Enough for two enclosures, or for NULL, and a terminator.
    const room = length + 2 + Math.max(fieldTerminator.length, lineTerminator.length);
    if (!this.#atEnd && buffer.length < from + room) return needsMore;
    if (bit.nullable && this.#nullAt(buffer, from, column)) {
      const waits = this.#secondReading(buffer, from, bit, column) === needsMore && !this.#atEnd;
      return waits ? needsMore : from + 2;
    }
    const begin = bit.enclosed ? from + 1 : from;
    const end = begin + length;
    if (end > buffer.length) return needsMore;
    const raw = buffer.subarray(begin, end);
    if (!isBitValue(raw, bit.bits)) return misfit;
    this.#unclear ||= this.#misleads(raw, bit);
    if (!bit.enclosed) return end;
    return buffer[from] === this.#bytes.enclosedBy && buffer[end] === this.#bytes.enclosedBy ? end + 1 : misfit;
  }

  #nullAt(buffer: Buffer, position: number, column: number): boolean {
    if (buffer[position] !== this.#bytes.escapedBy || buffer[position + 1] !== nullLetter) return false;
    return this.#terminatedAt(buffer, position + 2, column) === true;
  }

  /** What looks like NULL may be a value: if the row fits with it too, both are possible. */
  #secondReading(buffer: Buffer, from: number, bit: BitField, column: number): number {
    const length = Math.ceil(bit.bits / 8);
    const end = from + length;
    if (bit.enclosed || length === 1 || !isBitValue(buffer.subarray(from, end), bit.bits)) return misfit;
    if (this.#terminatedAt(buffer, end, column) !== true) return misfit;
    const unclear = this.#unclear;
    const tooMany = ++this.#secondReadings > maxSecondReadings;
    const isLast = column === this.#fields.length - 1;
    const next = end + this.#bytes.fieldTerminator.length;
    const rowEnd = tooMany || isLast ? end : this.#walk(buffer, next, column + 1);
    this.#unclear = unclear || rowEnd >= 0;
    if (!tooMany && rowEnd >= 0) this.#secondEnds.push(rowEnd);
    return rowEnd;
  }

  /** Whether a search for separators would read these bytes otherwise. */
  #misleads(raw: Buffer, bit: BitField): boolean {
    const { fieldTerminator, lineTerminator, enclosedBy, escapedBy } = this.#bytes;
    for (const byte of raw) {
      if (byte === escapedBy || byte === enclosedBy) return true;
      if (!bit.enclosed && (byte === fieldTerminator[0] || byte === lineTerminator[0])) return true;
    }
    return false;
  }
}

/**
 * Finds rows of a table with BIT columns that may or may not be escaped. Follows both readings to the next border that they
 * share. What is one row in both is that row, anything else one `unclear` row.
 */
export class UnprovenFinder implements RowFinder {
  readonly #newRaw: () => RowFinder;
  readonly #newEscaped: () => RowFinder;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'quoted';
  insideEnclosure = false;
  /** Whether the row fits the raw and the escaped reading, and whether it ends at the same position in both. */
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

  /** Continues the reading that is behind until both meet. At the end of a file, the later border counts. */
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
