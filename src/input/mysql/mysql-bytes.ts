import type { RowKind } from '../framed-rows.ts';

/** Means NULL after the escape. */
export const nullLetter = 'N'.charCodeAt(0);

/** The bytes that delimit rows and fields of MySQL text. */
export type MysqlBytes = {
  /** In fields, the server escapes the first byte of a terminator. */
  readonly fieldTerminator: Buffer;
  readonly lineTerminator: Buffer;
  /** Before each row; may be empty. */
  readonly lineStart: Buffer;
  /** -1 if fields are not enclosed. */
  readonly enclosedBy: number;
  readonly escapedBy: number;
};

/** Finds where a row ends. The properties are valid until the next call. */
export type RowFinder = {
  /** Returns false if the row is incomplete. `atEnd`: no bytes follow. */
  find(buffer: Buffer, start: number, atEnd: boolean): boolean;
  /** First byte after the row's text, and after its terminator. */
  readonly end: number;
  readonly next: number;
  /** Line feeds in the row, including its terminator. */
  readonly lines: number;
  readonly kind: RowKind;
  /** After `find` returned false: whether an enclosure is open. */
  readonly insideEnclosure: boolean;
};

/** Whether `text` is at `position`; undefined if the buffer ends before that is clear. */
export function standsAt(buffer: Buffer, position: number, text: Buffer): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (position + i >= buffer.length) return undefined;
    if (buffer[position + i] !== text[i]) return false;
  }
  return true;
}

/** Index of the first unescaped line terminator from `from` on; -1 if the buffer has none. */
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
 * Index of the enclosure that closes the field opened before `from`, or of an unescaped line terminator, which the server
 * never writes inside a field; -1 if the buffer has neither.
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

/** Whether a column of this many bits can hold these bytes. */
export function isBitValue(raw: Uint8Array, bits: number): boolean {
  const length = Math.ceil(bits / 8);
  return raw.length === length && raw[0]! < 2 ** (bits - 8 * (length - 1));
}
