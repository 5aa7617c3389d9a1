/** A whole reply, and whether the connection may carry another request. */
export type WholeReply = {
  readonly status: number;
  readonly body: string;
  readonly reusable: boolean;
  header(name: string): string | undefined;
};

/** A longer head is no reply of the service. */
const maxHeadBytes = 64 * 1024;
const headEnd = '\r\n\r\n';

/** Reads the replies of one HTTP/1.1 connection, one at a time. */
export class ReplyReader {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Not before so many bytes is it worth looking again. */
  #neededBytes = 0;

  /**
   * Takes the next bytes, which may be overwritten afterwards. Returns the reply once it is whole; throws where the
   * bytes are none.
   */
  push(bytes: Buffer): WholeReply | undefined {
    if (this.#held.length === 0) {
      const reply = this.#read(bytes, false);
      if (reply === undefined) this.#hold(bytes);
      return reply;
    }
    this.#hold(bytes);
    return this.#heldBytes < this.#neededBytes ? undefined : this.#readHeld(false);
  }

  /** The connection has ended: a body without a length ends with it. */
  end(): WholeReply | undefined {
    return this.#held.length === 0 ? undefined : this.#readHeld(true);
  }

  #hold(bytes: Buffer): void {
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
  }

  #readHeld(atEnd: boolean): WholeReply | undefined {
    const all = Buffer.concat(this.#held);
    this.#held = [all];
    const reply = this.#read(all, atEnd);
    if (reply !== undefined) this.#forget();
    return reply;
  }

  #forget(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#neededBytes = 0;
  }

  #read(bytes: Buffer, atEnd: boolean): WholeReply | undefined {
    const headBytes = bytes.indexOf(headEnd);
    if (headBytes === -1) {
      if (bytes.length > maxHeadBytes) throw unreadable('the head of the reply has no end');
      return undefined;
    }
    const head = bytes.toString('latin1', 0, headBytes + 2);
    const status = statusOf(head);
    const bodyStart = headBytes + headEnd.length;
    // 100 Continue and its like stand before the reply proper.
    if (status < 200) return this.#read(bytes.subarray(bodyStart), atEnd);
    const lowerHead = head.toLowerCase();
    const body = this.#body(bytes, bodyStart, status, lowerHead, atEnd);
    if (body === undefined) return undefined;
    return {
      status,
      body: body.text,
      reusable: body.end === bytes.length && mayBeKept(lowerHead),
      header: (name) => headerOf(head, lowerHead, name),
    };
  }

  #body(
    bytes: Buffer,
    start: number,
    status: number,
    head: string,
    atEnd: boolean,
  ): { readonly text: string; readonly end: number } | undefined {
    if (status === 204 || status === 304) return { text: '', end: start };
    if (headerOf(head, head, 'transfer-encoding')?.endsWith('chunked')) return readChunked(bytes, start);
    const length = headerOf(head, head, 'content-length');
    // The end that is not that of `bytes` says that the connection is over.
    if (length === undefined) return atEnd ? { text: bytes.toString('utf8', start, bytes.length), end: -1 } : undefined;
    if (!/^\d+$/.test(length)) throw unreadable('the reply has no length that is a number');
    const end = start + Number(length);
    if (end <= bytes.length) return { text: bytes.toString('utf8', start, end), end };
    this.#neededBytes = end;
    return undefined;
  }
}

function statusOf(head: string): number {
  const match = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head);
  if (match === null) throw unreadable('the reply is not HTTP/1.1');
  return Number(match[1]);
}

function mayBeKept(head: string): boolean {
  const connection = headerOf(head, head, 'connection');
  return head.startsWith('http/1.1') ? connection !== 'close' : connection === 'keep-alive';
}

/** The value in `head`, found in `lowerHead`, whose letters are in the same places. */
function headerOf(head: string, lowerHead: string, name: string): string | undefined {
  const at = lowerHead.indexOf(`\r\n${name}:`);
  if (at === -1) return undefined;
  const start = at + name.length + 3;
  return head.slice(start, head.indexOf('\r\n', start)).trim();
}

/** The chunks of a body put together; undefined where some are still to come. */
function readChunked(bytes: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = /^[\da-f]{1,8}/i.exec(bytes.toString('latin1', at, lineEnd));
    if (size === null) throw unreadable('a chunk of the reply has no size');
    const from = lineEnd + 2;
    const to = from + Number.parseInt(size[0], 16);
    if (to === from) return endOfChunks(bytes, from, chunks);
    if (to + 2 > bytes.length) return undefined;
    chunks.push(bytes.subarray(from, to));
    at = to + 2;
  }
}

/** Skips the trailers, lines up to an empty one. */
function endOfChunks(bytes: Buffer, start: number, chunks: readonly Buffer[]) {
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    if (lineEnd === at) return { text: Buffer.concat(chunks).toString('utf8'), end: at + 2 };
    at = lineEnd + 2;
  }
}

function unreadable(message: string): Error {
  return Object.assign(new Error(message), { code: 'unreadable reply' });
}
