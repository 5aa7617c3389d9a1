import type { RowFault } from '../../domain/rejected-row.ts';
import type { PlainSplitter } from '../plain-splitter.ts';

export const carriageReturnAtEnd: RowFault = {
  code: 'undecodable',
  message: 'the row ends with a carriage return before its line end, so its last field may be damaged',
};

export const otherLineEnd: RowFault = {
  code: 'undecodable',
  message:
    'the row ends with CR LF and the first row of the source with LF, or the other way round, so a CR may belong to a value',
};

/** A backslash that nobody said is an escape or text. */
export function bareBackslash(quote: string): RowFault {
  return {
    code: 'bare-backslash',
    message:
      'a backslash stands before a quote, a backslash or a line end; ' +
      `pass --escape '\\' if it is an escape, --escape '${quote}' if it is text`,
  };
}

/** A NULL or \N that nobody said is NULL or text. */
export function bareNull(field: number, text: string): RowFault {
  return {
    code: 'bare-null',
    message: `field ${field + 1} is ${text} without quotes; pass --null '${text}' if it is NULL, --no-null if it is text`,
  };
}

const nullWord = 0x4e554c4c;
const backslashN = 0x5c4e;

/** Index of the first field that is NULL or \N, or -1. Only fields of their lengths are looked at. */
export function bareNullIn({ starts, ends, count, bytes }: PlainSplitter): number {
  for (let i = 0; i < count; i++) {
    const byteLength = ends[i]! - starts[i]!;
    if (byteLength === 4 && bytes.getUint32(starts[i]!) === nullWord) return i;
    if (byteLength === 2 && bytes.getUint16(starts[i]!) === backslashN) return i;
  }
  return -1;
}

const backslash = 92;
const lineFeed = 10;

/** Finds backslashes that MySQL may have written as escapes. A buffer without one is searched once, not row by row. */
export class BareBackslashes {
  /** By byte: whether a backslash before it is looked for. */
  readonly #isEscaped = new Uint8Array(256);
  #buffer: Buffer | undefined;
  #isClean = false;

  /** `mayBeMysql`: also those that MySQL writes before letters. */
  constructor(quote: string, mayBeMysql: boolean) {
    const escaped = `${quote}\\\n\r${mayBeMysql ? '0nt' : ''}`;
    for (const character of escaped) this.#isEscaped[character.charCodeAt(0)] = 1;
  }

  /** Whether the row from `start` to `end` has one before a character that it may escape. */
  isIn(buffer: Buffer, start: number, end: number): boolean {
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#isClean = !buffer.includes(backslash);
    }
    return !this.#isClean && this.#isInRow(buffer, start, end);
  }

  #isInRow(buffer: Buffer, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      if (buffer[at] !== backslash) continue;
      const next = at + 1 < end ? buffer[at + 1] : lineFeed;
      if (this.#isEscaped[next!] === 1) return true;
    }
    return false;
  }
}
