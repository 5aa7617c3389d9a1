import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { SdkRequest } from './request-handler.ts';
import type { RequestLease } from './request-lease.ts';
import type { Unanswered } from './transport.ts';

/** A request of the SDK that got no reply. */
export class NoReply extends Error {
  readonly reply: Unanswered;

  constructor(reply: Unanswered) {
    super('no reply');
    this.reply = reply;
  }
}

/** A success that is not as the service writes it. */
export class Unreadable extends Error {}

type SendOptions = { readonly lease: RequestLease; readonly isReadable: (body: string) => boolean };

/** What the SDK reads of a reply besides its body. */
const headerNames = ['content-type', 'date', 'x-amzn-errortype', 'x-amzn-requestid'];

/**
 * Sends each request of an SDK client over the connection of the lease that `send` was given as an option, so that it
 * waits for none. Rejects with NoReply or Unreadable.
 */
export function createLeasedHandler(): NonNullable<DynamoDBClientConfig['requestHandler']> {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { lease, isReadable }: Partial<SendOptions> = {}) {
      const { target, connection } = lease!;
      const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'content-length');
      const body = bytesOf(request.body ?? '');
      const { origin } = target;
      const reply = await connection.exchange({ origin, path: request.path, headers: headers.flat(), body });
      if (reply.kind === 'unanswered') throw new NoReply(reply);
      if (reply.status === 200 && !isReadable!(reply.body)) throw new Unreadable();
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
