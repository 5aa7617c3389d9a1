import type { RowKind } from '../framed-rows.ts';
import {
  carriageReturn,
  closingEnclosure,
  countLineFeeds,
  lineFeed,
  lineTerminatorAt,
  type MysqlBytes,
  type RowFinder,
} from './mysql-bytes.ts';

/** Rows with enclosures, read byte by byte. Text behind a closing enclosure spoils its row, up to the end of the line. */
export class EnclosedFinder implements RowFinder {
  readonly #bytes: MysqlBytes;
  end = 0;
  next = 0;
  lines = 1;
  kind: RowKind = 'plain';
  insideEnclosure = false;

  constructor(bytes: MysqlBytes) {
    this.#bytes = bytes;
  }

  find(buffer: Buffer, start: number): boolean {
    const { terminatedBy, enclosedBy, crlf } = this.#bytes;
    this.kind = 'plain';
    this.insideEnclosure = false;
    let position = start;
    for (;;) {
      if (buffer[position] === enclosedBy) {
        this.kind = 'quoted';
        const close = closingEnclosure(buffer, position + 1, this.#bytes);
        this.insideEnclosure = close === -1;
        if (close === -1) return false;
        position = close + 1;
        const clean = buffer[position] === terminatedBy || lineTerminatorAt(buffer, position, crlf) !== 0;
        if (!clean) this.kind = 'broken';
      }
      position = this.#unescapedTerminator(buffer, position);
      if (position === -1) return false;
      if (buffer[position] !== terminatedBy) return this.#endAt(buffer, start, position);
      position++;
    }
  }

  /** First field or line terminator from `from` on that no escape stands before; -1 where the buffer does not hold it. */
  #unescapedTerminator(buffer: Buffer, from: number): number {
    const { enclosedBy, escapedBy, crlf } = this.#bytes;
    // Where a spoilt row's fields end can't be told any more, only where its line does.
    const terminatedBy = this.kind === 'broken' ? -1 : this.#bytes.terminatedBy;
    for (let position = from; position < buffer.length; position++) {
      const byte = buffer[position]!;
      if (byte === terminatedBy) return position;
      if (byte === lineFeed || byte === carriageReturn) {
        const length = lineTerminatorAt(buffer, position, crlf);
        if (length !== 0) return length === -1 ? -1 : position;
      } else if (byte === escapedBy || byte === enclosedBy) {
        if (this.kind === 'plain') this.kind = 'quoted';
        if (byte === escapedBy) position++;
      }
    }
    return -1;
  }

  #endAt(buffer: Buffer, start: number, position: number): true {
    this.end = position;
    this.next = position + (this.#bytes.crlf ? 2 : 1);
    this.lines = countLineFeeds(buffer, start, this.next);
    return true;
  }
}
