import type { Dispatcher } from 'undici';
import type { ConnectionOptions } from './connection-options.ts';
import { createDispatcher } from './dispatcher.ts';
import { acceptedEncoding } from './reply-encoding.ts';
import type { Reply, Request, Transport } from './transport.ts';

/** Carries requests through the proxies that the environment names, which undici knows how to do. */
export function proxiedTransport(options: ConnectionOptions): Transport {
  const { dispatcher, ledger } = createDispatcher(options);
  return {
    lease: () => ({
      ...{ kind: 'connection', holds: true, release: () => undefined },
      exchange: (request) => exchange(dispatcher, request, options),
    }),
    traffic: () => ledger.totals(),
    close: () => dispatcher.destroy(),
  };
}

function exchange(
  dispatcher: Dispatcher,
  { origin, path, headers, body }: Request,
  { requestTimeoutMs, clock }: ConnectionOptions,
): Promise<Reply> {
  return new Promise((resolve) => {
    const handler = new ReplyHandler(resolve);
    handler.cancelTimer = clock.setTimer(requestTimeoutMs, () => handler.giveUp());
    dispatcher.dispatch(
      { origin, path, method: 'POST', headers: [...headers, 'accept-encoding', acceptedEncoding], body },
      handler,
    );
  });
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
