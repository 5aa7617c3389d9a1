import type { RowKind } from '../framed-rows.ts';
import { carriageReturn, isEscaped, lineFeed, type RowFinder } from './mysql-bytes.ts';

/**
 * Rows without enclosures that end with a line feed. MySQL puts the escape before a line feed inside a field, so a row
 * ends at the first one that is not escaped; bytes in between need not be looked at.
 */
export class LineFinder implements RowFinder {
  readonly #escapedBy: number;
  readonly #crlf: boolean;
  readonly insideEnclosure = false;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'plain';
  /** Where the next escape stands in `#searched`, at or after the row last found. */
  #escapeAt = 0;
  #searched: Buffer | undefined;

  /** `crlf`: a carriage return belongs before each line feed, as the client for Windows writes it. */
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
