import type { TrafficTotals } from '../../../ports/token-repository.ts';

/** A POST as it is sent; the transport adds only its length. */
export type Request = {
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn, none with a line break. */
  readonly headers: readonly string[];
  readonly body: Buffer;
};

/** What came back for one request. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** The value of a header by its lower-case name. */
      header(name: string): string | undefined;
    }
  | Unanswered;

/** `sent` is false where no byte of the request can have left this machine. */
export type Unanswered = { readonly kind: 'unanswered'; readonly fault: Error | 'time-out'; readonly sent: boolean };

/** An open connection that is kept for one request. */
export type LeasedConnection = {
  readonly kind: 'connection';
  /** False once it was closed, or has waited for so long that it is not trusted. */
  readonly holds: boolean;
  /** Room for the body of the request that is sent next. */
  body(byteLength: number): Buffer;
  /** Sends the request at once. `done` is given the reply, or none when its time is up, and must not throw. */
  start(request: Request, done: (reply: Reply) => void): void;
  /** Gives it back unused. */
  release(): void;
};

/** Carries requests to one origin, over connections that are kept. */
export type Transport = {
  /** A connection, without a promise if one is idle; `unanswered` when its time is up. Rejects only for a bug. */
  lease(): LeasedConnection | Promise<LeasedConnection | Unanswered>;
  traffic(): TrafficTotals;
  close(): Promise<void>;
};
