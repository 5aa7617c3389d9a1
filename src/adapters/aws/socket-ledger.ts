import type { Socket } from 'node:net';
import type { TrafficTotals } from '../../ports/token-repository.ts';

/** Counts connections opened and bytes written to them, headers included. */
export class SocketLedger {
  readonly #open = new Set<Socket>();
  #opened = 0;
  #closedBytes = 0;

  track(socket: Socket): void {
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

  /** Closes all connections, and discards what the kernel still holds of their requests. */
  resetAll(): void {
    for (const socket of this.#open) resetSocket(socket);
  }

  totals(): TrafficTotals {
    let bytesSent = this.#closedBytes;
    for (const socket of this.#open) bytesSent += socket.bytesWritten;
    return { connectionsOpened: this.#opened, bytesSent };
  }
}

/** Node's internal TCP handle: there is no other way to the one below a TLS socket. */
type TcpHandle = { close(done: () => void): void; reset(done: () => void): number };

/**
 * Closes a connection and discards what the kernel still holds of a request, so that a network that recovers after minutes
 * does not deliver it after a newer row was written. A socket that is only destroyed sends everything.
 */
export function resetSocket(socket: Socket): void {
  const { _handle: handle } = socket as { _handle?: { _parent?: TcpHandle } & Partial<TcpHandle> };
  const tcp = (handle?._parent ?? handle) as Partial<TcpHandle> | undefined;
  // While a connection opens or shuts down, a reset fails and leaves a handle open.
  const canBeReset = !socket.connecting && !socket.writableEnded;
  if (canBeReset && tcp?.close !== undefined && tcp.reset !== undefined) {
    const { reset } = tcp;
    tcp.close = (done) => void reset.call(tcp, done);
  }
  socket.destroy();
}
