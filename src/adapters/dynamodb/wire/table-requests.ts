import type { Failed } from '../../../domain/write-result.ts';
import type { Lease, TrafficTotals } from '../../../ports/token-repository.ts';
import type { CredentialSource, Credentials } from '../../aws/credentials.ts';
import { isProxied } from '../../aws/dispatcher.ts';
import { compressedReply, compressionOf } from '../../aws/request-handler.ts';
import type { Connection, ServiceEndpoint } from '../connection.ts';
import { clockSkew, connectionFault, timeOut, writeResultOfSdkError } from '../sdk-failure.ts';
import {
  type FailureContext,
  failureContext,
  readFailure,
  type ServiceFailure,
  writeResultOf,
} from '../service-failure.ts';
import { HttpPool } from './http-pool.ts';
import { proxiedTransport } from './proxied-transport.ts';
import { RequestSigner } from './request-signer.ts';
import type { LeasedConnection, Reply, Request, Transport, Unanswered } from './transport.ts';

/** The body of a reply that is a success, or what the lack of one means. */
export type Answer =
  | { readonly kind: 'answered'; readonly body: string }
  /** `type` names the exception and `body` is its text, if the service answered. */
  | { readonly kind: 'failed'; readonly result: Failed; readonly type?: string | undefined; readonly body?: string };

const contentType = 'application/x-amz-json-1.0';

/** A signature further off the server's clock than this was refused for that; the service allows five minutes. */
const skewMs = 60_000;

/** What a failure is judged by. */
type Attempt = { readonly target: RequestTarget; readonly credentials: Credentials; readonly signedAtMs: number };

/** Requests for one table, signed and sent without the SDK over a pool of connections of their own. */
export class TableRequests {
  readonly #connection: Connection;
  readonly #tableName: string;
  readonly #signers = new Map<string, RequestSigner>();
  #opening: Promise<RequestTarget> | undefined;
  #target: RequestTarget | undefined;
  /** The server's clock minus ours, if that made a difference. */
  #clockOffsetMs = 0;

  constructor(connection: Connection, tableName: string) {
    this.#connection = connection;
    this.#tableName = tableName;
  }

  /** An open connection and valid credentials for one request, without a promise if both are available. */
  lease(): RequestLease | Promise<RequestLease | Failed> {
    const credentials = this.#connection.credentials.atHand();
    const target = this.#target;
    if (target === undefined || credentials === undefined) return this.#leaseLater();
    const connection = target.transport.lease();
    if (connection instanceof Promise) return connection.then((it) => this.#leaseOf(target, it, credentials));
    return new RequestLease(target, connection, this.#connection.credentials, credentials);
  }

  /**
   * One attempt at an operation such as `BatchWriteItem`, with a lease of its own where none is given. Does not reject
   * but for a bug.
   */
  async send(operation: string, body: Buffer, given?: Lease): Promise<Answer> {
    const lease = (given as RequestLease | undefined) ?? (await this.lease());
    if (lease.kind !== 'lease') return { kind: 'failed', result: lease };
    return new Promise((resolve) => this.start(operation, body, lease, resolve));
  }

  /** The same without a promise; `done` must not throw. */
  start(operation: string, body: Buffer, lease: RequestLease, done: (answer: Answer) => void): void {
    const { target, credentials } = lease;
    const signedAtMs = this.#connection.options.clock.wallMs() + this.#clockOffsetMs;
    const signer = this.#signer(operation, target);
    const request = signedRequest(target, operation, signer, body, signedAtMs, credentials);
    lease.connection.start(request, (reply) => {
      const isSuccess = reply.kind === 'answered' && reply.status === 200 && reply.body.startsWith('{');
      done(isSuccess ? reply : this.#judge(reply, { target, credentials, signedAtMs }));
    });
  }

  renewCredentials(): Promise<boolean> {
    return this.#connection.credentials.renew();
  }

  traffic(): TrafficTotals {
    return this.#target?.transport.traffic() ?? { connectionsOpened: 0, bytesSent: 0 };
  }

  async close(): Promise<void> {
    await this.#target?.transport.close();
  }

  async #leaseLater(): Promise<RequestLease | Failed> {
    const { credentials, options } = this.#connection;
    try {
      this.#opening ??= openTarget(this.#connection, this.#tableName);
      this.#target = await this.#opening;
      const valid = await credentials.soon(options.clock, options.requestTimeoutMs);
      return this.#leaseOf(this.#target, await this.#target.transport.lease(), valid);
    } catch (error) {
      return writeResultOfSdkError(error, this.#context(''));
    }
  }

  #leaseOf(
    target: RequestTarget,
    connection: LeasedConnection | Unanswered,
    credentials: Credentials,
  ): RequestLease | Failed {
    if (connection.kind === 'unanswered') return failureOfUnanswered(connection);
    return new RequestLease(target, connection, this.#connection.credentials, credentials);
  }

  #signer(operation: string, target: RequestTarget): RequestSigner {
    let signer = this.#signers.get(operation);
    if (signer === undefined) {
      const { host, path, signingRegion: region } = target;
      const headers = { 'content-type': contentType, 'x-amz-target': targetHeader(operation) };
      signer = new RequestSigner({ method: 'POST', host, path, headers, region, service: 'dynamodb' });
      this.#signers.set(operation, signer);
    }
    return signer;
  }

  #judge(reply: Reply, attempt: Attempt): Answer {
    if (reply.kind === 'unanswered') return { kind: 'failed', result: failureOfUnanswered(reply) };
    const compression = compressionOf(reply.header('content-encoding'));
    if (compression !== undefined) return { kind: 'failed', result: compressedReply(compression) };
    if (reply.status === 200) return { kind: 'answered', body: reply.body };
    const failure = readFailure(reply.status, reply.body, reply.header('x-amzn-errortype'));
    const result = this.#judgeFailure(failure, reply.header('date'), attempt);
    return { kind: 'failed', result, type: failure.type, body: reply.body };
  }

  #judgeFailure(failure: ServiceFailure, serverDate: string | undefined, attempt: Attempt): Failed {
    const result = writeResultOf(failure, this.#context(attempt.target.origin));
    const aboutTime = failure.type === 'InvalidSignatureException' || failure.type === 'RequestTimeTooSkewed';
    if (aboutTime && this.#learnClock(serverDate, attempt.signedAtMs)) {
      return { kind: 'transient', reason: clockSkew, fateUnknown: false };
    }
    if (result.kind === 'expired') this.#connection.credentials.refuse(attempt.credentials);
    return result;
  }

  /** True if our clock was so far off that this explains the refusal. The next signature uses the server's clock. */
  #learnClock(serverDate: string | undefined, signedAtMs: number): boolean {
    const serverMs = serverDate === undefined ? Number.NaN : Date.parse(serverDate);
    if (Number.isNaN(serverMs) || Math.abs(serverMs - signedAtMs) < skewMs) return false;
    this.#clockOffsetMs = serverMs - this.#connection.options.clock.wallMs();
    return true;
  }

