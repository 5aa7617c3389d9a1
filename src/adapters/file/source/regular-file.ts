import * as fs from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { formatCount } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import { headBytes } from '../../packing/packing.ts';
import { systemWords } from '../durable-file.ts';

/** What must not change while a file is read. */
export type FileState = {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly mtimeMs: bigint;
};

/** Larger chunks hold more memory and take no less CPU (`npm run bench -- --only pipeline`). */
const chunkBytes = 64 * 1024;
/** Chunks after which the file is checked for changes again: 16 MiB. */
const chunksPerCheck = 256;

/** The first bytes of a file, enough for `packingOf`. */
export async function readHead(path: string): Promise<Uint8Array> {
  const handle = await openToRead(path);
  try {
    return await readChunk(path, handle, headBytes);
  } finally {
    await handle.close();
  }
}

/**
 * The bytes of a file in fresh buffers, with one chunk read ahead. Throws ImportError `source-changed` if it is not, or does
 * not stay, in this state, and `source-unreadable`.
 */
export async function* readRegularFile(path: string, state: FileState): AsyncGenerator<Uint8Array> {
  const handle = await openToRead(path);
  try {
    await requireUnchanged(path, state);
    let bytesRead = 0n;
    let ahead = readChunk(path, handle, chunkBytes);
    for (let chunks = 1; ; chunks++) {
      const chunk = await ahead;
      if (chunk.length === 0) break;
      bytesRead += BigInt(chunk.length);
      ahead = readChunk(path, handle, chunkBytes);
      // A rejection is handled when it is awaited, which may be never.
      ahead.catch(() => undefined);
      if (chunks % chunksPerCheck === 0) await requireUnchanged(path, state);
      yield chunk;
    }
    await requireUnchanged(path, state);
    if (bytesRead !== state.size) {
      throw new ImportError(
        'source-unreadable',
        `${path} ended after ${formatCount(Number(bytesRead))} of ${formatCount(Number(state.size))} bytes`,
        {
          hint: 'Copy the file, because the disk or the network share failed, and resume from the copy.',
        },
      );
    }
  } finally {
    await handle.close();
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw changed(path, 'it was removed', error);
    throw sourceUnreadable(path, error);
  }
}

async function readChunk(path: string, handle: FileHandle, byteLength: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(byteLength);
  try {
    const { bytesRead } = await handle.read(buffer, 0, byteLength, null);
    return bytesRead === byteLength ? buffer : buffer.subarray(0, bytesRead);
  } catch (error) {
    throw sourceUnreadable(path, error);
  }
}

/** Checks the path, not the open file, because a file that took its place is a change too. */
export async function requireUnchanged(path: string, before: FileState): Promise<void> {
  let now: FileState;
  try {
    now = await stat(path, { bigint: true });
  } catch (error) {
    throw changed(path, 'it was removed', error);
  }
  if (now.ino !== before.ino || now.dev !== before.dev) throw changed(path, 'another file took its place');
  if (now.size !== before.size)
    throw changed(
      path,
      `its size went from ${formatCount(Number(before.size))} to ${formatCount(Number(now.size))} bytes`,
    );
  if (now.mtimeNs !== before.mtimeNs) throw changed(path, 'it was written to');
}

function changed(path: string, how: string, cause?: unknown): ImportError {
  return new ImportError('source-changed', `${path} changed while it was being read: ${how}`, {
    hint: 'Import a file that nothing writes to any more, in a new run.',
    cause,
  });
}

/**
 * The bytes written to a named pipe, or to the pipe of a process substitution, until its writers close it. It is polled
 * like a socket, because a blocking read of a silent pipe would occupy a thread that Node waits for when it exits.
 */
export async function* readNamedPipe(path: string): AsyncGenerator<Uint8Array> {
  try {
    // Without O_NONBLOCK, opening the pipe would wait for a writer on such a thread.
    const fd = await promisify(fs.open)(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    yield* new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    throw sourceUnreadable(path, error);
  }
}

/** ImportError `source-unreadable` for a system error when an input was opened or read. */
export function sourceUnreadable(path: string, cause: unknown): ImportError {
  const { code } = cause as NodeJS.ErrnoException;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new ImportError('source-unreadable', `${path} cannot be read: ${systemWords(cause, 'no such file')}`, {
    hint: forbidden ? `Run as a user who may read it, or allow it: chmod u+r ${path}` : 'Fix it, and resume.',
    cause,
  });
}
