/** Rows are copied into blocks of this size, outside the heap; a longer one gets a block of its own. */
const blockBytes = 8 * 1024 ** 2;
/** Lines are handed out in chunks of this size, the same for each run, because the packed bytes may depend on it. */
const chunkBytes = 1024 ** 2;

/**
 * The last row of each key. A later row is written over an earlier one where it fits, so that the memory is that of the
 * distinct keys, however often one of them comes.
 */
export class LastRows {
  #blocks: Buffer[] = [];
  /** Blocks of the usual size that nothing is in. */
  readonly #spare: Buffer[] = [];
  #blockEnd = 0;
  #count = 0;
  #superseded = 0;
  /** By row: its block, where its key starts there, the lengths of key and line, the room for the line, and the key hash. */
  #block = new Uint32Array(1024);
  #start = new Uint32Array(1024);
  #keyBytes = new Uint32Array(1024);
  #lineBytes = new Uint32Array(1024);
  #room = new Uint32Array(1024);
  #hash = new Int32Array(1024);
  /** By hash: a row + 1, or 0. Its length is a power of two and more than the rows. */
  #places = new Int32Array(2048);

  get count(): number {
    return this.#count;
  }

  get superseded(): number {
    return this.#superseded;
  }

  /** Forgets all rows, and keeps the memory for others. */
  clear(): void {
    this.#spare.push(...this.#blocks.filter(({ length }) => length === blockBytes));
    this.#blocks = [];
    this.#blockEnd = 0;
    this.#count = 0;
    this.#superseded = 0;
    this.#places.fill(0);
  }

