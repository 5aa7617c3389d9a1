import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../../ports/clock.ts';
import { resetSocket } from '../../aws/dispatcher.ts';
import { acceptedEncoding } from '../../aws/request-handler.ts';
import { ReplyReader, type WholeReply } from './reply-reader.ts';
import type { LeasedConnection, Reply, Request } from './transport.ts';

type HttpConnectionOptions = {
  readonly origin: string;
  readonly certificateAuthority: string | undefined;
  readonly clock: Clock;
  readonly outgoing: SendBuffer;
  /** Of an earlier connection: saves the full handshake. */
  readonly tlsSession: Buffer | undefined;
  /** When what begins now is to be given up, by the clock. */
  dueMs(): number;
  onSession(session: Buffer): void;
  onOpen(socket: Socket): void;
  /** It may carry the next request: it is open, has answered, or was not needed. */
  onFree(connection: HttpConnection): void;
  onClosed(connection: HttpConnection, fault: Error | 'time-out'): void;
};

/** A request on its way, to be done exactly once. */
type Exchange = { readonly dueMs: number; readonly done: (reply: Reply) => void };

const replyBytes = 8 * 1024;
const tcpKeepAliveMs = 60_000;
/** A connection that was idle for longer is not trusted: what stands in between may have forgotten it. */
const maxIdleMs = 30_000;

/** One connection, with one request on it at most. */
export class HttpConnection implements LeasedConnection {
  readonly kind = 'connection';
  readonly #options: HttpConnectionOptions;
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  /** What the request is in, until it is out: for certain when its reply is there. */
  #unsent: Buffer<ArrayBuffer> | undefined;
  readonly #openDueMs: number;
  #exchange: Exchange | undefined;
  #isOpen = false;
  #isClosed = false;
  #fault: Error | 'time-out' | undefined;
  #idleSinceMs = 0;

