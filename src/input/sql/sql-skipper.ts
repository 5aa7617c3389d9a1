const [lineFeed, blank] = [0x0a, 0x20];
const [hash, dash, slash, star, backslash] = [0x23, 0x2d, 0x2f, 0x2a, 0x5c];
const [quote, doubleQuote, backtick] = [0x27, 0x22, 0x60];

/** Version comments of MySQL and MariaDB. Their content is SQL, except for a version that no server has. */
const versionComment = /^\/\*M?!(?!999999)\d*/;
const longestOpener = '/*M!999999'.length;
/** The last comment of a dump. In a truncated one, the date is incomplete. */
const endOfDump = /^-- Dump completed(?: on \d{4}-\d\d-\d\d [ \d]\d:\d\d:\d\d)?\s*$/;
/** A longer comment is skipped without being matched. */
const longestComment = 4096;

const isSpecial = new Uint8Array(256);
for (const byte of [quote, doubleQuote, backtick, hash, dash, slash]) isSpecial[byte] = 1;

/**
 * Skips what is between tuples, in bytes cut anywhere: comments, and whole statements with their strings, names and
 * comments. The methods return where they stopped. `waits`: more bytes are needed to continue from there. Strings and
 * comments can have any length, because the next call continues inside them.
 */
export class SqlSkipper {
  /** What ends a statement; `DELIMITER` changes it. */
  delimiter = ';';
  /** False if a backslash in a string stands for itself. */
  backslashEscapes = true;
  /** True if double quotes enclose names, in which a backslash stands for itself. */
  ansiQuotes = false;
  waits = false;
  /** Whether `statement` found the end. */
  ended = false;
  /** True if the last thing seen is the comment at the end of a complete dump. */
  sawEndOfDump = false;
  /** What the bytes so far end inside of: a quote, `*` for a comment, a line feed for a comment up to its line end. */
  #inside = 0;

  /** True inside a string, a name or a comment. */
  get isInside(): boolean {
    return this.#inside !== 0;
  }

  /** Leaves the string or comment that the bytes ended in, for a statement that is scanned again. */
  leave(): void {
    this.#inside = 0;
  }

