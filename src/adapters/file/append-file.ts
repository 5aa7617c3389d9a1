import * as fs from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import { diskFault } from './durable-file.ts';

/** `open` of `node:fs/promises`, which tests replace. */
export type OpenFile = (path: string, flags: string, mode: number) => Promise<FileHandle>;

/** A file that only grows, created at its first append (mode 0600). Takes one call at a time. */
export class AppendFile {
  /** Bytes of complete appends. */
  byteLength: number;
  readonly path: string;
  readonly #openFile: OpenFile;
  #handle: FileHandle | undefined;

  constructor(path: string, openFile: OpenFile, byteLength = 0) {
    this.path = path;
    this.#openFile = openFile;
    this.byteLength = byteLength;
  }

  /** Throws ImportError `disk-full` or `run-dir`; the next append overwrites what a failed one left. */
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

  /** Truncates the file to `byteLength`, if the disk allows it. */
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
 * Truncates a file of lines to the recorded length, or removes it if that is 0. Throws ImportError `run-dir` if its length
 * or its last line break shows that it was changed since.
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
  return new ImportError(
    'run-dir',
    `${path} was changed since the checkpoint: its recorded length ends within a line`,
    {
      hint: 'Put the original file back (and keep what you repaired elsewhere), or start a new run.',
    },
  );
}

function shorter(path: string, actualBytes: number, recordedBytes: number): ImportError {
  return new ImportError(
    'run-dir',
    `${path} holds ${formatCount(actualBytes)} bytes, but the checkpoint counts ${formatCount(recordedBytes)}`,
    {
      hint: 'Put the original file back, or start a new run.',
    },
  );
}

/** Where log lines go. A fault of the log never stops an import. */
type LogFile = {
  /** Writes synchronously, so that a crash loses no line. `line` includes its line feed. Never throws. */
  write(line: string): void;
  /** Lines that could not be written. */
  readonly linesLost: number;
  close(): void;
};

/**
 * `run.log`, to which lines are appended (mode 0600). `onFirstLoss` is called once, with a message for the operator, when
 * a line is lost. Throws ImportError `disk-full` or `run-dir` if it cannot be opened. Tests replace `writeSync`.
 */
export function openLogFile(
  folder: string,
  onFirstLoss: (message: string) => void,
  writeSync: (fd: number, bytes: Uint8Array) => number = fs.writeSync,
): LogFile {
  const path = join(folder, 'run.log');
  let fd: number | undefined = openToAppend(path);
  let linesLost = 0;
  let tornLine = false;
  return {
    write(line) {
      if (fd === undefined) return;
      try {
        const bytes = Buffer.from(tornLine ? `\n${line}` : line);
        const bytesWritten = writeSync(fd, bytes);
        // A disk that fills up takes a part of the line: the next one must not continue it.
        if (bytesWritten > 0) tornLine = bytesWritten < bytes.length;
        if (bytesWritten < bytes.length) lose(`${path} cannot be written: the disk is full`);
      } catch (error) {
        lose(diskFault(path, error).message);
      }
    },
    get linesLost() {
      return linesLost;
    },
    close() {
      if (fd !== undefined) fs.closeSync(fd);
      fd = undefined;
    },
  };

  function lose(reason: string): void {
    linesLost++;
    if (linesLost === 1) onFirstLoss(`Log lines are being lost, but the import continues: ${reason}`);
  }
}

function openToAppend(path: string): number {
  try {
    return fs.openSync(path, 'a', 0o600);
  } catch (error) {
    throw diskFault(path, error);
  }
}
