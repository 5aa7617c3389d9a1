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
  readonly query?: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
};

/**
 * Sends the SDK's requests through `dispatcher`, which handles proxies and authorities. A request rejects unless its whole
 * reply arrives within `timeoutMs`.
 */
export function createRequestHandler(dispatcher: Dispatcher, timeoutMs: number, clock: Clock): RequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      const stop = new AbortController();
      const cancelTimer = clock.setTimer(timeoutMs, () => stop.abort(new NoAnswerInTime(timeoutMs)));
      const signal = abortSignal === undefined ? stop.signal : AbortSignal.any([stop.signal, abortSignal]);
      try {
        const reply = await dispatcher.request({ ...dispatched(request), signal });
        const compression = compressionOf(reply.headers['content-encoding']?.toString());
        if (compression !== undefined) {
          await reply.body.dump();
          throw Object.assign(new Error(compression), { code: compression });
        }
        const body = Buffer.from(await reply.body.arrayBuffer());
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
  const query = new URLSearchParams(request.query).toString();
  const port = request.port === undefined ? '' : `:${request.port}`;
  return {
    origin: `${request.protocol}//${request.hostname}${port}`,
    path: query === '' ? request.path : `${request.path}?${query}`,
    method: request.method as Dispatcher.HttpMethod,
    headers: { ...request.headers, 'accept-encoding': acceptedEncoding },
    body: request.body ?? null,
  };
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
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
