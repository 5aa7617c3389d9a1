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

/** Memory that rows share. All of it is held until the last of them is done. */
export type Slab = {
  readonly byteLength: number;
  /** Rows in flight whose bytes are in it. */
  holders: number;
};

/** Returns the bytes that are held from now on, since the first row in the slab is. */
export function enterSlab(slab: Slab | undefined): number {
  return slab !== undefined && slab.holders++ === 0 ? slab.byteLength : 0;
}

/** Returns the bytes that are no longer held, since no row in the slab is. */
export function leaveSlab(slab: Slab | undefined): number {
  return slab !== undefined && --slab.holders === 0 ? slab.byteLength : 0;
}

const nothing = new Uint8Array();

/** A framed row, which shares the bytes of its chunk with other rows. */
export class Row implements Position {
  fileIndex = 0;
  ordinal = 0;
  line = 0;
  /** Physical lines of the row; more than one if a field holds a line break. */
  lines = 0;
  byteOffset = 0;
  byteLength = 0;
  /** The memory of its bytes, if it shares that with others. */
  slab: Slab | undefined;
  #chunk: Uint8Array = nothing;
  #start = 0;

  /** Takes what `place` takes; without it the row is to be placed. */
  constructor(...at: Parameters<Row['place']> | []) {
    if (at.length !== 0) this.place(...at);
  }

  /** Turns it into another row. */
  place(
    chunk: Uint8Array,
    start: number,
    byteLength: number,
    fileIndex: number,
    ordinal: number,
    line: number,
    lines: number,
    byteOffset: number,
  ): void {
    this.#chunk = chunk;
    this.#start = start;
    this.byteLength = byteLength;
    this.fileIndex = fileIndex;
    this.ordinal = ordinal;
    this.line = line;
    this.lines = lines;
    this.byteOffset = byteOffset;
  }

  /** Drops its bytes. */
  drop(): void {
    this.#chunk = nothing;
    this.slab = undefined;
  }

  /** The row as the source has it, with its terminator if there is one. A view, not a copy. */
  get bytes(): Uint8Array {
    return this.#chunk.subarray(this.#start, this.#start + this.byteLength);
  }

  /** Copies the bytes, so that the row can be held for long without the chunk around it. */
  detach(): void {
    const isAlone = this.slab !== undefined && this.#chunk.buffer.byteLength === this.byteLength;
    if (isAlone) return;
    this.moveTo(new Uint8Array(this.byteLength), 0, { byteLength: this.byteLength, holders: 0 });
  }

  /** Copies the bytes to `start` of memory that belongs to `slab`. */
  moveTo(memory: Uint8Array, start: number, slab: Slab): void {
    memory.set(this.bytes, start);
    this.#chunk = memory;
    this.#start = start;
    this.slab = slab;
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
  | 'ttl-not-seconds'
  | 'template-null'
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

/** The most that `--max-row-bytes` allows. */
export const mostRowBytes = 256 * 1024 ** 2;
