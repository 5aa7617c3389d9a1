/** Where a row stands in the source. Offsets count decompressed bytes. */
export type Position = {
  /** Index of the file in the order given. */
  readonly fileIndex: number;
  /** Number of the row over all files, from 0; headers are not counted. */
  readonly ordinal: number;
  /** Physical line in its file on which the row begins, from 1. */
  readonly line: number;
  readonly byteOffset: number;
  /** Bytes up to the next row, the line terminator included. */
  readonly byteLength: number;
};

/** A framed row, which shares the bytes of its chunk with other rows. */
export class Row implements Position {
  readonly fileIndex: number;
  readonly ordinal: number;
  readonly line: number;
  /** Physical lines of the row; more than one if a field holds a line break. */
  readonly lines: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  #chunk: Uint8Array;
  #start: number;

  constructor(
    chunk: Uint8Array,
    start: number,
    byteLength: number,
    fileIndex: number,
    ordinal: number,
    line: number,
    lines: number,
    byteOffset: number,
  ) {
    this.#chunk = chunk;
    this.#start = start;
    this.byteLength = byteLength;
    this.fileIndex = fileIndex;
    this.ordinal = ordinal;
    this.line = line;
    this.lines = lines;
    this.byteOffset = byteOffset;
  }

  /** The row as the source has it, with its terminator if there is one. A view, not a copy. */
  get bytes(): Uint8Array {
    return this.#chunk.subarray(this.#start, this.#start + this.byteLength);
  }

  /** Copies the bytes, so that the row can be held for long without the chunk around it. */
  detach(): void {
    if (this.#chunk.buffer.byteLength === this.byteLength) return;
    this.#chunk = Uint8Array.from(this.bytes);
    this.#start = 0;
  }
}

/** Why a row was rejected. Listed in the documentation; a released code keeps its meaning. */
export type RejectCode =
  | 'ragged-row'
  | 'misplaced-quote'
  | 'invalid-utf8'
  | 'undecodable'
  | 'bare-null'
  | 'not-as-declared'
  | 'header-row'
  | 'bare-backslash'
  | 'not-a-number'
  | 'number-too-precise'
  | 'number-out-of-range'
  | 'not-base64'
  | 'not-hex'
  | 'not-a-boolean'
  | 'not-json'
  | 'json-too-deep'
  | 'not-a-date'
  | 'zero-date'
  | 'key-missing'
  | 'key-empty'
  | 'key-too-long'
  | 'item-too-large'
  | 'refused-by-table';

/** What is wrong with a row. The message names the column and shows no value. */
export type RowFault = {
  readonly code: RejectCode;
  readonly column?: string;
  readonly message: string;
};

/** A rejected row, with its original bytes (terminator included) for the reject file. */
export type RejectedRow = RowFault & {
  readonly position: Position;
  readonly bytes: Uint8Array;
};

/** A row listed in a file, with the reason: rejected, missing from the table, or different there. */
export type ListedRow = Omit<RejectedRow, 'code'> & { readonly code: string };
