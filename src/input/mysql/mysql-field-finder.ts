import type { RowKind } from '../framed-rows.ts';
import { closingEnclosure, countLineFeeds, lineEnd, type MysqlBytes, type RowFinder, standsAt } from './mysql-bytes.ts';

/**
 * Rows of any separators, read byte by byte. Text after a closing enclosure, the beginning of a terminator that does not
 * go on, or a missing prefix spoils its row, up to the end of the line.
 */
export class FieldFinder implements RowFinder {
  readonly #bytes: MysqlBytes;
  /** By field: false if it is never enclosed, so that an enclosure at its beginning is data. Undefined if not known. */
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
      // Calls for terminators of one byte would take as long as all the rest.
      if (fieldTerminator.length > 1 || lineTerminator.length > 1) {
        const ends = this.#endsAt(buffer, position);
        if (ends === 'unknown') return false;
        if (ends === 'nothing') return this.#endBroken(buffer, start, position + 1);
        if (ends === 'line') return this.#endAt(buffer, start, position);
      } else if (buffer[position] === lineTerminator[0]) return this.#endAt(buffer, start, position);
      position += fieldTerminator.length;
    }
  }

  /** What the terminator ends of which the first byte stands at `position`. */
  #endsAt(buffer: Buffer, position: number): 'field' | 'line' | 'nothing' | 'unknown' {
    const endsField = standsAt(buffer, position, this.#bytes.fieldTerminator);
    const endsLine = standsAt(buffer, position, this.#bytes.lineTerminator);
    if (endsField === true || endsLine === true) return endsLine ? 'line' : 'field';
    return endsField === undefined || endsLine === undefined ? 'unknown' : 'nothing';
  }

  /** First byte of a terminator from `from` on that no escape stands before; -1 if the buffer does not hold it. */
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

  /** Where the fields of a spoilt row end can't be told any more, only where its line does. */
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
