import type { Field } from '../domain/column.ts';
import type { RowFault } from '../domain/row.ts';
import type { SplitRow } from './framed-rows.ts';

/** Bytes that become text at once. Slices of larger texts would outlive their rows. */
const windowBytes = 16 * 1024;

/** Kinds of bytes in a row. The bytes of UTF-8 beyond ASCII stand for themselves. */
const itself = 0;
const escapedInJson = 1;
const delimiting = 2;

/** For looking at four bytes at once. */
const fourOnes = 0x01010101;
const fourHighBits = 0x80808080 | 0;
const fourBlanks = 0x20 * fourOnes;
const fourQuotes = 0x22 * fourOnes;
const fourBackslashes = 0x5c * fourOnes;

const nullBytes = 4;
const letterN = 'N'.charCodeAt(0);

/**
 * Finds the fields of rows without quotes and escapes, as positions in their bytes. Most fields never become a string:
 * otherwise a million rows cost 0.4 CPU s more (`npm run bench -- --only stages`).
 */
export class PlainSplitter implements SplitRow {
  readonly #kinds = new Uint8Array(256);
  readonly #fourDelimiters: number;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  bytes: DataView = new DataView(new ArrayBuffer(0));
  isAscii = true;
  count = 0;
  /** True if no field of the row needs an escape in JSON. */
  needsNoEscape = false;
  /** False if no field can be NULL or \N, judged by length and first letter. */
  mayHoldNull = false;
  #buffer: Buffer = Buffer.alloc(0);
  /** The ASCII bytes from `#windowStart` to `#windowEnd` as text. Fields are slices of it. */
  #window = '';
  #windowStart = 0;
  #windowEnd = 0;

  /** `delimiter`: one ASCII character. */
  constructor(delimiter: string) {
    this.#kinds.fill(escapedInJson, 0, 0x20);
    for (const character of ['"', '\\']) this.#kinds[character.charCodeAt(0)] = escapedInJson;
    this.#kinds[delimiter.charCodeAt(0)] = delimiting;
    this.#fourDelimiters = (delimiter.charCodeAt(0) * fourOnes) | 0;
  }

  /** Takes a row of valid UTF-8. `isAscii` may be false for ASCII too. */
  split(buffer: Buffer, start: number, end: number, isAscii: boolean): void {
    this.begin(buffer, isAscii);
    const { starts, ends } = this;
    const kinds = this.#kinds;
    let count = 0;
    let escapes = 0;
    let mayHoldNull = false;
    let fieldStart = start;
    starts[0] = start;
    for (let at = this.#special(start, end); at < end; at = this.#special(at + 1, end)) {
      if (kinds[buffer[at]!] === delimiting) {
        if (at - fieldStart === nullBytes && buffer[fieldStart] === letterN) mayHoldNull = true;
        fieldStart = at + 1;
        ends[count++] = at;
        starts[count] = fieldStart;
      } else {
        escapes++;
      }
    }
    ends[count++] = end;
    this.count = count;
    this.needsNoEscape = escapes === 0;
    this.mayHoldNull = mayHoldNull || escapes > 0 || (end - fieldStart === nullBytes && buffer[fieldStart] === letterN);
  }

  /** The first byte that does not stand for itself, or `end`. Four are looked at together. */
  #special(start: number, end: number): number {
    const view = this.bytes;
    const fourDelimiters = this.#fourDelimiters;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      const delimiter = word ^ fourDelimiters;
      const quote = word ^ fourQuotes;
      const backslash = word ^ fourBackslashes;
      // The high bit of a byte that is zero, or below a blank; the lowest of them can be trusted.
      const found =
        (((delimiter - fourOnes) & ~delimiter) |
          ((quote - fourOnes) & ~quote) |
          ((backslash - fourOnes) & ~backslash) |
          ((word - fourBlanks) & ~word)) &
        fourHighBits;
      if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
    }
    while (at < end && this.#kinds[this.#buffer[at]!] === itself) at++;
    return at;
  }

  /** Must be called before the positions of a row's fields are set. */
  protected begin(buffer: Buffer, isAscii: boolean): void {
    if (buffer !== this.#buffer) this.#take(buffer);
    this.isAscii = isAscii;
  }

  text(field: number): string {
    const start = this.starts[field]!;
    const end = this.ends[field]!;
    if (!this.isAscii) return this.#buffer.toString('utf8', start, end);
    if (start < this.#windowStart || end > this.#windowEnd) this.#moveTo(start, end);
    return this.#window.slice(start - this.#windowStart, end - this.#windowStart);
  }

  /** Whether one of the fields is this text. `byteLength`: its length; only fields of that length become texts. */
  holds(text: string, byteLength: number): boolean {
    for (let i = 0; i < this.count; i++) {
      if (this.ends[i]! - this.starts[i]! === byteLength && this.text(i) === text) return true;
    }
    return false;
  }

  /** Puts the texts of the fields into `fields`. */
  fill(fields: Field[]): void {
    const { count } = this;
    for (let i = 0; i < count; i++) fields[i] = this.text(i);
    // Setting the length is a call into the engine even if it does not change.
    if (fields.length !== count) fields.length = count;
  }

  #take(buffer: Buffer): void {
    this.#buffer = buffer;
    this.bytes = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    this.#windowStart = 0;
    this.#windowEnd = -1;
  }

  #moveTo(start: number, end: number): void {
    this.#windowStart = start;
    this.#windowEnd = Math.max(end, Math.min(start + windowBytes, this.#buffer.length));
    this.#window = this.#buffer.toString('latin1', start, this.#windowEnd);
  }
}

