import type { Socket } from 'node:net';
import type { TrafficTotals } from '../../ports/token-repository.ts';

/** Counts connections opened and bytes handed to them, headers included. */
export class SocketLedger {
  readonly #open = new Set<Socket>();
  #opened = 0;
  #closedBytes = 0;

  add(socket: Socket): void {
    this.#opened++;
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#closedBytes += socket.bytesWritten;
    });
  }

  get openSockets(): number {
    return this.#open.size;
  }

  /** Ends all of them together with what the kernel still holds of their requests. */
  resetAll(): void {
    for (const socket of this.#open) resetSocket(socket);
  }

  totals(): TrafficTotals {
    let bytesSent = this.#closedBytes;
    for (const socket of this.#open) bytesSent += socket.bytesWritten;
    return { connectionsOpened: this.#opened, bytesSent };
  }
}

/** Node's own TCP handle: below a TLS socket there is no other way to it. */
type TcpHandle = { close(done: () => void): void; reset(done: () => void): number };

/**
 * Ends a connection together with what the kernel still holds of a request, so that no network which comes back after
 * minutes delivers it, when a newer row was written long since. A socket that is merely destroyed is sent to its end.
 */
export function resetSocket(socket: Socket): void {
  const { _handle: handle } = socket as { _handle?: { _parent?: TcpHandle } & Partial<TcpHandle> };
  const tcp = (handle?._parent ?? handle) as Partial<TcpHandle> | undefined;
  // Before there is a connection, and while it shuts down, a reset fails, and leaves a handle that nothing closes.
  const canBeReset = !socket.connecting && !socket.writableEnded;
  if (canBeReset && tcp?.close !== undefined && tcp.reset !== undefined) {
    const { reset } = tcp;
    tcp.close = (done) => void reset.call(tcp, done);
  }
  socket.destroy();
}
