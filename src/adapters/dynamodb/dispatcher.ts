import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { ConnectionOptions } from './connection.ts';
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
  const connector = buildConnector({ timeout: options.requestTimeoutMs, ...tls });
  const pool = {
    connections: options.concurrency,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    // The repository measures the whole request with one timer of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: countConnections(connector, ledger),
  };
  if (!isProxied(options)) return { dispatcher: new Agent(pool), ledger };
  const { proxy = {} } = options;
  const dispatcher = new EnvHttpProxyAgent({
    ...pool,
    httpProxy: proxy.httpProxy ?? '',
    httpsProxy: proxy.httpsProxy ?? '',
    noProxy: proxy.noProxy ?? '',
    requestTls: tls,
  });
  return { dispatcher, ledger };
}

export function isProxied({ proxy }: ConnectionOptions): boolean {
  return Boolean(proxy?.httpProxy || proxy?.httpsProxy);
}

function countConnections(connector: buildConnector.connector, ledger: SocketLedger): buildConnector.connector {
  return (options, callback) => {
    connector(options, (...result) => {
      if (result[0] === null) ledger.add(result[1]);
      callback(...result);
    });
  };
}
