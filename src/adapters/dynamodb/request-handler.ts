import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Dispatcher } from 'undici';

type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']>;

/** The part of the SDK's HttpRequest that is sent. */
type SdkRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
};

/** Sends the SDK's requests through `dispatcher`, which knows the proxies and authorities of the connection. */
export function createRequestHandler(dispatcher: Dispatcher, timeoutMs: number): RequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      const query = new URLSearchParams(request.query).toString();
      const port = request.port === undefined ? '' : `:${request.port}`;
      const response = await dispatcher.request({
        origin: `${request.protocol}//${request.hostname}${port}`,
        path: query === '' ? request.path : `${request.path}?${query}`,
        method: request.method as Dispatcher.HttpMethod,
        headers: request.headers,
        body: request.body ?? null,
        signal: abortSignal ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      return {
        response: { statusCode: response.statusCode, headers: flat(response.headers), body: response.body },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}
