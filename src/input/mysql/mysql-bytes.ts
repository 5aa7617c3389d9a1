import type { RowKind } from '../framed-rows.ts';

export const lineFeed = 10;
export const carriageReturn = 13;
/** After the escape it makes NULL. */
export const nullLetter = 'N'.charCodeAt(0);

/** The bytes that give MySQL's text its shape. */
export type MysqlBytes = {
  /** The server escapes the first byte of a terminator in fields, so it never stands there without an escape. */
  readonly fieldTerminator: Buffer;
  readonly lineTerminator: Buffer;
  /** Before each row; may be empty. */
  readonly lineStart: Buffer;
  /** -1 if fields are not enclosed. */
  readonly enclosedBy: number;
  readonly escapedBy: number;
};

/** Finds where a row ends. What it found stays in its properties until the next call. */
export type RowFinder = {
  /** Returns false where the buffer ends before the row does; `atEnd`: nothing will follow. */
  find(buffer: Buffer, start: number, atEnd: boolean): boolean;
  /** First byte after the row's text, and after its terminator. */
  readonly end: number;
  readonly next: number;
  /** Line feeds in the row, its terminator's included. */
  readonly lines: number;
  readonly kind: RowKind;
  /** After `find` returned false: whether the row has an enclosure open. */
  readonly insideEnclosure: boolean;
};

/** Whether `text` stands at `position`; undefined if the buffer ends before that can be told. */
export function standsAt(buffer: Buffer, position: number, text: Buffer): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (position + i >= buffer.length) return undefined;
    if (buffer[position + i] !== text[i]) return false;
  }
  return true;
}

/** Index of the first line terminator from `from` on without an escape before it; -1 if the buffer does not hold it. */
export function lineEnd(buffer: Buffer, from: number, { lineTerminator, escapedBy }: MysqlBytes): number {
  const first = lineTerminator[0];
  for (let position = from; position < buffer.length; position++) {
    const byte = buffer[position];
    if (byte === escapedBy) position++;
    else if (byte === first) {
      const stands = standsAt(buffer, position, lineTerminator);
      if (stands !== false) return stands === true ? position : -1;
    }
  }
  return -1;
}

/**
 * Index of the enclosure that closes the field opened before `from`, or of a line terminator without an escape before it,
 * which the server never writes inside a field; -1 if the buffer holds neither.
 */
export function closingEnclosure(buffer: Buffer, from: number, bytes: MysqlBytes): number {
  const { enclosedBy, escapedBy } = bytes;
  const endsLine = bytes.lineTerminator[0];
  for (let position = from; position < buffer.length; position++) {
    const byte = buffer[position];
    if (byte === escapedBy) position++;
    else if (byte === enclosedBy || byte === endsLine) return position;
  }
  return -1;
}

/** Whether the server can hold these bytes in a column of this many bits. */
export function isBitValue(raw: Uint8Array, bits: number): boolean {
  const length = Math.ceil(bits / 8);
  return raw.length === length && raw[0]! < 2 ** (bits - 8 * (length - 1));
}

export function countLineFeeds(buffer: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (buffer[at] === lineFeed) count++;
  return count;
}

/** True where an odd number of escapes stands before `at`. */
export function isEscaped(buffer: Buffer, start: number, at: number, escapedBy: number): boolean {
  let first = at;
  while (first > start && buffer[first - 1] === escapedBy) first--;
  return (at - first) % 2 === 1;
}
