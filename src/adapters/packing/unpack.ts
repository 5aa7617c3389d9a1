import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { type Decoder, magicBytes, type Packing, packingOf, refusePacking } from './packing.ts';

/** Packed bytes read at once: their output, up to a thousand times as much, is held in memory. */
const pieceBytes = 64 * 1024;

/**
 * Unpacks a file that may be several concatenated ones, padded with zeros. Throws ImportError `source-truncated` after the
 * last byte that could be unpacked.
 */
async function* unpack(name: string, packed: AsyncIterable<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  let unpackedBytes = 0;
  let member: Member | undefined;
  const frames = packing.frames?.();
  try {
    for await (const piece of pieces(packed)) {
      frames?.push(piece);
      let rest = piece;
      while (rest.length > 0) {
        if (member === undefined) {
          rest = withoutPadding(rest);
          if (rest.length === 0) break;
          member = new Member(packing.decoder!());
        }
        rest = await member.push(rest);
        yield* delivered(member);
        if (member.ended) member = undefined;
      }
    }
    if (member !== undefined) {
      await member.finish();
      yield* delivered(member);
    }
    if (frames?.whole === false) throw broken(name, packing.name, unpackedBytes);
  } finally {
    member?.destroy();
  }

  function* delivered(from: Member): Generator<Uint8Array> {
    for (const chunk of from.takeOutput()) {
      unpackedBytes += chunk.length;
      yield chunk;
    }
    if (from.fault) throw broken(name, packing.name, unpackedBytes, from.fault);
  }
}

async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes);
  }
}

function withoutPadding(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}

/**
 * One run of a decoder. It gets one piece at a time, because a piped stream drops its last output at a fault, and its
 * unused input at an end.
 */
class Member {
  ended = false;
  fault: NodeJS.ErrnoException | undefined;
  readonly #decoder: Decoder;
  #output: Uint8Array[] = [];
  #settled: () => void = () => undefined;

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
    decoder.on('data', (chunk: Buffer) => this.#output.push(chunk));
    decoder.on('end', () => {
      this.ended = true;
      this.#settled();
    });
    decoder.on('error', (error) => this.#fail(error));
  }

  /** Unpacks a piece. Resolves with the part of it after the end of the member. */
  async push(piece: Uint8Array): Promise<Uint8Array> {
    const usedBefore = this.#decoder.bytesWritten;
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      this.#decoder.write(piece, (error) => (error ? this.#fail(error) : resolve()));
    });
    return piece.subarray(this.ended ? this.#decoder.bytesWritten - usedBefore : piece.length);
  }

  async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      this.#decoder.end();
    });
  }

  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  destroy(): void {
    this.#decoder.destroy();
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.fault ??= error;
    this.#settled();
  }
}

function broken(name: string, packingName: string, unpackedBytes: number, cause?: NodeJS.ErrnoException): ImportError {
  // A decoder withholds the output of the piece in which it finds corrupt data.
  const isShort = cause === undefined || cause.code === 'Z_BUF_ERROR';
  const how = isShort ? 'is truncated' : `is corrupt (${cause.message})`;
  return new ImportError(
    'source-truncated',
    `${name}: the ${packingName} data ${how} after its first ${formatCount(unpackedBytes)} unpacked bytes`,
    { hint: `Get a complete copy (check it with ${packingName} -t), and start a new run.`, cause },
  );
}

/**
 * The bytes of an input, unpacked if its first bytes show that it is packed. Throws ImportError `source-empty`,
 * `source-truncated`, `source-unsupported`.
 */
export async function* readUnpacked(name: string, stored: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const head = await readUpTo(stored, magicBytes);
    const packing = packingOf(head);
    refusePacking(name, packing);
    const chunks = prepended(head, stored);
    let empty = true;
    for await (const chunk of packing === undefined ? chunks : unpack(name, chunks, packing)) {
      if (chunk.length === 0) continue;
      empty = false;
      yield chunk;
    }
    if (empty) {
      throw new ImportError('source-empty', `${name} is empty${packing ? ' once unpacked' : ''} (0 bytes)`, {
        hint: 'Check that the command that wrote it succeeded.',
      });
    }
  } finally {
    await stored.return(undefined);
  }
}

/** Joins the first chunks until they have this many bytes, or the input ends. */
async function readUpTo(chunks: AsyncGenerator<Uint8Array>, byteLength: number): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < byteLength) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return head;
}

async function* prepended(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}
