import { type FileHandle, open, rm } from 'node:fs/promises';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { diskFault } from './durable-file.ts';

/** As `open` of `node:fs/promises`; given by tests. */
export type OpenFile = (path: string, flags: string, mode: number) => Promise<FileHandle>;

/** A file that only grows, made at its first append (mode 0600). One call at a time. */
export class AppendFile {
  /** Bytes that it holds, whole appends only. */
  byteLength: number;
  readonly path: string;
  readonly #openFile: OpenFile;
  #handle: FileHandle | undefined;

  constructor(path: string, openFile: OpenFile, byteLength = 0) {
    this.path = path;
    this.#openFile = openFile;
    this.byteLength = byteLength;
  }

  /** Throws ImportError `disk-full` or `run-dir`; what a failed append left is overwritten by the next. */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      this.#handle ??= await this.#openFile(this.path, this.byteLength === 0 ? 'wx' : 'r+', 0o600);
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.byteLength + done);
        done += bytesWritten;
      }
      this.byteLength += bytes.length;
    } catch (error) {
      throw diskFault(this.path, error);
    }
  }

  /** Cuts off all behind `byteLength`, as far as the disk lets it. */
  async cutTo(byteLength: number): Promise<void> {
    this.byteLength = byteLength;
    await this.#handle?.truncate(byteLength).catch(() => undefined);
  }

  async sync(): Promise<void> {
    try {
      await this.#handle?.sync();
    } catch (error) {
      throw diskFault(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/**
 * Cuts a file of lines back to the length that was recorded, or removes it where that is 0. Throws ImportError `run-dir`
 * where it was changed since, as far as its length and its last line break tell.
 */
export async function cutBack(path: string, byteLength: number): Promise<void> {
  try {
    if (byteLength === 0) return await rm(path, { force: true });
    const handle = await open(path, 'r+');
    try {
      const { size } = await handle.stat();
      if (size < byteLength) throw shorter(path, size, byteLength);
      if (!(await endsLine(handle, byteLength))) throw edited(path);
      await handle.truncate(byteLength);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ImportError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw shorter(path, 0, byteLength);
    throw diskFault(path, error);
  }
}

async function endsLine(handle: FileHandle, byteLength: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, byteLength - 1);
  return buffer.toString() === '\n';
}

function edited(path: string): ImportError {
  return new ImportError('run-dir', `${path} was changed since the checkpoint: what it counts ends within a line`, {
    hint: 'Put the original file back (and keep what you repaired elsewhere), or start a new run',
  });
}

function shorter(path: string, actualBytes: number, recordedBytes: number): ImportError {
  return new ImportError(
    'run-dir',
    `${path} holds ${formatCount(actualBytes)} bytes, but the checkpoint counts ${formatCount(recordedBytes)}`,
    {
      hint: 'Put the original file back, or start a new run',
    },
  );
}
