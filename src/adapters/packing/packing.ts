import * as zlib from 'node:zlib';
import { pipeFrom, shellWord } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';

/** A way to compress a file. */
export type Packing = {
  readonly name: string;
  /** Matches the first bytes of a packed file, read as Latin-1. */
  readonly magic: RegExp;
  /** A command that unpacks the file named after it to standard output. */
  readonly command: string;
  /** Undefined if this program cannot unpack it. */
  readonly decoder?: () => Decoder;
  /** For a decoder that does not detect truncated data. */
  readonly frames?: () => ZstdFrames;
};

/** A stream of `node:zlib`; `bytesWritten` counts the packed bytes that it used. */
export type Decoder = zlib.Gunzip;

/** Bytes needed to recognize every packing. */
export const magicBytes = 10;
/** Bytes needed to recognize other files that are not text. */
export const headBytes = 512;

const chunkSize = 256 * 1024;
// Available from Node 22.15 on, and absent in the types of the oldest supported version.
const createZstdDecompress = (zlib as { createZstdDecompress?: (options: zlib.ZlibOptions) => Decoder })
  .createZstdDecompress;

const packings: readonly Packing[] = [
  // A file of one byte is truncated gzip.
  { name: 'gzip', magic: /^\x1f(\x8b|$)/, command: 'gzip -dc', decoder: () => zlib.createGunzip({ chunkSize }) },
  {
    name: 'zstd',
    magic: /^(\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/,
    command: 'zstd -dc',
    ...(createZstdDecompress && {
      decoder: () => createZstdDecompress({ chunkSize }),
      frames: () => new ZstdFrames(),
    }),
  },
  { name: 'xz', magic: /^\xfd7zXZ\0/, command: 'xz -dc' },
  // A text could begin with the three letters, but not with the magic number of a block after them.
  { name: 'bzip2', magic: /^BZh[1-9](1AY&SY|\x17rE8P\x90)/, command: 'bzip2 -dc' },
  { name: 'lz4', magic: /^\x04\x22\x4d\x18/, command: 'lz4 -dc' },
  { name: 'compress', magic: /^\x1f\x9d/, command: 'gzip -dc' },
];

/** The packing of a file that begins with these bytes; undefined for plain text. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const text = Buffer.from(head.subarray(0, magicBytes)).toString('latin1');
  return packings.find(({ magic }) => magic.test(text));
}

/** Throws ImportError `source-unsupported` for a packing without a decoder, with a command that unpacks it. */
export function refusePacking(name: string, packing: Packing | undefined): void {
  if (packing === undefined || packing.decoder !== undefined) return;
  const pipe = pipeFrom(name);
  const unpack = pipe === undefined ? `${packing.command} ${shellWord(name)}` : `${pipe} | ${packing.command}`;
  // A pipe has no name, so the .sql next to the file would not be found.
  const [, dump] = /^(.+)\.txt\.\w+$/.exec(name) ?? [];
  const schema = dump === undefined ? '' : ` --schema ${shellWord(`${dump}.sql`)}`;
  throw new ImportError('source-unsupported', `${name} is packed with ${packing.name}, which cannot be unpacked here`, {
    hint: `Pipe it, with the same options: ${unpack} | import-tokens -${schema}`,
  });
}

/** Bytes at the beginning of each part that determine what follows. */
const headBytesOf = { magic: 4, length: 4, descriptor: 1, block: 3 };

/**
 * Follows the frames of zstd data (RFC 8878) without unpacking them, to know at the end whether the last one is complete:
 * Node's decoder accepts truncated data.
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

  /** True if the bytes so far end with a frame. */
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
