import { carriageReturn, countLineFeeds, isEscaped, lineFeed, type RowKind } from '../framed-rows.ts';
import { isEnclosable } from './definition/table-column.ts';
import { BitFinder, UnprovenFinder } from './mysql-bit-finder.ts';
import {
  bytesOf,
  closingEnclosure,
  lineEnd,
  type MysqlBytes,
  type MysqlSettings,
  type RowFinder,
  standsAt,
} from './mysql-settings.ts';

/** The finder for rows that were written with these settings. */
export function rowFinder(settings: MysqlSettings): RowFinder {
  // The client escapes BIT columns like any other.
  const hasBits = !settings.batch && settings.columns?.some(({ bits }) => bits !== undefined) === true;
  if (!hasBits || settings.bits === 'escaped') return ordinaryFinder(settings);
  return settings.bits === 'raw' ? bitFinder(settings) : unprovenFinder(settings);
}

/** The finder that reads BIT columns in both ways. */
export function unprovenFinder(settings: MysqlSettings): UnprovenFinder {
  return new UnprovenFinder(
    () => bitFinder(settings),
    () => ordinaryFinder(settings),
  );
}

function ordinaryFinder(settings: MysqlSettings): RowFinder {
  const { fieldTerminator, enclosure, lineTerminator, lineStart, batch } = settings;
  const isUsual = enclosure === undefined && fieldTerminator.length === 1 && lineStart === '';
  if (isUsual && (lineTerminator === '\n' || batch)) {
    return new LineFinder(settings.escape.charCodeAt(0), lineTerminator === '\r\n');
  }
  return new FieldFinder(bytesOf(settings), enclosable(settings, 'escaped'));
}

function bitFinder(settings: MysqlSettings): BitFinder {
  const { enclosure, optionallyEnclosed, columns = [] } = settings;
  const enclosed = enclosure !== undefined && !optionallyEnclosed;
  const fields = columns.map(({ bits, digits, nullable }) => {
    // The one byte of a BOOL may be the digit.
    return bits === undefined ? undefined : { bits: digits ? 8 : bits, nullable, enclosed };
  });
  return new BitFinder(bytesOf(settings), fields, enclosable(settings, 'raw'));
}

/** By field, if only some are enclosed and the columns are known. */
function enclosable({ optionallyEnclosed, columns }: MysqlSettings, bits: 'raw' | 'escaped') {
  return optionallyEnclosed ? columns?.map((column) => isEnclosable(column, bits)) : undefined;
}

/** Finds rows without enclosures that end with a line feed, which is escaped in fields. Skips the bytes in between. */
class LineFinder implements RowFinder {
  readonly #escapedBy: number;
  readonly #crlf: boolean;
  readonly insideEnclosure = false;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'plain';
  /** Where the next escape is in `#searched`, at or after the row last found. */
  #escapeAt = 0;
  #searched: Buffer | undefined;

  /** `crlf`: a carriage return must precede each line feed, as the client for Windows writes it. */
  constructor(escapedBy: number, crlf: boolean) {
    this.#escapedBy = escapedBy;
    this.#crlf = crlf;
  }

  find(buffer: Buffer, start: number): boolean {
    this.lines = 1;
    let feed = buffer.indexOf(lineFeed, start);
    while (feed !== -1 && isEscaped(buffer, start, feed, this.#escapedBy)) {
      this.lines++;
      feed = buffer.indexOf(lineFeed, feed + 1);
    }
    if (feed === -1) return false;
    const ends = !this.#crlf || (feed > start && buffer[feed - 1] === carriageReturn);
    this.end = this.#crlf && ends ? feed - 1 : feed;
    this.next = feed + 1;
    const isPlain = this.#escapeFrom(buffer, start) >= this.end;
    if (!ends) this.kind = 'broken';
    else this.kind = isPlain ? 'plain' : 'quoted';
    return true;
  }

  #escapeFrom(buffer: Buffer, start: number): number {
    if (this.#searched !== buffer || this.#escapeAt < start) {
      this.#searched = buffer;
      const at = buffer.indexOf(this.#escapedBy, start);
      this.#escapeAt = at === -1 ? buffer.length : at;
    }
    return this.#escapeAt;
  }
}

/**
 * Finds rows with any separators, byte by byte. A row is broken, up to the end of its line, by text after a closing
 * enclosure, an incomplete terminator, or a missing prefix.
 */
class FieldFinder implements RowFinder {
  readonly #bytes: MysqlBytes;
  /** By field: false if it is never enclosed, so that an enclosure at its beginning is data. Undefined if unknown. */
  readonly #enclosable: readonly boolean[] | undefined;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'plain';
  insideEnclosure = false;

