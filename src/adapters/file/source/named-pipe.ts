import { constants, open } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { sourceUnreadable } from './source-unreadable.ts';

/**
 * The bytes written into a named pipe, or into the pipe of a process substitution, until its writers close it.
 *
 * It is polled like a socket: a blocking read of a silent pipe would occupy a thread that Node waits for when it exits.
 */
export async function* readNamedPipe(path: string): AsyncGenerator<Uint8Array> {
  try {
    // Without O_NONBLOCK the opening itself would wait for a writer, on such a thread.
    const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
    yield* new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    throw sourceUnreadable(path, error);
  }
}