  /** Begins to open the connection. */
  constructor(options: HttpConnectionOptions) {
    this.#options = options;
    this.#openDueMs = options.dueMs();
    this.#socket = this.#connect();
    this.#socket.setKeepAlive(true, tcpKeepAliveMs);
    this.#socket.on('error', (fault) => {
      this.#fault ??= fault;
    });
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#closed());
  }

  /** When it is to be given up, still opening or with a request on it; undefined while it lies idle. */
  get dueMs(): number | undefined {
    return this.#isOpen ? this.#exchange?.dueMs : this.#openDueMs;
  }

  get wasOpen(): boolean {
    return this.#isOpen;
  }

  get holds(): boolean {
    return !this.#isClosed && this.#options.clock.nowMs() - this.#idleSinceMs < maxIdleMs;
  }

  body(byteLength: number): Buffer {
    return this.#options.outgoing.body(byteLength);
  }

  start(request: Request, done: (reply: Reply) => void): void {
    if (this.#isClosed) {
      done(unanswered(this.#whyClosed(), false));
      return;
    }
    this.#exchange = { dueMs: this.#options.dueMs(), done };
    this.#send(request);
  }

  /** Its idle time goes on: nothing has come from the other side meanwhile. */
  release(): void {
    if (this.holds) this.#options.onFree(this);
    else this.destroy();
  }

  giveUp(): void {
    this.#fault = 'time-out';
    this.destroy();
  }

  /**
   * Closes the connection. What a request that has no reply may still bring can't be told from a reply to a later one,
   * and what the kernel holds of it must not be delivered once a newer row was written.
   */
  destroy(): void {
    if (this.#exchange !== undefined || this.#socket.writableLength > 0) resetSocket(this.#socket);
    else this.#socket.destroy();
    this.#closed();
  }

  #connect(): Socket {
    const { origin, certificateAuthority, tlsSession } = this.#options;
    const { protocol, hostname, port } = new URL(origin);
    const host = hostname.replace(/^\[|\]$/g, '');
    const onread = { buffer: Buffer.allocUnsafeSlow(replyBytes), callback: this.#received };
    // Half open, since a socket that ends by itself can no longer be reset.
    const shared = { noDelay: true, allowHalfOpen: true, onread };
    if (protocol === 'http:') {
      const socket = connectTcp({ host, port: Number(port || 80), ...shared });
      return socket.once('connect', () => this.#opened());
    }
    const socket = connectTls({
      ...{ host, port: Number(port || 443), ...shared, ALPNProtocols: ['http/1.1'] },
      ...(isIP(host) === 0 && { servername: host }),
      ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
      ...(tlsSession !== undefined && { session: tlsSession }),
    });
    socket.on('session', (session) => this.#options.onSession(session));
    return socket.once('secureConnect', () => this.#opened());
  }

  #opened(): void {
    this.#isOpen = true;
    this.#options.onOpen(this.#socket);
    this.#free();
  }

  #send(request: Request): void {
    const { outgoing } = this.#options;
    const bytes = outgoing.request(headOf(request), request.body);
    this.#socket.write(bytes);
    if (this.#socket.writableLength > 0) this.#unsent = outgoing.keep(bytes);
  }

  readonly #received = (byteCount: number, buffer: Uint8Array): boolean => {
    // Bytes that nobody asked for can't be told from a reply to the next request.
    if (this.#exchange === undefined) this.destroy();
    else this.#read((buffer as Buffer).subarray(0, byteCount));
    return true;
  };

  #ended(): void {
    if (this.#exchange !== undefined) this.#read(undefined);
    this.destroy();
  }

  /** `undefined` stands for the end of the connection. */
  #read(bytes: Buffer | undefined): void {
    let reply: WholeReply | undefined;
    try {
      reply = bytes === undefined ? this.#reader.end() : this.#reader.push(bytes);
    } catch (fault) {
      this.#fault = fault as Error;
      this.destroy();
    }
    if (reply !== undefined) this.#answered(reply);
  }

  /** Free before the reply is told, so that the next request may take the same connection. */
  #answered({ status, body, header, reusable }: WholeReply): void {
    const exchange = this.#takeExchange();
    // A reply that came before the whole request was out leaves the rest of it in memory that is still needed.
    if (reusable && this.#socket.writableLength === 0) this.#free();
    else this.destroy();
    exchange?.done({ kind: 'answered', status, body, header });
  }

  #free(): void {
    if (this.#unsent !== undefined) this.#options.outgoing.giveBack(this.#unsent);
    this.#unsent = undefined;
    this.#idleSinceMs = this.#options.clock.nowMs();
    this.#options.onFree(this);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const exchange = this.#takeExchange();
    this.#options.onClosed(this, this.#whyClosed());
    exchange?.done(unanswered(this.#whyClosed(), true));
  }

  #whyClosed(): Error | 'time-out' {
    return this.#fault ?? Object.assign(new Error('the other side closed'), { code: 'ECONNRESET' });
  }

  #takeExchange(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    return exchange;
  }
}

function unanswered(fault: Error | 'time-out', sent: boolean): Reply {
  return { kind: 'unanswered', fault, sent };
}

function headOf({ path, headers, body }: Request): string {
  let head = `POST ${path} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  }
  return `${head}accept-encoding: ${acceptedEncoding}\r\ncontent-length: ${body.length}\r\n\r\n`;
}

const usualBytes = 16 * 1024;
/** A longer request is sent from memory of its own. */
const longestKeptBytes = 64 * 1024;
/** Before the body; a session token takes some kilobytes. */
const headRoom = 8 * 1024;

/**
 * Memory that requests are made in, the body first and the head in front of it, so that one plain write takes both.
 * It is the same for each request: what takes a request from it sends it at once, and says where the memory is still
 * needed.
 */
export class SendBuffer {
  #memory = Buffer.allocUnsafeSlow(headRoom + usualBytes);
  readonly #spare: Buffer<ArrayBuffer>[] = [];
  /** What the last body is in. */
  #taken: ArrayBufferLike | undefined;

  /** Room for a body, until the next is asked for. */
  body(byteLength: number): Buffer {
    const memory = this.#memoryFor(headRoom + byteLength);
    this.#taken = memory.buffer;
    return memory.subarray(headRoom, headRoom + byteLength);
  }

  /** A whole request. A body that is not from here is copied. */
  request(head: string, body: Buffer): Buffer {
    if (head.length > headRoom) return Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const here = body.buffer === this.#taken ? body : this.#copied(body);
    const request = Buffer.from(here.buffer, headRoom - head.length, head.length + here.length);
    request.write(head, 0, 'latin1');
    return request;
  }

  /** `request` is not out yet: the next one is made elsewhere. Returns the memory, to be given back once it is. */
  keep(request: Buffer): Buffer<ArrayBuffer> | undefined {
    if (request.buffer !== this.#memory.buffer) return undefined;
    const kept = this.#memory;
    this.#memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(headRoom + usualBytes);
    return kept;
  }

  giveBack(memory: Buffer<ArrayBuffer>): void {
    this.#spare.push(memory);
  }

  #memoryFor(byteLength: number): Buffer<ArrayBuffer> {
    if (byteLength <= this.#memory.length) return this.#memory;
    if (byteLength > headRoom + longestKeptBytes) return Buffer.allocUnsafeSlow(byteLength);
    this.#memory = Buffer.allocUnsafeSlow(headRoom + longestKeptBytes);
    return this.#memory;
  }

  #copied(body: Buffer): Buffer {
    const copy = this.body(body.length);
    body.copy(copy);
    return copy;
  }
}
