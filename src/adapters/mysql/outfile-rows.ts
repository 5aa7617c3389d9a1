/**
 * Rows as `SELECT ... INTO OUTFILE` writes them by default: fields separated by tabs, NULL as `\N`, rows ended by LF. NUL,
 * tab, LF and backslash stand after a backslash in every field, as MySQL writes them; MariaDB leaves BIT out of that.
 */
export class OutfileRows {
  readonly #chunkBytes: number;
  #chunk: Buffer;
  #length = 0;

  /** Chunks are about `chunkBytes` long and hold whole rows. */
  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes);
  }

  /** Whether a chunk is ready to be taken. */
  get isFull(): boolean {
    return this.#length >= this.#chunkBytes - roomForRow;
  }

  /** Copies the values of one row. */
  add(values: readonly (Uint8Array | null)[]): void {
    let most = values.length;
    for (const value of values) most += value === null ? 2 : 2 * value.length;
    this.#makeRoom(most);
    const chunk = this.#chunk;
    let at = this.#length;
    for (let field = 0; field < values.length; field++) {
      if (field > 0) chunk[at++] = tab;
      const value = values[field]!;
      if (value === null) {
        chunk[at++] = backslash;
        chunk[at++] = letterN;
      } else at = writeEscaped(value, chunk, at);
    }
    chunk[at++] = lineFeed;
    this.#length = at;
  }

  /** The rows since the last chunk, in a buffer of their own; empty if there are none. */
  take(): Uint8Array {
    const taken = this.#chunk.subarray(0, this.#length);
    this.#chunk = Buffer.allocUnsafeSlow(this.#chunkBytes);
    this.#length = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#chunk.length) return;
    const larger = Buffer.allocUnsafeSlow(this.#length + bytes);
    this.#chunk.copy(larger, 0, 0, this.#length);
    this.#chunk = larger;
  }
}

/** A chunk counts as full this many bytes early, so that most rows fit into it. */
const roomForRow = 4096;
const tab = 0x09;
const lineFeed = 0x0a;
const backslash = 0x5c;
const zero = 0x30;
const letterN = 0x4e;

function writeEscaped(value: Uint8Array, target: Buffer, from: number): number {
  let at = from;
  for (let i = 0; i < value.length; i++) {
    const byte = value[i]!;
    if (byte === 0) {
      target[at++] = backslash;
      target[at++] = zero;
      continue;
    }
    if (byte === tab || byte === lineFeed || byte === backslash) target[at++] = backslash;
    target[at++] = byte;
  }
  return at;
}
