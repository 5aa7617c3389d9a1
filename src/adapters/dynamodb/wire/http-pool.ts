import type { Clock } from '../../../ports/clock.ts';
import type { TrafficTotals } from '../../../ports/token-repository.ts';
import { SocketLedger } from '../../aws/dispatcher.ts';
import { HttpConnection, SendBuffer } from './http-connection.ts';
import type { LeasedConnection, Transport, Unanswered } from './transport.ts';

export type HttpPoolOptions = {
  readonly origin: string;
  /** Connections at most. */
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  readonly certificateAuthority?: string | undefined;
  readonly clock: Clock;
};

/** Somebody who waits for a connection. */
type Waiter = {
  /** When the wait is given up. */
  readonly dueMs: number;
  readonly resolve: (connection: LeasedConnection | Unanswered) => void;
};

/**
 * Keep-alive connections to one origin, without a proxy. What else undici's Pool does costs 0.9 CPU s per million
 * rows (`npm run bench -- --only pipeline`).
 */
export class HttpPool implements Transport {
  readonly #options: HttpPoolOptions;
  readonly #ledger = new SocketLedger();
  readonly #outgoing = new SendBuffer();
  #connections: HttpConnection[] = [];
  /** The one used last is on top, so that those not needed are left idle. */
  readonly #idle: HttpConnection[] = [];
  #opening = 0;
  #waiting: Waiter[] = [];
  #tlsSession: Buffer | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: HttpPoolOptions) {
    this.#options = options;
  }

  lease(): LeasedConnection | Promise<LeasedConnection | Unanswered> {
    return (
      this.#takeIdle() ??
      new Promise((resolve) => {
        this.#waiting.push({ dueMs: this.#dueMs(), resolve });
        this.#openForWaiting();
      })
    );
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

  #takeIdle(): HttpConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.holds) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** A connection that comes free meanwhile goes to whoever waits the longest; what is opened then too many lies idle. */
  #openForWaiting(): void {
    const { concurrency } = this.#options;
    while (this.#opening < this.#waiting.length && this.#connections.length < concurrency) this.#open();
  }

  #open(): void {
    const { origin, certificateAuthority, clock } = this.#options;
    this.#opening++;
    const connection = new HttpConnection({
      ...{ origin, certificateAuthority, clock, outgoing: this.#outgoing, tlsSession: this.#tlsSession },
      dueMs: () => this.#dueMs(),
      onSession: (session) => {
        this.#tlsSession = session;
      },
      onOpen: (socket) => {
        this.#opening--;
        this.#ledger.track(socket);
      },
      onFree: (free) => this.#freed(free),
      onClosed: (closed, fault) => this.#forget(closed, fault),
    });
    this.#connections.push(connection);
  }

  #freed(connection: HttpConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next.resolve(connection);
  }

  #forget(connection: HttpConnection, fault: Error | 'time-out'): void {
    this.#connections = this.#connections.filter((one) => one !== connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (!connection.wasOpen) {
      this.#opening--;
      // Who waits has a time of its own.
      if (fault !== 'time-out') this.#waiting.shift()?.resolve(unsent(fault));
    }
    if (!this.#closed) this.#openForWaiting();
  }

  /** When what begins now is given up. */
  #dueMs(): number {
    const { clock, requestTimeoutMs } = this.#options;
    if (this.#cancelTimer === undefined && !this.#closed) this.#watch(requestTimeoutMs);
    return clock.nowMs() + requestTimeoutMs;
  }

  /** One timer for all: it wakes for what is due first, which as a rule was done long ago. */
  #watch(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      this.#cancelTimer = undefined;
      const nowMs = this.#options.clock.nowMs();
      const nextDueMs = this.#giveUpDue(nowMs);
      if (nextDueMs !== Number.POSITIVE_INFINITY) this.#watch(nextDueMs - nowMs);
    });
  }

  /** Returns when the next one is due. */
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

function unsent(fault: Error | 'time-out'): Unanswered {
  return { kind: 'unanswered', fault, sent: false };
}
