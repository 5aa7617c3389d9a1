import { appendFile, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Column } from '../../../domain/column.ts';
import { ImportError } from '../../../domain/import-error.ts';
import { type Batch, hashOfText } from '../../../domain/token.ts';
import type { WriteResult } from '../../../domain/write-result.ts';
import type { SpooledRows, TakeSpooledRow } from '../../../ports/converted-files.ts';
import type { TokenEncoder, TokenRepository } from '../../../ports/token-repository.ts';
import { diskFault, syncFolder } from '../durable-file.ts';

/** `appendFile` of `node:fs/promises`, which tests replace. */
type Append = (path: string, bytes: Uint8Array, options: { readonly mode: number }) => Promise<void>;

/** Before key and line of each row: key hash, bytes of the key, bytes of the line, each a 32-bit number. */
const headBytes = 12;
/** Rows of all partitions that are held until they are written. */
const heldBytes = 32 * 1024 ** 2;
const readBytes = 1024 ** 2;
/** A disk forces several files at once in about the time of one. */
const syncsAtOnce = 16;

/** Rows in one file for each partition, mode 0600. What a killed process left is removed at the start. */
export class SpoolWriter {
  readonly lineBytes: number[];
  readonly #folder: string;
  readonly #append: Append;
  readonly #held: Buffer[];
  readonly #heldEnds: number[];
  readonly #bufferBytes: number;
  #writing: Promise<void> = Promise.resolve();
  #fault: unknown;

  private constructor(folder: string, partitions: number, append: Append) {
    this.#folder = folder;
    this.#append = append;
    this.lineBytes = Array.from({ length: partitions }, () => 0);
    this.#held = Array.from({ length: partitions }, () => nothing);
    this.#heldEnds = Array.from({ length: partitions }, () => 0);
    this.#bufferBytes = Math.min(64 * 1024, Math.floor(heldBytes / partitions));
  }