  /** Skips blanks and comments. `atEnd`: nothing follows the buffer. */
  blanks(buffer: Buffer, from: number, atEnd: boolean): number {
    this.waits = false;
    let at = this.#inside === 0 ? from : this.#closeInside(buffer, from, atEnd);
    while (at < buffer.length && !this.waits && this.#inside === 0) {
      const byte = buffer[at]!;
      if (byte <= blank) {
        at++;
      } else if (byte === star) {
        if (this.#lacks(buffer, at + 2, atEnd) || buffer[at + 1] !== slash) return at;
        at += 2;
      } else {
        const next = this.#comment(buffer, at, atEnd);
        if (next === at) return at;
        at = next;
      }
    }
    return at;
  }

  /** Skips to the end of a statement, after its delimiter. */
  statement(buffer: Buffer, from: number, atEnd: boolean): number {
    this.waits = false;
    this.ended = false;
    const first = this.delimiter.charCodeAt(0);
    let at = this.#inside === 0 ? from : this.#closeInside(buffer, from, atEnd);
    while (at < buffer.length && !this.waits && this.#inside === 0) {
      const byte = buffer[at]!;
      if (byte === first) {
        if (this.#lacks(buffer, at + this.delimiter.length, atEnd)) return at;
        if (buffer.toString('latin1', at, at + this.delimiter.length) === this.delimiter) {
          this.ended = true;
          return at + this.delimiter.length;
        }
      }
      if (isSpecial[byte] === 0) {
        at++;
      } else if (byte === quote || byte === doubleQuote || byte === backtick) {
        this.#inside = byte;
        at = this.#closeInside(buffer, at + 1, atEnd);
      } else {
        const next = this.#comment(buffer, at, atEnd);
        at = next === at && !this.waits ? at + 1 : next;
      }
    }
    return at;
  }

  /** Executes the client's command DELIMITER at `at`, and returns where its line ends. */
  delimiterLine(buffer: Buffer, at: number, atEnd: boolean): number {
    const end = this.#lineEnd(buffer, at, atEnd);
    if (this.waits) return at;
    const [, delimiter] = buffer.toString('latin1', at, end).trim().split(/\s+/);
    if (delimiter !== undefined) this.delimiter = delimiter;
    return end;
  }

  /** Where the client's command USE at `at` ends: at its delimiter, or else with its line. */
  useLine(buffer: Buffer, at: number, atEnd: boolean): number {
    const end = this.#lineEnd(buffer, at, atEnd);
    if (this.waits) return at;
    const delimiter = buffer.toString('latin1', at, end).indexOf(this.delimiter);
    return delimiter === -1 ? end : at + delimiter + this.delimiter.length;
  }

  #lineEnd(buffer: Buffer, at: number, atEnd: boolean): number {
    const feed = buffer.indexOf(lineFeed, at);
    this.waits = feed === -1 && !atEnd;
    return feed === -1 ? buffer.length : feed;
  }

  /** Skips the comment at `at`, as far as it is in the buffer; returns `at` if there is none. */
  #comment(buffer: Buffer, at: number, atEnd: boolean): number {
    const byte = buffer[at];
    if (byte === hash) return this.#lineComment(buffer, at, atEnd);
    if (byte === dash) {
      if (this.#lacks(buffer, at + 3, atEnd) && (buffer[at + 1] ?? dash) === dash) return at;
      this.waits = false;
      const opens = buffer[at + 1] === dash && (buffer[at + 2] ?? blank) <= blank;
      return opens ? this.#lineComment(buffer, at, atEnd) : at;
    }
    if (byte !== slash) return at;
    if (this.#lacks(buffer, at + longestOpener, atEnd) && (buffer[at + 1] ?? star) === star) return at;
    this.waits = false;
    if (buffer[at + 1] !== star) return at;
    const version = versionComment.exec(buffer.toString('latin1', at, at + longestOpener));
    if (version !== null) return at + version[0].length;
    this.#inside = star;
    return this.#closeInside(buffer, at + 2, atEnd);
  }

  #lineComment(buffer: Buffer, at: number, atEnd: boolean): number {
    const feed = buffer.indexOf(lineFeed, at);
    if (feed === -1 && !atEnd) {
      if (buffer.length - at < longestComment) this.waits = true;
      else this.#inside = lineFeed;
      return this.waits ? at : buffer.length;
    }
    const end = feed === -1 ? buffer.length : feed;
    if (buffer[at] === dash) this.#lookForEnd(buffer.toString('latin1', at, end), feed !== -1);
    return feed === -1 ? end : feed + 1;
  }

  #lookForEnd(comment: string, hasLineFeed: boolean): void {
    const found = endOfDump.exec(comment);
    if (found !== null && (hasLineFeed || comment.length > '-- Dump completed on '.length)) this.sawEndOfDump = true;
  }

  /** Where the string or comment ends that contains `from`; the buffer's end, or a byte before it, if it does not end. */
  #closeInside(buffer: Buffer, from: number, atEnd: boolean): number {
    const inside = this.#inside;
    if (inside === lineFeed) return this.#close(buffer, buffer.indexOf(lineFeed, from), 1);
    if (inside === star) {
      const end = buffer.indexOf('*/', from, 'latin1');
      if (end !== -1) return this.#close(buffer, end, 2);
      // The star may be the first half of the end of the comment.
      this.waits = !atEnd && from < buffer.length && buffer.at(-1) === star;
      return this.waits ? buffer.length - 1 : buffer.length;
    }
    const escapes = inside !== backtick && this.backslashEscapes && !(inside === doubleQuote && this.ansiQuotes);
    for (let at = from; at < buffer.length; at++) {
      const byte = buffer[at];
      if (byte === inside) return this.#close(buffer, at, 1);
      if (byte !== backslash || !escapes) continue;
      if (this.#lacks(buffer, at + 2, atEnd)) return at;
      at++;
    }
    return buffer.length;
  }

  #close(buffer: Buffer, at: number, length: number): number {
    if (at === -1) return buffer.length;
    this.#inside = 0;
    return at + length;
  }

  /** Whether the buffer lacks bytes before `end`. Sets `waits`. */
  #lacks(buffer: Buffer, end: number, atEnd: boolean): boolean {
    this.waits = !atEnd && buffer.length < end;
    return this.waits;
  }
}
