import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../ports/clock.ts';

/** The part of the SDK's HttpRequest that is sent. */
type SdkRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
};

/** Most bytes of a body that are held ahead of its reader. */
const aheadBytes = 256 * 1024;

/** The slowest upload that is waited for. */
const leastBytesPerSecond = 64 * 1024;
/** The service joins the parts of a large object before it answers. */
const joinMs = 120_000;

/**
 * Sends the SDK's requests through `dispatcher`. A reply must arrive within `timeoutMs`, except for the body of an object,
 * which is streamed as it is stored; an upload has more time, by its size. Otherwise it rejects with a TimeoutError.
 */
export function createStreamingHandler(
  dispatcher: Dispatcher,
  timeoutMs: number,
  clock: Clock,
): NonNullable<S3ClientConfig['requestHandler']> {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      const stop = new AbortController();
      const longestMs = timeoutMs + extraMs(request);
      const cancelTimer = clock.setTimer(longestMs, () => stop.abort(noAnswer(longestMs)));
      try {
        const reply = await dispatcher.request({
          ...dispatched(request),
          signal: abortSignal === undefined ? stop.signal : AbortSignal.any([stop.signal, abortSignal]),
          highWaterMark: aheadBytes,
        });
        const isObject = request.query?.['x-id'] === 'GetObject' && reply.statusCode < 300;
        const body = isObject ? reply.body : Buffer.from(await reply.body.arrayBuffer());
        return { response: { statusCode: reply.statusCode, headers: flat(reply.headers), body } };
      } finally {
        cancelTimer();
      }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function extraMs({ method, query, body }: SdkRequest): number {
  if (method === 'POST' && query?.['uploadId'] !== undefined) return joinMs;
  return Math.ceil(((body?.length ?? 0) / leastBytesPerSecond) * 1000);
}

function noAnswer(timeoutMs: number): Error {
  const text = `none within ${timeoutMs / 1000} s`;
  return Object.assign(new Error(text), { name: 'TimeoutError', code: text });
}

function dispatched(request: SdkRequest): Dispatcher.RequestOptions {
  const port = request.port === undefined ? '' : `:${request.port}`;
  const query = queryText(request.query);
  return {
    origin: `${request.protocol}//${request.hostname}${port}`,
    path: query === '' ? request.path : `${request.path}?${query}`,
    method: request.method as Dispatcher.HttpMethod,
    // Objects may be stored with a content encoding; the transfer must not add one.
    headers: { ...request.headers, 'accept-encoding': 'identity' },
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
