import type { Dispatcher } from 'undici';
import type { Clock } from '../../ports/clock.ts';

/** What came back for one request. `sent` is false where no byte of it can have left this machine. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    }
  | { readonly kind: 'unanswered'; readonly fault: Error | 'time-out'; readonly sent: boolean };

/** Sends one request and resolves with its reply, or without one after `timeoutMs`. Never rejects. */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  timeoutMs: number,
  clock: Clock,
): Promise<Reply> {
  return new Promise((resolve) => {
    const handler = new ReplyHandler(resolve);
    handler.cancelTimer = clock.setTimer(timeoutMs, () => handler.giveUp());
    dispatcher.dispatch(request, handler);
  });
}

class ReplyHandler implements Dispatcher.DispatchHandler {
  cancelTimer: () => void = () => undefined;
  readonly #resolve: (reply: Reply) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #gaveUp = false;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;

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
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  }

  onResponseEnd(): void {
    const bytes = this.#more === undefined ? this.#first : Buffer.concat(this.#more);
    const body = bytes === undefined ? '' : bytes.toString('utf8');
    this.#end({ kind: 'answered', status: this.#status, body, headers: this.#headers });
  }

  onResponseError(_controller: Dispatcher.DispatchController, fault: Error): void {
    this.#end({ kind: 'unanswered', fault, sent: this.#controller !== undefined });
  }

  #end(reply: Reply): void {
    this.cancelTimer();
    this.#resolve(reply);
  }
}
