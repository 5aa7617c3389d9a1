import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Failed } from '../../domain/write-result.ts';
import { compressedReply, compressionOf, type SdkRequest } from '../aws/request-handler.ts';
import { unreadableReply } from './sdk-failure.ts';
import type { RequestLease } from './wire/request-lease.ts';
import { failureOfUnanswered } from './wire/table-requests.ts';
import type { Reply } from './wire/transport.ts';

/** A request of the SDK got no reply that it could read. */
export class NoReply extends Error {
  readonly result: Failed;

  constructor(result: Failed) {
    super('no reply');
    this.result = result;
  }
}

type SendOptions = { readonly lease: RequestLease; readonly isReadable: (body: string) => boolean };

/** What the SDK reads of a reply besides its body. */
const headerNames = ['content-type', 'date', 'x-amzn-errortype', 'x-amzn-requestid'];

/**
 * Sends each request of an SDK client over the connection of the lease that `send` was given as an option, so that it
 * waits for none. Rejects with NoReply.
 */
export function createLeasedHandler(): NonNullable<DynamoDBClientConfig['requestHandler']> {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { lease, isReadable }: Partial<SendOptions> = {}) {
      const { target, connection } = lease!;
      const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'content-length');
      const body = bytesOf(request.body ?? '');
      const { origin } = target;
      const asked = { origin, path: request.path, headers: headers.flat(), body };
      const reply = await new Promise<Reply>((resolve) => connection.start(asked, resolve));
      if (reply.kind === 'unanswered') throw new NoReply(failureOfUnanswered(reply));
      const compression = compressionOf(reply.header('content-encoding'));
      if (compression !== undefined) throw new NoReply(compressedReply(compression));
      // The SDK takes what is missing and what is null for the same, and null for an item.
      if (reply.status === 200 && !isReadable!(reply.body)) throw new NoReply(unreadableReply);
      const read = headerNames.map((name) => [name, reply.header(name)] as const);
      const found = Object.fromEntries(read.filter(([, value]) => value !== undefined));
      return { response: { statusCode: reply.status, headers: found, body: Buffer.from(reply.body) } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function bytesOf(body: Uint8Array | string): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  // Another view of the same bytes: the SDK warns of whoever converts its own.
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
