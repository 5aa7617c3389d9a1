import { ImportError } from '../../domain/import-error.ts';
import type { S3Connection } from './s3-connection.ts';
import { failureOf, importErrorOf, remedyFor, type S3Subject } from './s3-failure.ts';

/** How often in a row a request is repeated that brings nothing. */
const mostInVain = 5;
/** The same where S3 asks to slow down, which may take minutes to pass. */
const mostSlowed = 12;
/** The same before the import begins, so that what is wrong is told within seconds. */
export const repeatsBefore = 1;
const firstPauseMs = 200;
const longestPauseMs = 20_000;

/** Counts the attempts at one piece of work in a row that bring nothing, and pauses between them. */
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

  /** Notes that something came. */
  progressed(): void {
    this.#inVain = 0;
    this.#slowed = 0;
  }

  /** Resolves when it is time to ask again. Rejects with the ImportError of a failure that is not to be repeated. */
  async pauseAfter(error: unknown): Promise<void> {
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
    await clock.sleep(random() * Math.min(longestPauseMs, firstPauseMs * 2 ** count), closed);
    closed.throwIfAborted();
  }
}