  /** Takes the next row of the source: its key and its line, which follows the key, in `bytes`. */
  take(bytes: Buffer, hash: number, keyStart: number, lineStart: number, end: number): void {
    let place = this.#placeOf(hash);
    for (let row = this.#places[place]!; row !== 0; row = this.#places[place]!) {
      if (this.#isKey(row - 1, bytes, hash, keyStart, lineStart)) {
        this.#superseded++;
        this.#replace(row - 1, bytes, keyStart, lineStart, end);
        return;
      }
      place = (place + 1) & (this.#places.length - 1);
    }
    const row = this.#count++;
    if (row === this.#hash.length) this.#grow();
    this.#hash[row] = hash;
    this.#keyBytes[row] = lineStart - keyStart;
    this.#store(row, bytes, keyStart, lineStart, end);
    this.#places[place] = row + 1;
    if (this.#count * 2 > this.#places.length) this.#rehash();
  }

  /** The lines, each with a line feed, in an order that only the seed and the keys decide. */
  *shuffledLines(seed: number): Generator<Buffer> {
    let chunk = Buffer.allocUnsafeSlow(chunkBytes);
    let at = 0;
    for (const row of this.#shuffled(seed)) {
      const block = this.#blocks[this.#block[row]!]!;
      const start = this.#start[row]! + this.#keyBytes[row]!;
      const end = start + this.#lineBytes[row]!;
      for (let from = start; from <= end; ) {
        if (from === end) {
          chunk[at++] = lineFeed;
          from++;
        } else {
          const copied = block.copy(chunk, at, from, end);
          from += copied;
          at += copied;
        }
        if (at < chunk.length) continue;
        yield chunk;
        chunk = Buffer.allocUnsafeSlow(chunkBytes);
        at = 0;
      }
    }
    if (at > 0) yield chunk.subarray(0, at);
  }

  /** Bytes of the lines with their line feeds. */
  get bytes(): number {
    let bytes = this.#count;
    for (let row = 0; row < this.#count; row++) bytes += this.#lineBytes[row]!;
    return bytes;
  }

  /** Rows by a hash of seed and key: the order in which they came is not the same in every run. */
  #shuffled(seed: number): Uint32Array {
    const ranked = new BigUint64Array(this.#count);
    const halves = new Uint32Array(ranked.buffer);
    for (let row = 0; row < this.#count; row++) {
      halves[2 * row + lowHalf] = row;
      halves[2 * row + 1 - lowHalf] = this.#rank(row, seed);
    }
    ranked.sort();
    const rows = Uint32Array.from({ length: this.#count }, (_, i) => halves[2 * i + lowHalf]!);
    for (let from = 0; from < this.#count; ) {
      let to = from + 1;
      while (to < this.#count && halves[2 * to + 1 - lowHalf] === halves[2 * from + 1 - lowHalf]) to++;
      if (to - from > 1) rows.subarray(from, to).sort((a, b) => Buffer.compare(this.#key(a), this.#key(b)));
      from = to;
    }
    return rows;
  }

  #rank(row: number, seed: number): number {
    const block = this.#blocks[this.#block[row]!]!;
    const start = this.#start[row]!;
    let hash = seed;
    for (let at = start; at < start + this.#keyBytes[row]!; at++) {
      hash = Math.imul(hash ^ block[at]!, 0x01000193);
      hash ^= hash >>> 13;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #key(row: number): Buffer {
    const start = this.#start[row]!;
    return this.#blocks[this.#block[row]!]!.subarray(start, start + this.#keyBytes[row]!);
  }

  #placeOf(hash: number): number {
    // The rows of one partition have many low bits in common.
    return (Math.imul(hash, 0x9e3779b1) >>> 7) & (this.#places.length - 1);
  }

  #isKey(row: number, bytes: Buffer, hash: number, keyStart: number, keyEnd: number): boolean {
    if (this.#hash[row] !== hash || this.#keyBytes[row] !== keyEnd - keyStart) return false;
    const start = this.#start[row]!;
    const block = this.#blocks[this.#block[row]!]!;
    return block.compare(bytes, keyStart, keyEnd, start, start + keyEnd - keyStart) === 0;
  }

  #replace(row: number, bytes: Buffer, keyStart: number, lineStart: number, end: number): void {
    if (end - lineStart > this.#room[row]!) {
      this.#store(row, bytes, keyStart, lineStart, end);
      return;
    }
    this.#lineBytes[row] = end - lineStart;
    bytes.copy(this.#blocks[this.#block[row]!]!, this.#start[row]! + this.#keyBytes[row]!, lineStart, end);
  }

  #store(row: number, bytes: Buffer, keyStart: number, lineStart: number, end: number): void {
    const length = end - keyStart;
    if (this.#blocks.length === 0 || this.#blockEnd + length > this.#blocks.at(-1)!.length) {
      const spare = length <= blockBytes ? this.#spare.pop() : undefined;
      this.#blocks.push(spare ?? Buffer.allocUnsafeSlow(Math.max(blockBytes, length)));
      this.#blockEnd = 0;
    }
    this.#block[row] = this.#blocks.length - 1;
    this.#start[row] = this.#blockEnd;
    this.#lineBytes[row] = end - lineStart;
    this.#room[row] = end - lineStart;
    this.#blockEnd += bytes.copy(this.#blocks.at(-1)!, this.#blockEnd, keyStart, end);
  }

  #grow(): void {
    this.#block = doubled(this.#block);
    this.#start = doubled(this.#start);
    this.#keyBytes = doubled(this.#keyBytes);
    this.#lineBytes = doubled(this.#lineBytes);
    this.#room = doubled(this.#room);
    const hash = new Int32Array(this.#hash.length * 2);
    hash.set(this.#hash);
    this.#hash = hash;
  }

  #rehash(): void {
    this.#places = new Int32Array(this.#places.length * 2);
    for (let row = 0; row < this.#count; row++) {
      let place = this.#placeOf(this.#hash[row]!);
      while (this.#places[place] !== 0) place = (place + 1) & (this.#places.length - 1);
      this.#places[place] = row + 1;
    }
  }
}

const lineFeed = 0x0a;
/** Which half of a 64-bit number is its lower one in memory. */
const lowHalf = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 0 : 1;

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
