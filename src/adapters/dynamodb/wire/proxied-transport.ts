import type { Dispatcher } from 'undici';
import type { TrafficTotals } from '../../../ports/token-repository.ts';
import { type ConnectionOptions, createDispatcher, type SocketLedger } from '../../aws/dispatcher.ts';
import { acceptedEncoding } from '../../aws/request-handler.ts';
import type { LeasedConnection, Reply, Request, Transport, Unanswered } from './transport.ts';

/** A connection that was idle for longer is not trusted: what stands in between may have forgotten it. */
const maxIdleMs = 30_000;

/**
 * Carries requests to `origin` through the proxies that the environment names, which undici knows how to do. Each
 * connection is a dispatcher of its own, so that it can be opened before the request it is for, and reset by itself.
 */
export function proxiedTransport(options: ConnectionOptions, origin: string): Transport {
  const all = new Set<ProxiedConnection>();
  /** Of those that have ended. */
  const before = { connectionsOpened: 0, bytesSent: 0 };
  const idle: ProxiedConnection[] = [];

  function takeIdle(): ProxiedConnection | undefined {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (connection.holds) return connection;
      connection.end();
    }
    return undefined;
  }

  async function open(): Promise<LeasedConnection | Unanswered> {
    const connection = new ProxiedConnection(options, {
      onFree: (free) => void idle.push(free),
      onEnd: (ended) => {
        if (all.delete(ended)) add(before, ended.ledger.totals());
      },
    });
    all.add(connection);
    const fault = await connection.open(origin);
    if (fault !== undefined) connection.end();
    return fault ?? connection;
  }

  return {
    lease: () => takeIdle() ?? open(),
    traffic: () => {
      const totals = { ...before };
      for (const { ledger } of all) add(totals, ledger.totals());
      return totals;
    },
    async close() {
      for (const connection of all) connection.end();
    },
  };
}

function add(sum: { -readonly [K in keyof TrafficTotals]: TrafficTotals[K] }, totals: TrafficTotals): void {
  sum.connectionsOpened += totals.connectionsOpened;
  sum.bytesSent += totals.bytesSent;
}

type ConnectionEvents = {
  onFree(connection: ProxiedConnection): void;
  onEnd(connection: ProxiedConnection): void;
};

class ProxiedConnection implements LeasedConnection {
  readonly kind = 'connection';
  readonly ledger: SocketLedger;
  readonly #options: ConnectionOptions;
  readonly #dispatcher: Dispatcher;
  readonly #events: ConnectionEvents;
  /** False if the other side closes the connection with each reply, so that none can be opened in advance. */
  #isKept = true;
  #idleSinceMs = 0;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    const { dispatcher, ledger } = createDispatcher({ ...options, concurrency: 1 });
    this.ledger = ledger;
    this.#options = options;
    this.#dispatcher = dispatcher;
    this.#events = events;
  }

  get holds(): boolean {
    if (!this.#isKept) return true;
    return this.ledger.openSockets > 0 && this.#options.clock.nowMs() - this.#idleSinceMs < maxIdleMs;
  }

  /** Opens it by a request that costs nothing, whatever its answer: undici opens none without one. */
  async open(origin: string): Promise<Unanswered | undefined> {
    const reply = await this.#dispatch({ origin, path: '/ping', method: 'GET', headers: [] });
    if (reply.kind === 'unanswered') return { ...reply, sent: false };
    this.#isKept = this.ledger.openSockets > 0;
    this.#idleSinceMs = this.#options.clock.nowMs();
    return undefined;
  }

  body(byteLength: number): Buffer {
    return Buffer.allocUnsafe(byteLength);
  }

  start({ origin, path, headers, body }: Request, done: (reply: Reply) => void): void {
    const sent = [...headers, 'accept-encoding', acceptedEncoding];
    void this.#dispatch({ origin, path, method: 'POST', headers: sent, body }).then((reply) => {
      this.#idleSinceMs = this.#options.clock.nowMs();
      if (reply.kind === 'unanswered') this.end();
      else this.#events.onFree(this);
      done(reply);
    });
  }

  /** Its idle time goes on: nothing has come from the other side meanwhile. */
  release(): void {
    if (this.holds) this.#events.onFree(this);
    else this.end();
  }

  end(): void {
    this.#events.onEnd(this);
    void this.#dispatcher.destroy().catch(() => undefined);
  }

  #dispatch(request: Dispatcher.DispatchOptions): Promise<Reply> {
    const { clock, requestTimeoutMs } = this.#options;
    return new Promise((resolve) => {
      const handler = new ReplyHandler(resolve);
      handler.cancelTimer = clock.setTimer(requestTimeoutMs, () => {
        // What the kernel holds of the request must not be delivered once a newer row was written.
        this.ledger.resetAll();
        handler.giveUp();
      });
      this.#dispatcher.dispatch(request, handler);
    });
  }
}

class ReplyHandler implements Dispatcher.DispatchHandler {
  cancelTimer: () => void = () => undefined;
  readonly #resolve: (reply: Reply) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #gaveUp = false;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  readonly #chunks: Buffer[] = [];

  constructor(resolve: (reply: Reply) => void) {
    this.#resolve = resolve;
  }

  /** Closes the connection: what it may still bring can't be told from a reply to a later request. */
  giveUp(): void {
    this.#gaveUp = true;
    this.#end({ kind: 'unanswered', fault: 'time-out', sent: this.#controller !== undefined });
    this.#controller?.abort(new Error('no answer in time'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#gaveUp) controller.abort(new Error('no connection in time'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const headers = this.#headers;
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#end({ kind: 'answered', status: this.#status, body, header: (name) => headers[name]?.toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, fault: Error): void {
    this.#end({ kind: 'unanswered', fault, sent: this.#controller !== undefined });
  }

  #end(reply: Reply): void {
    this.cancelTimer();
    this.#resolve(reply);
  }
}