  #context(origin: string): FailureContext {
    return failureContext(this.#connection, this.#tableName, origin);
  }
}

/** What a request without a reply means. */
export function failureOfUnanswered({ fault, sent }: Unanswered): Failed {
  return { kind: 'transient', reason: fault === 'time-out' ? timeOut : connectionFault(fault), fateUnknown: sent };
}

async function openTarget(connection: Connection, tableName: string): Promise<RequestTarget> {
  const endpoint = await connection.endpoint(tableName);
  return { ...endpoint, host: new URL(endpoint.origin).host, transport: openTransport(connection, endpoint) };
}

function openTransport({ options }: Connection, { origin }: ServiceEndpoint): Transport {
  return isProxied(options, origin) ? proxiedTransport(options, origin) : new HttpPool({ ...options, origin });
}

function targetHeader(operation: string): string {
  return `DynamoDB_20120810.${operation}`;
}

function signedRequest(
  target: RequestTarget,
  operation: string,
  signer: RequestSigner,
  body: Buffer,
  signedAtMs: number,
  credentials: Credentials,
): Request {
  const { date, authorization } = signer.sign(body, signedAtMs, credentials);
  const headers = ['host', target.host, 'content-type', contentType, 'x-amz-target', targetHeader(operation)];
  headers.push('x-amz-date', date, 'authorization', authorization);
  if (credentials.sessionToken !== undefined) headers.push('x-amz-security-token', credentials.sessionToken);
  return { origin: target.origin, path: target.path, headers, body };
}

/** Where requests for a table go, and what carries them there. */
type RequestTarget = ServiceEndpoint & { readonly host: string; readonly transport: Transport };

/** An open connection, and credentials that were valid when it was given. */
export class RequestLease implements Lease {
  readonly kind = 'lease';
  readonly target: RequestTarget;
  readonly connection: LeasedConnection;
  readonly #source: CredentialSource;
  readonly #credentials: Credentials;

  constructor(target: RequestTarget, connection: LeasedConnection, source: CredentialSource, credentials: Credentials) {
    this.target = target;
    this.connection = connection;
    this.#source = source;
    this.#credentials = credentials;
  }

  get holds(): boolean {
    return this.connection.holds && this.#source.atHand() !== undefined;
  }

  /** The latest that need no waiting for. */
  get credentials(): Credentials {
    return this.#source.atHand() ?? this.#credentials;
  }

  release(): void {
    this.connection.release();
  }
}
