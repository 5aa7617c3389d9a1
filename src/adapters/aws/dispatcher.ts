import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Clock } from '../../ports/clock.ts';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import type { AwsSettings, Environment } from './aws-settings.ts';

/** Maximum idle time of a connection, unless the server sets a shorter one. */
const keepAliveMs = 30_000;

/** A pool of keep-alive connections, at most `concurrency` to one origin, and the counts of what it opened and sent. */
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
    // The sender of a request has one timer for the whole of it.
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

/** Counts a tunnel as one connection to the proxy, whose certificate may come from the same authority. */
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

/** Plain HTTP is forwarded, because many proxies refuse tunnels to other ports than 443. */
function forwarding(proxy: URL, pool: Pool.Options): Dispatcher {
  const credentials = proxyCredentials(proxy);
  return new Pool(proxy.origin, pool).compose((dispatch) => (request, handler) => {
    const given = headerList(request.headers);
    // Without it, the proxy's own host would be sent.
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
      if (result[0] === null) ledger.track(result[1]);
      callback(...result);
    });
  };
}

/** The proxy for requests to `origin`; undefined if they are direct. */
export function proxyFor(origin: string, { httpProxy, httpsProxy, noProxy = '' }: ProxySettings): URL | undefined {
  const { protocol, hostname, port } = new URL(origin);
  const proxy = protocol === 'https:' ? httpsProxy : httpProxy;
  if (proxy === undefined) return undefined;
  const portNumber = port || (protocol === 'https:' ? '443' : '80');
  const entries = noProxy.split(/[,\s]+/).filter((entry) => entry !== '');
  return entries.some((entry) => exempts(entry, bare(hostname), portNumber)) ? undefined : proxy;
}

/** Whether an entry of NO_PROXY matches this host: `host`, `.domain`, `*.domain`, each with or without a port. */
function exempts(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, onPort] = /^([^:]+|\[.+\]):(\d+)$/.exec(entry) ?? [];
  if (onPort !== undefined && onPort !== port) return false;
  const domain = bare(name.replace(/^\*?\./, ''));
  return host === domain || host.endsWith(`.${domain}`);
}

/** Removes the dot at the end of a full name, and the brackets of an address. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[(.+)\]$/, '$1');
}

/** How a connection is made. */
export type ConnectionOptions = {
  /** Undefined: from the environment or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  readonly requestTimeoutMs: number;
  /** Maximum number of batches in flight, and of connections. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** From the environment. */
  readonly proxy?: ProxySettings | undefined;
  /** From flags, environment and shared files; without it the SDK uses its own chain. */
  readonly aws?: { readonly settings: AwsSettings; readonly env: Environment } | undefined;
  /** PEM text of the authority that replaces the built-in ones (`AWS_CA_BUNDLE`, or `ca_bundle` of the profile). */
  readonly certificateAuthority?: string | undefined;
};

/** Proxies by the scheme of the endpoint, and the hosts that are reached without one (NO_PROXY). */
export type ProxySettings = {
  readonly httpProxy?: URL | undefined;
  readonly httpsProxy?: URL | undefined;
  readonly noProxy?: string | undefined;
};

/** Counts connections opened and bytes written to them, headers included. */
export class SocketLedger {
  readonly #open = new Set<Socket>();
  #opened = 0;
  #closedBytes = 0;

  track(socket: Socket): void {
    this.#opened++;
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#closedBytes += socket.bytesWritten;
    });
  }

  get openSockets(): number {
    return this.#open.size;
  }

  /** Closes all connections, and discards what the kernel still holds of their requests. */
  resetAll(): void {
    for (const socket of this.#open) resetSocket(socket);
  }

  totals(): TrafficTotals {
    let bytesSent = this.#closedBytes;
    for (const socket of this.#open) bytesSent += socket.bytesWritten;
    return { connectionsOpened: this.#opened, bytesSent };
  }
}

/** Node's internal TCP handle: there is no other way to the one below a TLS socket. */
type TcpHandle = { close(done: () => void): void; reset(done: () => void): number };

/**
 * Closes a connection and discards what the kernel still holds of a request, so that a network that recovers after minutes
 * does not deliver it after a newer row was written. A socket that is only destroyed sends everything.
 */
export function resetSocket(socket: Socket): void {
  const { _handle: handle } = socket as { _handle?: { _parent?: TcpHandle } & Partial<TcpHandle> };
  const tcp = (handle?._parent ?? handle) as Partial<TcpHandle> | undefined;
  // While a connection opens or shuts down, a reset fails and leaves a handle open.
  const canBeReset = !socket.connecting && !socket.writableEnded;
  if (canBeReset && tcp?.close !== undefined && tcp.reset !== undefined) {
    const { reset } = tcp;
    tcp.close = (done) => void reset.call(tcp, done);
  }
  socket.destroy();
}
