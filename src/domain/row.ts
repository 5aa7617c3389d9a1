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

/** Why a row was rejected, as a sentence. Listed in the documentation; a released code keeps its meaning. */
export const rejectReasons = {
  'ragged-row': 'The row has more or fewer fields than the header.',
  'misplaced-quote': 'A quote stands inside a field that is not quoted, or text follows the closing quote.',
  'invalid-utf8': 'A field is not valid UTF-8.',
  undecodable: 'A field cannot be decoded in the character set or with the escape of its column.',
  'bare-null': 'An unquoted word for NULL can be NULL or text.',
  'not-as-declared': 'A field does not fit the type that the schema declares.',
  'header-row': 'The row repeats the header.',
  'bare-backslash': 'A backslash may be an escape or text.',
  'not-a-number': 'A field of a number column is not a number.',
  'number-too-precise': 'A number has more than 38 significant digits.',
  'number-out-of-range': 'A number is outside the range of DynamoDB.',
  'not-base64': 'A field of a BASE64 column is not base64.',
  'not-hex': 'A field of a HEX column is not hexadecimal.',
  'not-a-boolean': 'A field of a BOOL column is not a boolean.',
  'not-json': 'A field of a JSON column is not JSON.',
  'json-too-deep': 'A JSON value is nested deeper than DynamoDB allows.',
  'not-a-date': 'A field of an EPOCH column is not a date-time.',
  'zero-date': 'A date-time is 0000-00-00.',
  'ttl-not-seconds': 'The value of the TTL attribute is not a time in seconds.',
  'template-null': 'A column that --set needs is NULL, or empty where empty text is left out.',
  'key-missing': 'A key attribute is NULL.',
  'key-empty': 'A key attribute is empty.',
  'key-too-long': 'A key attribute is longer than DynamoDB allows.',
  'item-too-large': 'The item would be larger than 400 KB.',
  'refused-by-table': 'The table refused the item.',
} as const;

export type RejectCode = keyof typeof rejectReasons;

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
