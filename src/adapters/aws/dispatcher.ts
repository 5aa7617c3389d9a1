import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ConnectionOptions } from './connection-options.ts';
import { proxyFor } from './proxies.ts';
import { SocketLedger } from './socket-ledger.ts';

/** Longest idle time of a connection; a server that says less is obeyed. */
const keepAliveMs = 30_000;

/** A pool of keep-alive connections, at most `concurrency` to one origin, and the count of what it opened and sent. */
export function createDispatcher(options: ConnectionOptions): {
  readonly dispatcher: Dispatcher;
  readonly ledger: SocketLedger;
} {
  const ledger = new SocketLedger();
  const { proxy = {} } = options;
  const tls = {
    timeout: options.requestTimeoutMs,
    ...(options.certificateAuthority !== undefined && { ca: options.certificateAuthority }),
  };
  const pool = {
    connections: options.concurrency,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    // Whoever sends a request measures it whole with one timer.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: countConnections(buildConnector(tls), ledger),
  };
  const factory = (origin: string | URL): Dispatcher => {
    const through = proxyFor(String(origin), proxy);
    if (through === undefined) return new Pool(origin, pool);
    const isPlain = String(origin).startsWith('http:') && /^https?:$/.test(through.protocol);
    return isPlain ? forwarding(through, pool) : tunnel(through, pool, tls);
  };
  return { dispatcher: new Agent({ ...pool, factory }), ledger };
}

/** Whether requests to `origin`, or to any, go through a proxy. */
export function isProxied({ proxy = {} }: ConnectionOptions, origin?: string): boolean {
  if (origin !== undefined) return proxyFor(origin, proxy) !== undefined;
  return proxy.httpProxy !== undefined || proxy.httpsProxy !== undefined;
}

type TlsOptions = { readonly timeout: number; readonly ca?: string };

/** A tunnel is counted as the connection to the proxy that it is, which may be signed by the same authority. */
function tunnel(proxy: URL, pool: Pool.Options, tls: TlsOptions): Dispatcher {
  const { connect, ...others } = pool;
  return new ProxyAgent({
    ...others,
    uri: proxy.href,
    requestTls: tls,
    proxyTls: tls,
    clientFactory: (url) => new Pool(url, { connect: connect! }),
  });
}

/** Proxies forward plain HTTP: many of them refuse a tunnel to another port than 443. */
function forwarding(proxy: URL, pool: Pool.Options): Dispatcher {
  const credentials = proxyCredentials(proxy);
  return new Pool(proxy.origin, pool).compose((dispatch) => (request, handler) => {
    const given = headerList(request.headers);
    // Left out, it would be the proxy's own.
    const host = given.some((name, at) => at % 2 === 0 && /^host$/i.test(name)) ? [] : ['host', hostOf(request)];
    const headers = [...given, ...host, ...credentials];
    return dispatch({ ...request, path: `${request.origin}${request.path}`, headers }, handler);
  });
}

function proxyCredentials({ username, password }: URL): readonly string[] {
  if (username === '') return [];
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return ['proxy-authorization', `Basic ${Buffer.from(text).toString('base64')}`];
}

function hostOf({ origin }: Dispatcher.DispatchOptions): string {
  return new URL(String(origin)).host;
}

/** Names and values in turn. */
function headerList(headers: Dispatcher.DispatchOptions['headers']): readonly string[] {
  if (Array.isArray(headers)) return headers as string[];
  return Object.entries(headers ?? {}).flatMap(([name, value]) => [name, String(value)]);
}

function countConnections(connector: buildConnector.connector, ledger: SocketLedger): buildConnector.connector {
  return (options, callback) => {
    connector(options, (...result) => {
      if (result[0] === null) ledger.add(result[1]);
      callback(...result);
    });
  };
}
