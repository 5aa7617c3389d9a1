import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Dispatcher } from 'undici';
import type { Failed } from '../../domain/write-result.ts';
import type { Clock } from '../../ports/clock.ts';

type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']>;

/** What is sent of the SDK's HttpRequest. */
export type SdkRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
};

/** How a service differs from one with small requests and replies. */
type Transfer = {
  /** Time that a request has in addition to the one of a reply. */
  extraMs(request: SdkRequest): number;
  /** Whether the body of a successful reply is a stored object, which is streamed as it is stored. */
  isStored(request: SdkRequest): boolean;
};

const smallTransfer: Transfer = { extraMs: () => 0, isStored: () => false };

/** Maximum number of bytes of a streamed body that are held ahead of its reader. */
const aheadBytes = 256 * 1024;

/**
 * Sends the SDK's requests through `dispatcher`, which handles proxies and authorities. A request rejects with a
 * TimeoutError unless its whole reply arrives within `timeoutMs`; a streamed body has no limit.
 */
export function createRequestHandler(
  dispatcher: Dispatcher,
  timeoutMs: number,
  clock: Clock,
  { extraMs, isStored }: Transfer = smallTransfer,
): RequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      const stop = new AbortController();
      const longestMs = timeoutMs + extraMs(request);
      const cancelTimer = clock.setTimer(longestMs, () => stop.abort(new NoAnswerInTime(longestMs)));
      const signal = abortSignal === undefined ? stop.signal : AbortSignal.any([stop.signal, abortSignal]);
      try {
        const reply = await dispatcher.request({ ...dispatched(request), signal, highWaterMark: aheadBytes });
        const isStreamed = isStored(request) && reply.statusCode < 300;
        // Objects may be stored with a content encoding, which the reply to HEAD names too.
        const isObject = isStreamed || request.method === 'HEAD';
        const compression = isObject ? undefined : compressionOf(reply.headers['content-encoding']?.toString());
        if (compression !== undefined) {
          await reply.body.dump();
          throw Object.assign(new Error(compression), { code: compression });
        }
        const body = isStreamed ? reply.body : Buffer.from(await reply.body.arrayBuffer());
        return { response: { statusCode: reply.statusCode, headers: flat(reply.headers), body } };
      } finally {
        cancelTimer();
      }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** The SDK retries errors of this name. */
class NoAnswerInTime extends Error {
  override readonly name = 'TimeoutError';
  readonly code: string;

  constructor(timeoutMs: number) {
    super('no answer in time');
    this.code = `none within ${timeoutMs / 1000} s`;
  }
}

function dispatched(request: SdkRequest): Dispatcher.RequestOptions {
  const query = queryText(request.query);
  const port = request.port === undefined ? '' : `:${request.port}`;
  return {
    origin: `${request.protocol}//${request.hostname}${port}`,
    path: query === '' ? request.path : `${request.path}?${query}`,
    method: request.method as Dispatcher.HttpMethod,
    headers: { ...request.headers, 'accept-encoding': acceptedEncoding },
    body: request.body ?? null,
  };
}

/** S3 signs a space as `%20`; URLSearchParams would write `+`, and the signature would not match. */
function queryText(query: SdkRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => `${escaped(name)}=${escaped(value)}`),
  );
  return pairs.join('&');
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, [value].flat().join(', ')]));
}

/** Sent with every request, because replies are not decompressed. */
export const acceptedEncoding = 'identity';

/** Describes the compression of a reply, which a proxy may have added; undefined if there is none. */
export function compressionOf(contentEncoding: string | undefined): string | undefined {
  const coding = contentEncoding?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === acceptedEncoding) return undefined;
  const named = /^[\w-]{1,20}$/.test(coding) ? coding : 'an unknown coding';
  return `replies are compressed (${named}), which was not requested`;
}

export function compressedReply(reason: string): Failed {
  return { kind: 'transient', reason, fateUnknown: true };
}