  /** Throws ImportError `disk-full`, `run-dir`. */
  static async create(folder: string, partitions: number, append: Append = appendFile): Promise<SpoolWriter> {
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      throw diskFault(folder, error);
    }
    return new SpoolWriter(folder, partitions, append);
  }

  /** Adds a row, whose line of this length `writeLine` writes into a buffer. */
  add(
    partition: number,
    hash: number,
    key: string,
    lineBytes: number,
    writeLine: (to: Buffer, at: number) => void,
  ): void {
    const keyBytes = Buffer.byteLength(key);
    const length = headBytes + keyBytes + lineBytes;
    if (this.#heldEnds[partition]! + length > this.#held[partition]!.length) this.#flush(partition, length);
    const held = this.#held[partition]!;
    let at = this.#heldEnds[partition]!;
    at = held.writeInt32LE(hash, at);
    at = held.writeUInt32LE(keyBytes, at);
    at = held.writeUInt32LE(lineBytes, at);
    at += held.write(key, at);
    writeLine(held, at);
    this.#heldEnds[partition] = at + lineBytes;
    // With the line feed that it gets.
    this.lineBytes[partition]! += lineBytes + 1;
  }

  /** Resolves when full buffers are with the system. Throws ImportError `disk-full`, `run-dir`. */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Writes what is held, and forces all to the disk. Throws ImportError `disk-full`, `run-dir`. */
  async finish(): Promise<void> {
    for (const partition of this.#held.keys()) {
      this.#flush(partition, 0);
      await this.written();
    }
    const filled = [...this.lineBytes.keys()].filter((partition) => this.lineBytes[partition]! > 0);
    for (let from = 0; from < filled.length; from += syncsAtOnce) {
      const some = filled.slice(from, from + syncsAtOnce);
      await Promise.all(some.map((partition) => syncFile(spoolPath(this.#folder, partition))));
    }
    await syncFolder(this.#folder).catch((error: unknown) => {
      throw diskFault(this.#folder, error);
    });
  }

  #flush(partition: number, nextBytes: number): void {
    const bytes = this.#held[partition]!.subarray(0, this.#heldEnds[partition]);
    this.#heldEnds[partition] = 0;
    this.#held[partition] = nextBytes === 0 ? nothing : Buffer.allocUnsafeSlow(Math.max(this.#bufferBytes, nextBytes));
    if (bytes.length === 0) return;
    const path = spoolPath(this.#folder, partition);
    this.#writing = this.#writing.then(async () => {
      if (this.#fault !== undefined) return;
      await this.#append(path, bytes, { mode: 0o600 }).catch((error: unknown) => {
        this.#fault = diskFault(path, error);
      });
    });
  }
}

const nothing = Buffer.alloc(0);

/** How the payloads of tokens become lines. */
type LineEncoding = {
  encoder(columns: readonly Column[]): TokenEncoder;
  /** Bytes of the line of a payload, without a line feed. */
  lineBytes(payload: unknown): number;
  writeLine(payload: unknown, to: Buffer, at: number): void;
};

/** A repository that spools the rows of each key in the order of the source. */
export function createSpoolRepository(
  spool: SpoolWriter,
  partitionOf: (hash: number) => number,
  { encoder, lineBytes, writeLine }: LineEncoding,
): TokenRepository {
  return {
    maxBatchTokens: 25,
    maxBatchBytes: 16 * 1024 ** 2,
    encoder,
    async write({ tokens, writeUnits }: Batch): Promise<WriteResult> {
      for (const { key, keyHash = hashOfText(key), payload } of tokens) {
        spool.add(partitionOf(keyHash), keyHash, key, lineBytes(payload), (to, at) => writeLine(payload, to, at));
      }
      try {
        await spool.written();
      } catch (error) {
        if (error instanceof ImportError) return { kind: 'fatal', error };
        throw error;
      }
      return { kind: 'accepted', unprocessed: [], consumedWriteUnits: writeUnits };
    },
    traffic: () => ({ connectionsOpened: 0, bytesSent: 0 }),
    close: async () => {},
  };
}

/** A spool that was finished. `lineBytes`: as the writer counted them. */
export function openSpool(folder: string, lineBytes: readonly number[]): SpooledRows {
  return {
    lineBytes,
    read: (partition, take) =>
      lineBytes[partition] === 0 ? Promise.resolve() : readRows(spoolPath(folder, partition), take),
    async remove(partition) {
      await rm(spoolPath(folder, partition), { force: true }).catch((error: unknown) => {
        throw diskFault(folder, error);
      });
    },
  };
}

export async function removeSpool(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    throw diskFault(folder, error);
  });
}

function spoolPath(folder: string, partition: number): string {
  return join(folder, String(partition));
}

async function syncFile(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw diskFault(path, error);
  }
}

async function readRows(path: string, take: TakeSpooledRow): Promise<void> {
  try {
    const { size } = await stat(path);
    const handle = await open(path, 'r');
    try {
      let buffer = Buffer.allocUnsafeSlow(Math.min(size, readBytes));
      let held = 0;
      for (let position = 0; position < size; ) {
        const { bytesRead } = await handle.read(buffer, held, buffer.length - held, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        const end = held + bytesRead;
        const taken = takeWhole(buffer, end, take);
        held = end - taken;
        const needed = held < headBytes ? headBytes : rowBytes(buffer, taken);
        const next = needed > buffer.length ? Buffer.allocUnsafeSlow(needed) : buffer;
        buffer.copy(next, 0, taken, end);
        buffer = next;
      }
      if (held > 0) throw damaged(path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof ImportError ? error : diskFault(path, error);
  }
}

/** Takes the rows that are whole, and returns where they end. */
function takeWhole(bytes: Buffer, end: number, take: TakeSpooledRow): number {
  let at = 0;
  while (at + headBytes <= end && at + rowBytes(bytes, at) <= end) {
    const rowEnd = at + rowBytes(bytes, at);
    const keyStart = at + headBytes;
    take(bytes, bytes.readInt32LE(at), keyStart, keyStart + bytes.readUInt32LE(at + 4), rowEnd);
    at = rowEnd;
  }
  return at;
}

function rowBytes(bytes: Buffer, at: number): number {
  return headBytes + bytes.readUInt32LE(at + 4) + bytes.readUInt32LE(at + 8);
}

function damaged(path: string): ImportError {
  return new ImportError('run-dir', `${path} is damaged: it ends within a row`, { hint: 'Start a new run.' });
}
