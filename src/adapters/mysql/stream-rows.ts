import type { Session } from './connect.ts';
import { OutfileRows } from './outfile-rows.ts';

const chunkBytes = 256 * 1024;
/** With more chunks waiting to be taken, the server waits too. */
const mostChunks = 2;

/**
 * The rows of a SELECT as `INTO OUTFILE` writes them, in fresh chunks of whole rows. The server sends no faster than they
 * are taken. What arrived before a fault comes before it; the fault is the driver's.
 */
export class RowStream {
  readonly #session: Session;
  readonly #encoder = new OutfileRows(chunkBytes);
  readonly #ready: Uint8Array[] = [];
  #isOver = false;
  #isPaused = false;
  #fault: unknown;
  #rows = 0;
  #wake: (() => void) | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Rows that have arrived. */
  get rows(): number {
    return this.#rows;
  }

  async *read(sql: string): AsyncGenerator<Uint8Array> {
    this.#start(sql);
    try {
      while (true) {
        const chunk = this.#ready.shift();
        if (chunk !== undefined) {
          yield chunk;
          continue;
        }
        if (this.#isOver) break;
        this.#resume();
        // Rows that had arrived before the pause come at once.
        if (this.#ready.length === 0 && !this.#isOver) await this.#arrival();
      }
      if (this.#fault !== undefined) throw this.#fault;
    } finally {
      this.#isOver = true;
    }
  }

  /** Ends the reading as if there were no further rows. */
  stop(): void {
    this.#end(undefined);
  }

  #start(sql: string): void {
    const { connection, fault } = this.#session;
    const earlier = fault();
    if (earlier !== undefined) {
      this.#end(earlier);
      return;
    }
    // The driver reports a lost connection to the connection alone, and any other fault to the query alone.
    connection.on('error', (error) => this.#end(error));
    const query = connection.query(sql);
    query.on('error', (error) => this.#end(error));
    query.on('result', (row) => this.#take(row as unknown as (Buffer | null)[]));
    query.on('end', () => this.#end(undefined));
  }

  #take(row: readonly (Buffer | null)[]): void {
    if (this.#isOver) return;
    this.#rows++;
    this.#encoder.add(row);
    if (!this.#encoder.isFull) return;
    this.#ready.push(this.#encoder.take());
    if (this.#ready.length >= mostChunks && !this.#isPaused) {
      this.#isPaused = true;
      this.#session.connection.pause();
    }
    this.#wakeReader();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#session.connection.resume();
  }

  #end(fault: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fault = fault;
    const rest = this.#encoder.take();
    if (rest.length > 0) this.#ready.push(rest);
    this.#wakeReader();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
