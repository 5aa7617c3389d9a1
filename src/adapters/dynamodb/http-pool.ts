import type { Clock } from '../../ports/clock.ts';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import { type Exchange, HttpConnection } from './http-connection.ts';
import { SocketLedger } from './socket-ledger.ts';
import type { Reply, Request, Transport } from './transport.ts';

export type HttpPoolOptions = {
  readonly origin: string;
  /** Connections at most. */
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  readonly certificateAuthority?: string | undefined;
  readonly clock: Clock;
};

/** A connection that was idle for longer is not trusted: what stands in between may have forgotten it. */
const maxIdleMs = 30_000;

/**
 * Keep-alive connections to one origin, without a proxy. What undici's Pool does besides costs 0.9 CPU s per million
 * rows (`npm run bench -- --only pipeline`).
 */
export class HttpPool implements Transport {
  readonly #options: HttpPoolOptions;
  readonly #ledger = new SocketLedger();
  #connections: HttpConnection[] = [];
  /** The one used last is on top, so that those not needed are left idle. */
  readonly #idle: HttpConnection[] = [];
  #waiting: Exchange[] = [];
  #tlsSession: Buffer | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: HttpPoolOptions) {
    this.#options = options;
  }

  exchange(request: Request): Promise<Reply> {
    return new Promise((resolve) => {
      const { clock, requestTimeoutMs } = this.#options;
      const exchange = { head: headOf(request), body: request.body, dueMs: clock.nowMs() + requestTimeoutMs, resolve };
      if (this.#cancelTimer === undefined) this.#watch(requestTimeoutMs);
      const connection = this.#takeIdle();
      if (connection !== undefined) connection.start(exchange);
      else if (this.#connections.length < this.#options.concurrency) this.#open(exchange);
      else this.#waiting.push(exchange);
    });
  }

  traffic(): TrafficTotals {
    return this.#ledger.totals();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    for (const { resolve } of this.#waiting.splice(0)) resolve(unsent(new Error('the pool was closed')));
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #open(exchange: Exchange): void {
    const { origin, certificateAuthority } = this.#options;
    const connection = new HttpConnection(
      {
        ...{ origin, certificateAuthority, tlsSession: this.#tlsSession },
        onSession: (session) => {
          this.#tlsSession = session;
        },
        onOpen: (socket) => this.#ledger.add(socket),
        onFree: (free) => this.#freed(free),
        onClosed: (closed) => this.#forget(closed),
      },
      exchange,
    );
    this.#connections.push(connection);
  }

  #takeIdle(): HttpConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (this.#options.clock.nowMs() - connection.idleSinceMs < maxIdleMs) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #freed(connection: HttpConnection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      connection.start(next);
      return;
    }
    connection.idleSinceMs = this.#options.clock.nowMs();
    this.#idle.push(connection);
  }

  #forget(connection: HttpConnection): void {
    this.#connections = this.#connections.filter((one) => one !== connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const next = this.#closed ? undefined : this.#waiting.shift();
    if (next !== undefined) this.#open(next);
  }

  /** One timer for all: it wakes for the request that is due first, which as a rule was answered long ago. */
  #watch(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      this.#cancelTimer = undefined;
      const nowMs = this.#options.clock.nowMs();
      const nextDueMs = this.#giveUpDue(nowMs);
      if (nextDueMs !== Number.POSITIVE_INFINITY) this.#watch(nextDueMs - nowMs);
    });
  }

  /** Returns when the next request is due. */
  #giveUpDue(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs);
    for (const { resolve } of due) resolve(unsent('time-out'));
    for (const connection of [...this.#connections]) {
      if (connection.dueMs !== undefined && connection.dueMs <= nowMs) connection.giveUp();
    }
    for (const { dueMs } of [...this.#waiting, ...this.#connections]) {
      if (dueMs !== undefined && dueMs < next) next = dueMs;
    }
    return next;
  }
}

function unsent(fault: Error | 'time-out'): Reply {
  return { kind: 'unanswered', fault, sent: false };
}

function headOf({ path, headers, body }: Request): string {
  let head = `POST ${path} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  }
  return `${head}content-length: ${body.length}\r\n\r\n`;
}
