import type { TrafficTotals } from '../../ports/token-repository.ts';
/** A POST as it is sent; the transport adds only its length. */
export type Request = {
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn, none with a line break. */
  readonly headers: readonly string[];
  readonly body: Buffer;
};

/** What came back for one request. `sent` is false where no byte of it can have left this machine. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** The value of a header by its lower-case name. */
      header(name: string): string | undefined;
    }
  | { readonly kind: 'unanswered'; readonly fault: Error | 'time-out'; readonly sent: boolean };

/** Carries requests to one origin, over connections that are kept. */
export type Transport = {
  /** Resolves with the reply, or without one when its time is up. Rejects only for a bug. */
  exchange(request: Request): Promise<Reply>;
  traffic(): TrafficTotals;
  close(): Promise<void>;
};
