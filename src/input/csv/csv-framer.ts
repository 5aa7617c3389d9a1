import { isAscii } from 'node:buffer';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  carriageReturn,
  type FramedRows,
  type Framer,
  isEscaped,
  lineFeed,
  noRows,
  type RowKind,
} from '../framed-rows.ts';

const backslash = 92;

/** Single bytes. `escape` equal to `quote` is RFC 4180's doubled quote. */
type CsvBytes = { readonly delimiter: number; readonly quote: number; readonly escape: number };

/** Finds the borders of CSV rows. A quote counts only at the beginning of a field, so a stray one breaks only its own row. */
export class CsvFramer implements Framer {
  readonly #bytes: CsvBytes;
  readonly #fileName: string;
  readonly #maxRowBytes: number;
  readonly #joinsLines: boolean;
  readonly #rows: FramedRows = noRows();
  /** The beginning of an incomplete row. */
  #carry: Buffer | undefined;
  #line: number;

  // Results of `#scanRow`.
  #end = 0;
  #next = 0;
  #lines = 1;
  #kind: RowKind = 'plain';
  #insideQuotes = false;
  /** Whether a row of the buffer may continue on the next line. */
  #mayJoin = false;

  /** `joinsLines`: a line that ends with a backslash continues on the next, as MySQL writes a line break. */
  constructor(bytes: CsvBytes, fileName: string, line: number, maxRowBytes: number, joinsLines: boolean) {
    this.#bytes = bytes;
    this.#fileName = fileName;
    this.#line = line;
    this.#maxRowBytes = maxRowBytes;
    this.#joinsLines = joinsLines;
  }

  push(chunk: Uint8Array): FramedRows {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    return this.#frame(this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]), false);
  }

  end(): FramedRows {
    return this.#frame(this.#carry ?? Buffer.alloc(0), true);
  }

  #frame(buffer: Buffer, atEnd: boolean): FramedRows {
    const rows = this.#rows;
    rows.buffer = buffer;
    rows.ascii = isAscii(buffer);
    rows.count = 0;
    this.#insideQuotes = false;
    const unquoted = buffer.indexOf(this.#bytes.quote) === -1;
    this.#mayJoin = this.#joinsLines && buffer.includes(backslash);
    let position = 0;
    while (position < buffer.length) {
      const complete = unquoted ? this.#splitRow(buffer, position, atEnd) : this.#scanRow(buffer, position, atEnd);
      if (!complete) break;
      this.#refuseLongRow(this.#next - position);
      this.#add(rows, position);
      position = this.#next;
    }
    this.#carry = position < buffer.length ? buffer.subarray(position) : undefined;
    if (this.#carry !== undefined) this.#checkCarry(this.#carry, atEnd);
    return rows;
  }

  #add(rows: FramedRows, start: number): void {
    const index = rows.count++;
    rows.starts[index] = start;
    rows.ends[index] = this.#end;
    rows.nexts[index] = this.#next;
    rows.lines[index] = this.#lines;
    rows.kinds[index] = this.#end === start ? 'blank' : this.#kind;
    this.#line += this.#lines;
  }

  /** A row of a buffer without quotes ends with its line. */
  #splitRow(buffer: Buffer, start: number, atEnd: boolean): boolean {
    this.#kind = 'plain';
    this.#lines = 1;
    return this.#endAtLine(buffer, start, start, atEnd);
  }

  #scanRow(buffer: Buffer, start: number, atEnd: boolean): boolean {
    const { delimiter, quote } = this.#bytes;
    this.#kind = 'plain';
    this.#lines = 1;
    let position = start;
    for (;;) {
      if (buffer[position] === quote) {
        if (this.#kind === 'plain') this.#kind = 'quoted';
        const close = this.#closingQuote(buffer, position + 1, atEnd);
        if (close === -1) return false;
        const after = buffer[close + 1];
        if (after === delimiter) {
          position = close + 2;
          continue;
        }
        const ends = this.#rowEndsAt(buffer, close + 1, atEnd);
        if (ends === undefined) return false;
        if (ends) return true;
        this.#kind = 'broken';
        return this.#endAtLine(buffer, start, close + 1, atEnd);
      }
      let byte = buffer[position];
      while (byte !== undefined && byte !== delimiter && byte !== lineFeed) {
        if (byte === quote) this.#kind = 'broken';
        byte = buffer[++position];
      }
      if (byte !== delimiter) return this.#endAtLine(buffer, start, position, atEnd);
      position++;
    }
  }

  /** Index of the quote that closes the field opened before `from`; -1 if it is not in the buffer. Counts line feeds. */
  #closingQuote(buffer: Buffer, from: number, atEnd: boolean): number {
    const { quote, escape: escapeByte } = this.#bytes;
    for (let position = from; position < buffer.length; position++) {
      const byte = buffer[position];
      if (byte === lineFeed) this.#lines++;
      else if (byte === escapeByte || byte === quote) {
        const next = buffer[position + 1];
        if (next === undefined && !atEnd) break;
        if (byte === escapeByte && (next === quote || next === escapeByte)) position++;
        else if (byte === quote) return position;
      }
    }
    this.#insideQuotes = true;
    return -1;
  }

  /** Whether a line terminator or the end of the file is at `position`; undefined if more bytes are needed. */
  #rowEndsAt(buffer: Buffer, position: number, atEnd: boolean): boolean | undefined {
    const byte = buffer[position];
    if (byte === undefined) return atEnd ? this.#setEnd(position, position) : undefined;
    if (byte === lineFeed) return this.#setEnd(position, position + 1);
    if (byte !== carriageReturn) return false;
    if (position + 1 === buffer.length && !atEnd) return undefined;
    return buffer[position + 1] === lineFeed ? this.#setEnd(position, position + 2) : false;
  }

  /** Ends the row that begins at `start` with the line of `from`. */
  #endAtLine(buffer: Buffer, start: number, from: number, atEnd: boolean): boolean {
    let feed = buffer.indexOf(lineFeed, from);
    while (
      this.#mayJoin &&
      isEscaped(buffer, start, buffer[feed - 1] === carriageReturn ? feed - 1 : feed, backslash)
    ) {
      this.#lines++;
      feed = buffer.indexOf(lineFeed, feed + 1);
    }
    if (feed === -1) return atEnd && this.#setEnd(buffer.length, buffer.length);
    return this.#setEnd(feed > start && buffer[feed - 1] === carriageReturn ? feed - 1 : feed, feed + 1);
  }

  #setEnd(end: number, next: number): true {
    this.#end = end;
    this.#next = next;
    return true;
  }

  #checkCarry(carry: Buffer, atEnd: boolean): void {
    if (this.#insideQuotes && (atEnd || carry.length > this.#maxRowBytes)) {
      throw new ImportError(
        'unterminated-quote',
        `${this.#fileName}: the row that begins on line ${this.#line} opens a quote that is never closed`,
        { hint: 'Repair that line, or pass the right --quote and --escape.' },
      );
    }
    this.#refuseLongRow(carry.length);
  }

  #refuseLongRow(byteLength: number): void {
    if (byteLength <= this.#maxRowBytes) return;
    throw new ImportError(
      'row-too-long',
      `${this.#fileName}: the row that begins on line ${this.#line} is longer than ${formatCount(this.#maxRowBytes)} bytes`,
      { hint: 'Check --quote and how lines end, or raise --max-row-bytes.' },
    );
  }
}
