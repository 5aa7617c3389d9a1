import type { Socket } from 'node:net';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import { resetSocket } from './reset-socket.ts';

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
