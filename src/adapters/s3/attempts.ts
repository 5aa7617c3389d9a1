import { ImportError } from '../../domain/import-error.ts';
import type { S3Connection } from './s3-connection.ts';
import { failureOf, importErrorOf, remedyFor, type S3Subject } from './s3-failure.ts';

/** Repeated requests in a row that bring no byte. */
const mostInVain = 5;
/** The same if S3 asks to slow down, which may take minutes. */
const mostSlowed = 12;
/** The same before the import begins, so that errors are shown within seconds. */
export const repeatsBefore = 1;
const firstPauseMs = 200;
const longestPauseMs = 20_000;

/** Counts the requests in a row that bring nothing, and waits before each repetition. */
export class Attempts {
  readonly #connection: S3Connection;
  readonly #subject: S3Subject;
  readonly #mostInVain: number;
  #inVain = 0;
  #slowed = 0;

  constructor(connection: S3Connection, subject: S3Subject, most = mostInVain) {
    this.#connection = connection;
    this.#subject = subject;
    this.#mostInVain = most;
  }

  /** Must be called when bytes have arrived. */
  progressed(): void {
    this.#inVain = 0;
    this.#slowed = 0;
  }

  /** Resolves when the request may be repeated, or when `signal` aborts. Rejects with ImportError if it may not. */
  async pauseAfter(error: unknown, signal?: AbortSignal): Promise<void> {
    if (error instanceof ImportError || this.#connection.closed.aborted) throw error;
    const { clock, random, credentials, closed } = this.#connection;
    const remedy = remedyFor(failureOf(error));
    const isSlowed = remedy === 'slow down';
    const count = isSlowed ? ++this.#slowed : ++this.#inVain;
    const isLast = count > (isSlowed ? mostSlowed : this.#mostInVain);
    if (remedy === undefined || isLast) throw importErrorOf(error, this.#connection, this.#subject);
    if (remedy === 'renew') {
      credentials.refuse(await credentials.current());
      if (!(await credentials.renew())) throw importErrorOf(error, this.#connection, this.#subject);
      return;
    }
    const pauseMs = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** count);
    await clock.sleep(pauseMs, signal === undefined ? closed : AbortSignal.any([closed, signal]));
    closed.throwIfAborted();
  }
}

export type SendOptions = { readonly abortSignal: AbortSignal };

/** Repeats a request until it succeeds or may not be repeated. Throws ImportError, and the reason of the signal. */
export async function repeated<Reply>(
  connection: S3Connection,
  subject: S3Subject,
  signal: AbortSignal,
  send: (options: SendOptions) => Promise<Reply>,
): Promise<Reply> {
  const attempts = new Attempts(connection, subject);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await send({ abortSignal: signal });
    } catch (error) {
      signal.throwIfAborted();
      await attempts.pauseAfter(error, signal);
    }
  }
}
