import type { RowKind } from '../framed-rows.ts';
import { carriageReturn, isEscaped, lineFeed, type MysqlBytes, type RowFinder } from './mysql-bytes.ts';

/**
 * Rows without enclosures. MySQL puts the escape before a line terminator inside a field, so a row ends at the first one
 * that is not escaped; bytes in between need not be looked at.
 */
export class LineFinder implements RowFinder {
  readonly #bytes: MysqlBytes;
  readonly insideEnclosure = false;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'plain';
  /** Where the next escape stands in `#searched`, at or behind the row last found. */
  #escapeAt = 0;
  #searched: Buffer | undefined;

  constructor(bytes: MysqlBytes) {
    this.#bytes = bytes;
  }

  find(buffer: Buffer, start: number): boolean {
    this.lines = 1;
    let feed = buffer.indexOf(lineFeed, start);
    while (feed !== -1 && !this.#endsRow(buffer, start, feed)) {
      this.lines++;
      feed = buffer.indexOf(lineFeed, feed + 1);
    }
    if (feed === -1) return false;
    this.end = this.#bytes.crlf ? feed - 1 : feed;
    this.next = feed + 1;
    this.kind = this.#escapeFrom(buffer, start) < this.end ? 'quoted' : 'plain';
    return true;
  }

  #endsRow(buffer: Buffer, start: number, feed: number): boolean {
    const { crlf, escapedBy } = this.#bytes;
    if (!crlf) return !isEscaped(buffer, start, feed, escapedBy);
    return feed > start && buffer[feed - 1] === carriageReturn && !isEscaped(buffer, start, feed - 1, escapedBy);
  }

  #escapeFrom(buffer: Buffer, start: number): number {
    if (this.#searched !== buffer || this.#escapeAt < start) {
      this.#searched = buffer;
      const at = buffer.indexOf(this.#bytes.escapedBy, start);
      this.#escapeAt = at === -1 ? buffer.length : at;
    }
    return this.#escapeAt;
  }
}
