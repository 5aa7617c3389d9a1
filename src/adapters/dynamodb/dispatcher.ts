import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import type { ConnectionOptions } from './connection-options.ts';
import { SocketLedger } from './socket-ledger.ts';

/** Longest idle time of a connection; a server that says less is obeyed. */
const keepAliveMs = 30_000;

/** A pool of keep-alive connections, at most `concurrency` to one origin, and the count of what it opened and sent. */
export function createDispatcher(options: ConnectionOptions): {
  readonly dispatcher: Dispatcher;
  readonly ledger: SocketLedger;
} {
  const ledger = new SocketLedger();
  const tls = options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority };
  const timeout = options.requestTimeoutMs;
  const pool = {
    connections: options.concurrency,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    // The repository measures the whole request with one timer of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: countConnections(buildConnector({ timeout, ...tls }), ledger),
  };
  if (!isProxied(options)) return { dispatcher: new Agent(pool), ledger };
  const { proxy = {} } = options;
  const dispatcher = new EnvHttpProxyAgent({
    ...pool,
    httpProxy: proxy.httpProxy ?? '',
    httpsProxy: proxy.httpsProxy ?? '',
    noProxy: proxy.noProxy ?? '',
    requestTls: { timeout, ...tls },
    // A tunnel is counted as the connection to the proxy that it is.
    clientFactory: (url) => new Pool(url, { connect: countConnections(buildConnector({ timeout }), ledger) }),
  });
  return { dispatcher, ledger };
}

/** Left alone, undici sends https through HTTP_PROXY too where there is no HTTPS_PROXY; nothing else does. */
export function isProxied({ proxy, endpointUrl }: ConnectionOptions): boolean {
  return Boolean(proxy?.httpsProxy || (proxy?.httpProxy && endpointUrl?.startsWith('http:')));
}

function countConnections(connector: buildConnector.connector, ledger: SocketLedger): buildConnector.connector {
  return (options, callback) => {
    connector(options, (...result) => {
      if (result[0] === null) ledger.add(result[1]);
      callback(...result);
    });
  };
}
