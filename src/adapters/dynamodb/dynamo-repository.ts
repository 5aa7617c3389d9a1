import type { Dispatcher } from 'undici';
import type { Batch } from '../../domain/batch.ts';
import type { Column } from '../../domain/column.ts';
import type { WriteResult } from '../../domain/write-result.ts';
import type { TokenEncoder, TokenRepository } from '../../ports/token-repository.ts';
import { readBatchReply, readFailure } from './batch-reply.ts';
import { type BatchWriteOptions, maxBatchBytes, maxBatchTokens } from './batch-write.ts';
import type { Connection, ServiceEndpoint } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { createDispatcher } from './dispatcher.ts';
import { exchange, type Reply } from './exchange.ts';
import { handedBackTokens } from './handed-back.ts';
import { compileItemText } from './item-text.ts';
import { RequestSigner } from './request-signer.ts';
import { clockSkew, connectionFault, timeOut, unreadableReply, writeResultOfSdkError } from './sdk-failure.ts';
import { type FailureContext, type ServiceFailure, writeResultOf } from './service-failure.ts';
import type { SocketLedger } from './socket-ledger.ts';

const fixedHeaders = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
};

/** A signature further off the server's clock than this was refused for that; the service allows five minutes. */
const skewMs = 60_000;

type Target = ServiceEndpoint & { readonly host: string; readonly signer: RequestSigner };

/** What a reply is judged by, besides the batch. */
type Attempt = { readonly target: Target; readonly credentials: Credentials; readonly signedAtMs: number };

/** Writes without the SDK in between: the body joined from the tokens' payloads, signed and sent from here. */
export function createDynamoRepository(connection: Connection, options: BatchWriteOptions): TokenRepository {
  return new DynamoRepository(connection, options);
}

class DynamoRepository implements TokenRepository {
  readonly maxBatchTokens = maxBatchTokens;
  readonly maxBatchBytes = maxBatchBytes;
  readonly #connection: Connection;
  readonly #options: BatchWriteOptions;
  readonly #bodyHead: string;
  readonly #dispatcher: Dispatcher;
  readonly #ledger: SocketLedger;
  #target: Promise<Target> | undefined;
  /** The server's clock less ours, where it made a difference. */
  #clockOffsetMs = 0;

  constructor(connection: Connection, options: BatchWriteOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#bodyHead = `{"RequestItems":{${JSON.stringify(options.tableName)}:[`;
    const { dispatcher, ledger } = createDispatcher(connection.options);
    this.#dispatcher = dispatcher;
    this.#ledger = ledger;
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    return compileItemText(columns);
  }

  async write(batch: Batch): Promise<WriteResult> {
    const { clock, requestTimeoutMs } = this.#connection.options;
    let target: Target;
    let credentials: Credentials;
    try {
      this.#target ??= openTarget(this.#connection, this.#options.tableName);
      target = await this.#target;
      credentials = await this.#connection.credentials.current();
    } catch (error) {
      return writeResultOfSdkError(error, this.#context(''));
    }
    const signedAtMs = clock.wallMs() + this.#clockOffsetMs;
    const request = signedRequest(target, this.#body(batch), signedAtMs, credentials);
    const reply = await exchange(this.#dispatcher, request, requestTimeoutMs, clock);
    return this.#judge(reply, batch, { target, credentials, signedAtMs });
  }

  renewCredentials(): Promise<boolean> {
    return this.#connection.credentials.renew();
  }

  traffic(): { readonly connectionsOpened: number; readonly bytesSent: number } {
    return this.#ledger.totals();
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  #body(batch: Batch): Buffer {
    let body = this.#bodyHead;
    let separator = '';
    for (const token of batch.tokens) {
      body += separator + token.payload;
      separator = ',';
    }
    // As bytes once, where signing and sending would each do it.
    return Buffer.from(`${body}]},"ReturnConsumedCapacity":"INDEXES"}`);
  }

  #judge(reply: Reply, batch: Batch, attempt: Attempt): WriteResult {
    if (reply.kind === 'unanswered') {
      const reason = reply.fault === 'time-out' ? timeOut : connectionFault(reply.fault);
      return { kind: 'transient', reason, fateUnknown: reply.sent };
    }
    if (reply.status !== 200) {
      const failure = readFailure(reply.status, reply.body, reply.headers['x-amzn-errortype']);
      return this.#judgeFailure(failure, reply.headers['date'], attempt);
    }
    const read = readBatchReply(reply.body, this.#options.key);
    if (read === undefined) return unreadableReply;
    return {
      kind: 'accepted',
      unprocessed: handedBackTokens(batch.tokens, read.handedBackKeys),
      consumedWriteUnits: read.consumedWriteUnits,
    };
  }

  #judgeFailure(failure: ServiceFailure, serverDate: unknown, attempt: Attempt): WriteResult {
    const result = writeResultOf(failure, this.#context(attempt.target.origin));
    const aboutTime = failure.type === 'InvalidSignatureException' || failure.type === 'RequestTimeTooSkewed';
    if (aboutTime && this.#learnClock(serverDate, attempt.signedAtMs)) {
      return { kind: 'transient', reason: clockSkew, fateUnknown: false };
    }
    if (result.kind === 'expired') this.#connection.credentials.refuse(attempt.credentials);
    return result;
  }

  /** True where our clock was so far off that it explains the refusal; the next signature is made by the server's. */
  #learnClock(serverDate: unknown, signedAtMs: number): boolean {
    const serverMs = typeof serverDate === 'string' ? Date.parse(serverDate) : Number.NaN;
    if (Number.isNaN(serverMs) || Math.abs(serverMs - signedAtMs) < skewMs) return false;
    this.#clockOffsetMs = serverMs - this.#connection.options.clock.wallMs();
    return true;
  }

  #context(origin: string): FailureContext {
    const { region, credentials } = this.#connection;
    return { tableName: this.#options.tableName, region, origin, renewable: credentials.renewable };
  }
}

async function openTarget(connection: Connection, tableName: string): Promise<Target> {
  const endpoint = await connection.endpoint(tableName);
  const host = new URL(endpoint.origin).host;
  const signer = new RequestSigner({
    method: 'POST',
    host,
    path: endpoint.path,
    headers: fixedHeaders,
    region: endpoint.signingRegion,
    service: 'dynamodb',
  });
  return { ...endpoint, host, signer };
}

function signedRequest(
  target: Target,
  body: Buffer,
  signedAtMs: number,
  credentials: Credentials,
): Dispatcher.DispatchOptions {
  const { date, authorization } = target.signer.sign(body, signedAtMs, credentials);
  const headers: Record<string, string> = {
    host: target.host,
    'content-type': fixedHeaders['content-type'],
    'x-amz-target': fixedHeaders['x-amz-target'],
    'x-amz-date': date,
    authorization,
  };
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
  return { origin: target.origin, path: target.path, method: 'POST', headers, body };
}
