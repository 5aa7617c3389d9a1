/** Bytes at the beginning of each part that say what follows. */
const headBytesOf = { magic: 4, length: 4, descriptor: 1, block: 3 };

/**
 * Follows the frames of zstd data without unpacking them (RFC 8878), to know at the end whether the last one is whole:
 * Node's decoder takes data that is cut short for data that ends.
 *
 *     frame      magic 4 | descriptor 1 | rest of the header | block header 3 | block | … | checksum 0 or 4
 *     skippable  magic 4 | length 4 | that many bytes
 */
export class ZstdFrames {
  #part: keyof typeof headBytesOf = 'magic';
  #head: number[] = [];
  /** Bytes to come before the next part. */
  #skipBytes = 0;
  #checksumBytes = 0;

  /** True where what was pushed so far ends with a frame. */
  get whole(): boolean {
    return this.#part === 'magic' && this.#head.length === 0 && this.#skipBytes === 0;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, bytes.length - at);
        this.#skipBytes -= skipped;
        at += skipped;
        continue;
      }
      this.#head.push(bytes[at++]!);
      if (this.#head.length === headBytesOf[this.#part]) this.#readHead();
    }
  }

  #readHead(): void {
    const head = Buffer.from(this.#head);
    this.#head = [];
    if (this.#part === 'magic') this.#expect(head[3] === 0x18 ? 'length' : 'descriptor', 0);
    else if (this.#part === 'length') this.#expect('magic', head.readUInt32LE());
    else if (this.#part === 'descriptor') this.#readDescriptor(head[0]!);
    else this.#readBlockHead(head.readUIntLE(0, 3));
  }

  #readDescriptor(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const windowBytes = isSingleSegment ? 0 : 1;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    this.#checksumBytes = (descriptor & 4) === 0 ? 0 : 4;
    this.#expect('block', windowBytes + dictionaryBytes + sizeBytes);
  }

  #readBlockHead(head: number): void {
    const isLast = (head & 1) === 1;
    const isOneByteRepeated = ((head >> 1) & 3) === 1;
    const blockBytes = isOneByteRepeated ? 1 : head >> 3;
    if (isLast) this.#expect('magic', blockBytes + this.#checksumBytes);
    else this.#expect('block', blockBytes);
  }

  #expect(part: keyof typeof headBytesOf, skipBytes: number): void {
    this.#part = part;
    this.#skipBytes = skipBytes;
  }
}
