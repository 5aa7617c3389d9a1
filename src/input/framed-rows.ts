import type { Field } from '../domain/column.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RowFault } from '../domain/row.ts';
import type { PlainFields } from '../ports/token-repository.ts';

export const lineFeed = 10;
export const carriageReturn = 13;

/**
 * Rows found in one stretch of bytes, as parallel arrays:
 *
 *     buffer   a,b\r\n"c",d\n
 *              ^starts[0]     starts[1] = nexts[0]
 *                 ^ends[0]  (terminator left out)
 *
 * The framer reuses the arrays: they are valid until the next `push` or `end`. The bytes of `buffer` do not change.
 */
export type FramedRows = {
  buffer: Buffer;
  /** True if all of `buffer` is ASCII. */
  ascii: boolean;
  count: number;
  /** First byte of each row. */
  starts: number[];
  /** First byte after the row's text. */
  ends: number[];
  /** First byte after the row's terminator. */
  nexts: number[];
  /** Physical lines of each row. */
  lines: number[];
  kinds: RowKind[];
};

/**
 * `plain`: without quotes and escapes, so that fields can be split directly. `broken`: the borders are a guess; rejected.
 * `unclear`: the borders are right, but the bytes can be read in more than one way; rejected too. `blank`: an ignored empty
 * line, or what is between the tuples of an SQL dump.
 */
export type RowKind = 'plain' | 'quoted' | 'broken' | 'unclear' | 'blank';

/** An empty set of rows for a framer to fill. */
export function noRows(): FramedRows {
  return { buffer: Buffer.alloc(0), ascii: true, count: 0, starts: [], ends: [], nexts: [], lines: [], kinds: [] };
}

/** Finds the borders of rows in bytes cut anywhere. A broken row does not affect others. */
export type Framer = {
  push(chunk: Uint8Array): FramedRows;
  /** The rest when the file ends. Throws ImportError `unterminated-quote` and the like. */
  end(): FramedRows;
};

/** The positions of a row's fields, and their texts on demand. */
export type SplitRow = PlainFields & { readonly count: number; text(field: number): string };

export type FieldDecoder = {
  /** The fields of the row last decoded. Reused; `fields.length` is their number. */
  readonly fields: readonly Field[];
  /** The same fields, if each of them is its bytes unchanged, and none is NULL. Reused too. */
  readonly plain: SplitRow | undefined;
  /** Splits a row into `fields`. Returns what is wrong with the row, or undefined. */
  decode(rows: FramedRows, index: number): RowFault | undefined;
};

/** `header` begins the file. `write` makes the bytes of a row from those of the source, terminator included. */
type ListedRows = { readonly header: Uint8Array; write(bytes: Uint8Array): readonly Uint8Array[] };

/** A way to write rows as bytes. */
export type Dialect = {
  /** For messages and the checkpoint: `csv`, `mysql`. */
  readonly name: string;
  /** True if the first row of each file names the columns. */
  readonly header: boolean;
  /** What a byte order mark at the beginning of a file is: no part of its first row, a fault, or a part of its first row. */
  readonly byteOrderMark: 'skipped' | 'refused' | 'data';
  /** True if a carriage return before the line feed that ends a row is part of the row. */
  readonly keepsCarriageReturns: boolean;
  /** Extension of the reject file: `csv`, `txt`. */
  readonly rejectExtension: string;
  /** How rows are listed in a file, if their bytes alone cannot be read again. */
  readonly listedRows?: ListedRows;
  /**
   * A framer for one file. `fileName` and the first `line` (from 1) are for messages. `resumed`: its first byte is the first
   * one after a row, not the beginning of the file.
   */
  framer(fileName: string, line: number, resumed?: boolean): Framer;
  /** `binary[i]`: field i is raw bytes. `header`: names of the first row, so that a repeated header is recognized. */
  decoder(binary: readonly boolean[], header?: readonly string[]): FieldDecoder;
  /** For the row that names the columns, in which the text for NULL is a name. */
  headerDecoder(): FieldDecoder;
};

/** Calls `take` for each row after the header, with the line on which it begins. */
export function eachRow(
  dialect: Dialect,
  sample: Buffer,
  isWhole: boolean,
  take: (rows: FramedRows, index: number, line: number) => void,
): void {
  const framer = dialect.framer('', 1);
  let line = 1;
  let isHeader = dialect.header;
  const takeAll = (framed: FramedRows) => {
    for (let i = 0; i < framed.count; i++) {
      if (framed.kinds[i] !== 'blank') {
        if (!isHeader) take(framed, i, line);
        isHeader = false;
      }
      line += framed.lines[i]!;
    }
  };
  try {
    takeAll(framer.push(sample));
    if (isWhole) takeAll(framer.end());
  } catch (error) {
    // An incomplete row is reported when the file is read.
    if (!(error instanceof ImportError)) throw error;
  }
}

/** The fields of the first row as names; empty if the sample has no decodable row. */
export function firstRow(dialect: Dialect, sample: Buffer): readonly string[] {
  const decoder = dialect.headerDecoder();
  let names: readonly string[] | undefined;
  eachRow({ ...dialect, header: false }, sample, true, (framed, i) => {
    names ??= decoder.decode(framed, i) === undefined ? decoder.fields.map(String) : [];
  });
  return names ?? [];
}

/** Length of the line end of the first row after the header; undefined if the sample does not have it. */
export function firstLineEndBytes(dialect: Dialect, sample: Buffer): number | undefined {
  let byteLength: number | undefined;
  eachRow(dialect, sample, false, ({ ends, nexts }, i) => {
    byteLength ??= nexts[i]! - ends[i]!;
  });
  return byteLength;
}

export function countLineFeeds(buffer: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (buffer[at] === lineFeed) count++;
  return count;
}

/** Whether an odd number of escapes precedes `at`. */
export function isEscaped(buffer: Buffer, start: number, at: number, escapedBy: number): boolean {
  let first = at;
  while (first > start && buffer[first - 1] === escapedBy) first--;
  return (at - first) % 2 === 1;
}