  constructor(bytes: MysqlBytes, enclosable?: readonly boolean[]) {
    this.#bytes = bytes;
    this.#enclosable = enclosable;
  }

  find(buffer: Buffer, start: number): boolean {
    const { fieldTerminator, lineTerminator, lineStart, enclosedBy } = this.#bytes;
    this.kind = 'plain';
    this.insideEnclosure = false;
    const begins = standsAt(buffer, start, lineStart);
    if (begins !== true) return begins === false && this.#endBroken(buffer, start, start);
    let position = start + lineStart.length;
    for (let field = 0; ; field++) {
      if (buffer[position] === enclosedBy && this.#enclosable?.[field] !== false) {
        this.kind = 'quoted';
        const close = closingEnclosure(buffer, position + 1, this.#bytes);
        this.insideEnclosure = close === -1;
        if (close === -1) return false;
        if (buffer[close] !== enclosedBy) return this.#endBroken(buffer, start, close);
        position = close + 1;
        const byte = buffer[position];
        if (byte === undefined) return false;
        const isClean = byte === fieldTerminator[0] || byte === lineTerminator[0];
        if (!isClean) return this.#endBroken(buffer, start, position);
      }
      position = this.#unescapedTerminator(buffer, position);
      if (position === -1) return false;
      // For terminators of one byte, the calls would take as long as everything else.
      if (fieldTerminator.length > 1 || lineTerminator.length > 1) {
        const ends = this.#endsAt(buffer, position);
        if (ends === 'unknown') return false;
        if (ends === 'nothing') return this.#endBroken(buffer, start, position + 1);
        if (ends === 'line') return this.#endAt(buffer, start, position);
      } else if (buffer[position] === lineTerminator[0]) return this.#endAt(buffer, start, position);
      position += fieldTerminator.length;
    }
  }

  /** What a terminator ends whose first byte is at `position`. */
  #endsAt(buffer: Buffer, position: number): 'field' | 'line' | 'nothing' | 'unknown' {
    const endsField = standsAt(buffer, position, this.#bytes.fieldTerminator);
    const endsLine = standsAt(buffer, position, this.#bytes.lineTerminator);
    if (endsField === true || endsLine === true) return endsLine ? 'line' : 'field';
    return endsField === undefined || endsLine === undefined ? 'unknown' : 'nothing';
  }

  /** First byte of an unescaped terminator from `from` on; -1 if the buffer has none. */
  #unescapedTerminator(buffer: Buffer, from: number): number {
    const { fieldTerminator, lineTerminator, enclosedBy, escapedBy } = this.#bytes;
    const endsField = fieldTerminator[0];
    const endsLine = lineTerminator[0];
    for (let position = from; position < buffer.length; position++) {
      const byte = buffer[position]!;
      if (byte === endsField || byte === endsLine) return position;
      if (byte === escapedBy || byte === enclosedBy) {
        if (this.kind === 'plain') this.kind = 'quoted';
        if (byte === escapedBy) position++;
      }
    }
    return -1;
  }

  /** In a broken row, only the end of its line can be determined. */
  #endBroken(buffer: Buffer, start: number, from: number): boolean {
    this.kind = 'broken';
    const end = lineEnd(buffer, from, this.#bytes);
    return end !== -1 && this.#endAt(buffer, start, end);
  }

  #endAt(buffer: Buffer, start: number, position: number): true {
    this.end = position;
    this.next = position + this.#bytes.lineTerminator.length;
    this.lines = countLineFeeds(buffer, start, this.next);
    return true;
  }
}