type Marks = { readonly delimiter: string; readonly quote: string; readonly escape: string };

/**
 * Splits a row whose quotes the framer has found valid. Both read the same language: inside quotes, an escape stands for the
 * quote or escape after it, and for itself before anything else.
 */
export class QuotedSplitter {
  readonly #marks: Marks;
  readonly #escaped: RegExp;
  /** By field. */
  readonly quoted: boolean[] = [];

  constructor({ delimiter, quote, escape: escapedBy }: Marks) {
    this.#marks = { delimiter, quote, escape: escapedBy };
    this.#escaped = new RegExp(`${literal(escapedBy)}(${literal(quote)}|${literal(escapedBy)})`, 'g');
  }

  /** Puts the texts of the fields into `fields`. */
  split(row: string, fields: Field[]): void {
    const { delimiter, quote } = this.#marks;
    let count = 0;
    let at = 0;
    do {
      const isQuoted = row[at] === quote;
      const end = isQuoted ? this.#closingQuote(row, at + 1) : this.#nextDelimiter(row, at);
      fields[count] = isQuoted ? this.#unescaped(row.slice(at + 1, end)) : row.slice(at, end);
      this.quoted[count++] = isQuoted;
      at = isQuoted ? end + 1 : end;
    } while (row[at++] === delimiter);
    fields.length = count;
  }

  #nextDelimiter(row: string, from: number): number {
    const at = row.indexOf(this.#marks.delimiter, from);
    return at === -1 ? row.length : at;
  }

  #closingQuote(row: string, from: number): number {
    const { quote, escape: escapedBy } = this.#marks;
    let at = from;
    while (at < row.length) {
      if (row[at] === escapedBy && (row[at + 1] === quote || row[at + 1] === escapedBy)) at++;
      else if (row[at] === quote) break;
      at++;
    }
    return at;
  }

  #unescaped(text: string): string {
    const { quote, escape: escapedBy } = this.#marks;
    if (escapedBy === '' || quote === '' || !text.includes(escapedBy)) return text;
    return text.replace(this.#escaped, '$1');
  }
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

export const repeatedHeader: RowFault = {
  code: 'header-row',
  message: 'the row equals the header: files with headers were probably concatenated',
};

const byteOrderMark = '\ufeff';
const markBytes = Buffer.byteLength(byteOrderMark);

/** Recognizes rows that equal a header in every field, with or without the byte order mark of an appended file. */
export class HeaderRows {
  readonly #headers: readonly (readonly string[])[];
  /** By the length of a first field in bytes: 1 if the first name of a header has it, so that texts are compared. */
  readonly #firstBytes: Uint8Array;

  constructor(headers: readonly (readonly string[])[]) {
    this.#headers = headers;
    const lengths = headers.map(([first = '']) => Buffer.byteLength(first));
    this.#firstBytes = new Uint8Array(Math.max(...lengths) + markBytes + 1);
    for (const byteLength of lengths) {
      this.#firstBytes[byteLength] = 1;
      this.#firstBytes[byteLength + markBytes] = 1;
    }
  }

  isPlain(row: PlainSplitter): boolean {
    if (this.#firstBytes[row.ends[0]! - row.starts[0]!] !== 1) return false;
    return this.#headers.some(
      (names) => names.length === row.count && names.every((name, i) => isName(row.text(i), name, i)),
    );
  }

  isRead(fields: readonly Field[]): boolean {
    return this.#headers.some(
      (names) => names.length === fields.length && names.every((name, i) => isName(String(fields[i]), name, i)),
    );
  }

  /** Whether a broken row is a header with quotes after a byte order mark. */
  isMarked(buffer: Buffer, start: number, end: number, splitter: QuotedSplitter): boolean {
    const row = buffer.toString('utf8', start, end);
    if (!row.startsWith(byteOrderMark)) return false;
    const fields: Field[] = [];
    splitter.split(row.slice(1), fields);
    return this.isRead(fields);
  }
}

function isName(text: string, name: string, index: number): boolean {
  return text === name || (index === 0 && text === byteOrderMark + name);
}
