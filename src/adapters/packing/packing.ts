import * as zlib from 'node:zlib';
import { ImportError } from '../../domain/import-error.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { ZstdFrames } from './zstd-frames.ts';

/** A way to compress a file. */
export type Packing = {
  readonly name: string;
  /** The beginning of such a file, a character a byte. */
  readonly magic: RegExp;
  /** A command that unpacks the file named behind it to standard output. */
  readonly command: string;
  /** Undefined where this program can't unpack it. */
  readonly decoder?: () => Decoder;
  /** Given where the decoder itself does not tell data that is cut short. */
  readonly frames?: () => ZstdFrames;
};

/** A stream of `node:zlib`; `bytesWritten` counts the packed bytes it made use of. */
export type Decoder = zlib.Gunzip;

/** Bytes needed to tell every packing. */
export const magicBytes = 10;
/** Bytes needed to tell what else is not text. */
export const headBytes = 512;

const chunkSize = 256 * 1024;
// From Node 22.15 on; absent in the types of the oldest version we run on.
const createZstdDecompress = (zlib as { createZstdDecompress?: (options: zlib.ZlibOptions) => Decoder })
  .createZstdDecompress;

const packings: readonly Packing[] = [
  // A file of one byte is gzip cut short.
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
  // Three letters could begin a text; the magic number of a block behind them could not.
  { name: 'bzip2', magic: /^BZh[1-9](1AY&SY|\x17rE8P\x90)/, command: 'bzip2 -dc' },
  { name: 'lz4', magic: /^\x04\x22\x4d\x18/, command: 'lz4 -dc' },
  { name: 'compress', magic: /^\x1f\x9d/, command: 'gzip -dc' },
];

/** How a file that begins with these bytes is packed; undefined for plain text. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const text = Buffer.from(head.subarray(0, magicBytes)).toString('latin1');
  return packings.find(({ magic }) => magic.test(text));
}

/** Throws ImportError `source-unsupported` for a packing without a decoder, with the command that helps. */
export function refusePacking(name: string, packing: Packing | undefined): void {
  if (packing === undefined || packing.decoder !== undefined) return;
  const unpack = name === 'standard input' ? `… | ${packing.command}` : `${packing.command} ${shellWord(name)}`;
  // A pipe has no name, so that the .sql beside it would not be found.
  const [, dump] = /^(.+)\.txt\.\w+$/.exec(name) ?? [];
  const schema = dump === undefined ? '' : ` --schema ${shellWord(`${dump}.sql`)}`;
  throw new ImportError('source-unsupported', `${name} is packed with ${packing.name}, which cannot be unpacked here`, {
    hint: `Pipe it, with the same options: ${unpack} | import-tokens -${schema}`,
  });
}
