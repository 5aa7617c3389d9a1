import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ReplyReader, type WholeReply } from './reply-reader.ts';
import { resetSocket } from './reset-socket.ts';
import type { Reply } from './transport.ts';

/** A request on its way, to be resolved exactly once. */
export type Exchange = {
  /** All up to the body. */
  readonly head: string;
  readonly body: Buffer;
  /** When it is given up, by the clock of the pool. */
  readonly dueMs: number;
  readonly resolve: (reply: Reply) => void;
};

type HttpConnectionOptions = {
  readonly origin: string;
  readonly certificateAuthority: string | undefined;
  /** Of an earlier connection: saves the full handshake. */
  readonly tlsSession: Buffer | undefined;
  onSession(session: Buffer): void;
  onOpen(socket: Socket): void;
  /** It has answered, and may carry the next request. */
  onFree(connection: HttpConnection): void;
  onClosed(connection: HttpConnection): void;
};

const replyBytes = 8 * 1024;
const smallestRequestBytes = 16 * 1024;
/** A longer request is sent from memory of its own. */
const longestHeldBytes = 64 * 1024;
const tcpKeepAliveMs = 60_000;

/** One connection, with one request on it at most. */
export class HttpConnection {
  readonly #options: HttpConnectionOptions;
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  /** Reused: a request is out of it when its reply is there. */
  #outgoing = Buffer.allocUnsafeSlow(smallestRequestBytes);
  #exchange: Exchange | undefined;
  #isOpen = false;
  #isClosed = false;
  #fault: Error | undefined;
  idleSinceMs = 0;

  /** Opens the connection for a first request. */
  constructor(options: HttpConnectionOptions, first: Exchange) {
    this.#options = options;
    this.#exchange = first;
    this.#socket = this.#connect();
    this.#socket.setKeepAlive(true, tcpKeepAliveMs);
    this.#socket.on('error', (fault) => {
      this.#fault = fault;
    });
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#closed());
  }

  /** When the request on it is to be given up; undefined where there is none. */
  get dueMs(): number | undefined {
    return this.#exchange?.dueMs;
  }

  start(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#send(exchange);
  }

  /** Closes the connection: what it may still bring can't be told from a reply to a later request. */
  giveUp(): void {
    this.#settle({ kind: 'unanswered', fault: 'time-out', sent: this.#isOpen });
    resetSocket(this.#socket);
    this.#closed();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#closed();
  }

  #connect(): Socket {
    const { origin, certificateAuthority, tlsSession } = this.#options;
    const { protocol, hostname, port } = new URL(origin);
    const host = hostname.replace(/^\[|\]$/g, '');
    const onread = { buffer: Buffer.allocUnsafeSlow(replyBytes), callback: this.#received };
    if (protocol === 'http:') {
      const socket = connectTcp({ host, port: Number(port || 80), noDelay: true, onread });
      return socket.once('connect', () => this.#opened());
    }
    const socket = connectTls({
      ...{ host, port: Number(port || 443), noDelay: true, onread, ALPNProtocols: ['http/1.1'] },
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
    if (this.#exchange !== undefined) this.#send(this.#exchange);
  }

  /** Head and body lie behind each other, so that one plain write takes both. */
  #send({ head, body }: Exchange): void {
    const length = head.length + body.length;
    const bytes = this.#room(length);
    bytes.write(head, 0, 'latin1');
    body.copy(bytes, head.length);
    this.#socket.write(bytes.length === length ? bytes : bytes.subarray(0, length));
  }

  #room(length: number): Buffer {
    if (length > longestHeldBytes) return Buffer.allocUnsafeSlow(length);
    if (length > this.#outgoing.length) this.#outgoing = Buffer.allocUnsafeSlow(longestHeldBytes);
    return this.#outgoing;
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
    try {
      const reply = bytes === undefined ? this.#reader.end() : this.#reader.push(bytes);
      if (reply !== undefined) this.#answered(reply);
    } catch (fault) {
      this.#fault = fault as Error;
      this.destroy();
    }
  }

  #answered({ status, body, header, reusable }: WholeReply): void {
    this.#settle({ kind: 'answered', status, body, header });
    // A reply that came before the whole request was out leaves the rest of it in `#outgoing`.
    if (reusable && this.#socket.writableLength === 0) this.#options.onFree(this);
    else this.destroy();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const fault = this.#fault ?? Object.assign(new Error('the other side closed'), { code: 'ECONNRESET' });
    this.#settle({ kind: 'unanswered', fault, sent: this.#isOpen });
    this.#options.onClosed(this);
  }

  #settle(reply: Reply): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.resolve(reply);
  }
}
