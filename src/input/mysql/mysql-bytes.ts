import type { RowKind } from '../framed-rows.ts';

export const lineFeed = 10;
export const carriageReturn = 13;
/** Behind the escape it makes NULL. */
export const nullLetter = 'N'.charCodeAt(0);

/** The bytes that give MySQL's text its shape; `enclosedBy` is -1 where there is none. */
export type MysqlBytes = {
  readonly terminatedBy: number;
  readonly enclosedBy: number;
  readonly escapedBy: number;
  /** Lines end with CR LF; a line feed alone is data then. */
  readonly crlf: boolean;
};

/** Finds where a row ends. What it found stays in its properties until the next call. */
export type RowFinder = {
  /** Returns false where the buffer ends before the row does; `atEnd`: nothing will follow. */
  find(buffer: Buffer, start: number, atEnd: boolean): boolean;
  /** First byte behind the row's text, and behind its terminator. */
  readonly end: number;
  readonly next: number;
  /** Line feeds in the row, its terminator's included. */
  readonly lines: number;
  readonly kind: RowKind;
  /** After `find` returned false: whether the row has an enclosure open. */
  readonly insideEnclosure: boolean;
};

/** Length of the line terminator at `position`; 0 where there is none, -1 where it takes more bytes to tell. */
export function lineTerminatorAt(buffer: Buffer, position: number, crlf: boolean): number {
  const byte = buffer[position];
  if (byte === undefined) return -1;
  if (!crlf) return byte === lineFeed ? 1 : 0;
  if (byte !== carriageReturn) return 0;
  const next = buffer[position + 1];
  if (next === undefined) return -1;
  return next === lineFeed ? 2 : 0;
}

/** Index of the enclosure that closes the field opened before `from`; -1 where the buffer does not hold it. */
export function closingEnclosure(buffer: Buffer, from: number, bytes: MysqlBytes): number {
  const { enclosedBy, escapedBy } = bytes;
  for (let position = from; position < buffer.length; position++) {
    const byte = buffer[position];
    if (byte === escapedBy) position++;
    else if (byte === enclosedBy) return position;
  }
  return -1;
}

/** Whether the server can hold these bytes in a column of so many bits. */
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
