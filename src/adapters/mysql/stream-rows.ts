import type { Session } from './connect.ts';

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

/**
 * Rows as `SELECT ... INTO OUTFILE` writes them by default: fields separated by tabs, NULL as `\N`, rows ended by LF. NUL,
 * tab, LF and backslash stand after a backslash in every field, as MySQL writes them; MariaDB leaves BIT out of that.
 */
export class OutfileRows {
  readonly #chunkBytes: number;
  #chunk: Buffer;
  #length = 0;

  /** Chunks are about `chunkBytes` long and hold whole rows. */
  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes);
  }

  /** Whether a chunk is ready to be taken. */
  get isFull(): boolean {
    return this.#length >= this.#chunkBytes - roomForRow;
  }

  /** Copies the values of one row. */
  add(values: readonly (Uint8Array | null)[]): void {
    let most = values.length;
    for (const value of values) most += value === null ? 2 : 2 * value.length;
    this.#makeRoom(most);
    const chunk = this.#chunk;
    let at = this.#length;
    for (let field = 0; field < values.length; field++) {
      if (field > 0) chunk[at++] = tab;
      const value = values[field]!;
      if (value === null) {
        chunk[at++] = backslash;
        chunk[at++] = letterN;
      } else at = writeEscaped(value, chunk, at);
    }
    chunk[at++] = lineFeed;
    this.#length = at;
  }

  /** The rows since the last chunk, in a buffer of their own; empty if there are none. */
  take(): Uint8Array {
    const taken = this.#chunk.subarray(0, this.#length);
    this.#chunk = Buffer.allocUnsafeSlow(this.#chunkBytes);
    this.#length = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#chunk.length) return;
    const larger = Buffer.allocUnsafeSlow(this.#length + bytes);
    this.#chunk.copy(larger, 0, 0, this.#length);
    this.#chunk = larger;
  }
}

/** A chunk counts as full this many bytes early, so that most rows fit into it. */
const roomForRow = 4096;
const tab = 0x09;
const lineFeed = 0x0a;
const backslash = 0x5c;
const zero = 0x30;
const letterN = 0x4e;

function writeEscaped(value: Uint8Array, target: Buffer, from: number): number {
  let at = from;
  for (let i = 0; i < value.length; i++) {
    const byte = value[i]!;
    if (byte === 0) {
      target[at++] = backslash;
      target[at++] = zero;
      continue;
    }
    if (byte === tab || byte === lineFeed || byte === backslash) target[at++] = backslash;
    target[at++] = byte;
  }
  return at;
}
