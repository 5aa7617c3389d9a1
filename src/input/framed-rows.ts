import type { Field } from '../domain/column.ts';
import type { RowFault } from '../domain/row.ts';
import type { PlainFields } from '../ports/token-repository.ts';

/**
 * Rows found in one stretch of bytes, as parallel arrays:
 *
 *     buffer   a,b\r\n"c",d\n
 *              ^starts[0]     starts[1] = nexts[0]
 *                 ^ends[0]  (terminator left out)
 *
 * The framer reuses it: it holds until the next `push` or `end`. The bytes of `buffer` stay.
 */
export type FramedRows = {
  buffer: Buffer;
  /** True where all of `buffer` is ASCII, so that every row is. */
  ascii: boolean;
  count: number;
  /** First byte of row i. */
  starts: number[];
  /** First byte behind the row's text. */
  ends: number[];
  /** First byte behind the row's terminator. */
  nexts: number[];
  /** Physical lines the row takes. */
  lines: number[];
  kinds: RowKind[];
};

/**
 * `plain`: no quote, no escape, fields may be split directly. `broken`: the borders are a guess, to be rejected.
 * `unclear`: the borders hold, but what is between them can be read in more than one way: to be rejected too.
 * `blank`: an empty line of a dialect in which that is no row, or what stands between the tuples of an SQL dump.
 */
export type RowKind = 'plain' | 'quoted' | 'broken' | 'unclear' | 'blank';

/** An empty set of rows, to be filled by a framer. */
export function noRows(): FramedRows {
  return { buffer: Buffer.alloc(0), ascii: true, count: 0, starts: [], ends: [], nexts: [], lines: [], kinds: [] };
}

/** Finds the borders of rows in bytes cut anywhere. A row it can't make sense of stays alone. */
export type Framer = {
  push(chunk: Uint8Array): FramedRows;
  /** What is left when the file ends. Throws ImportError `unterminated-quote` and the like. */
  end(): FramedRows;
};

/** The places of a row's fields, and their texts where they are asked for. */
export type SplitRow = PlainFields & { readonly count: number; text(field: number): string };

/**
 * Splits a row into fields, left in `fields` (reused; `fields.length` is their number). Returns what is wrong with the
 * row, or undefined.
 */
export type FieldDecoder = {
  readonly fields: readonly Field[];
  /** The same fields, where all of them are their bytes as they stand; none is NULL then. Reused too. */
  readonly plain: SplitRow | undefined;
  decode(rows: FramedRows, index: number): RowFault | undefined;
};

/** `header` begins the file. `write` gives the bytes of a row from those that the source has, terminator included. */
type ListedRows = { readonly header: Uint8Array; write(bytes: Uint8Array): readonly Uint8Array[] };

/** A way to write rows as bytes. One file a dialect. */
export type Dialect = {
  /** For messages and the checkpoint: `csv`, `mysql`. */
  readonly name: string;
  /** True where the first row of each file names the columns. */
  readonly header: boolean;
  /** False where a byte order mark at the beginning of a file is part of its first row. */
  readonly skipsByteOrderMark: boolean;
  /** True where a carriage return before the line feed that ends a row is a part of it. */
  readonly keepsCarriageReturns: boolean;
  /** Ending of the reject file: `csv`, `txt`. */
  readonly rejectExtension: string;
  /** How rows are written to a file of their own, where their bytes alone can't be read again. */
  readonly listedRows?: ListedRows;
  /**
   * A framer for one file that begins at `line` (from 1), for messages. `fileName` too. `resumed`: its first byte is the
   * first one after a row, not the beginning of the file.
   */
  framer(fileName: string, line: number, resumed?: boolean): Framer;
  /**
   * `binary[i]`: field i holds raw bytes that never pass through text. `header`: the names that the first row of the
   * file gave, so that a repetition of them is told from a row.
   */
  decoder(binary: readonly boolean[], header?: readonly string[]): FieldDecoder;
  /** For the row that names the columns: what stands for NULL below it is a name there. */
  headerDecoder(): FieldDecoder;
};
