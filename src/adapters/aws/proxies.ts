import type { ProxySettings } from './connection-options.ts';

/** The proxy for requests to `origin`; undefined where they go straight there. */
export function proxyFor(origin: string, { httpProxy, httpsProxy, noProxy = '' }: ProxySettings): URL | undefined {
  const { protocol, hostname, port } = new URL(origin);
  const proxy = protocol === 'https:' ? httpsProxy : httpProxy;
  if (proxy === undefined) return undefined;
  const portNumber = port || (protocol === 'https:' ? '443' : '80');
  const entries = noProxy.split(/[,\s]+/).filter((entry) => entry !== '');
  return entries.some((entry) => spares(entry, bare(hostname), portNumber)) ? undefined : proxy;
}

/** Whether an entry of NO_PROXY spares this host: `host`, `.domain`, `*.domain`, each with or without a port. */
function spares(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, onPort] = /^([^:]+|\[.+\]):(\d+)$/.exec(entry) ?? [];
  if (onPort !== undefined && onPort !== port) return false;
  const domain = bare(name.replace(/^\*?\./, ''));
  return host === domain || host.endsWith(`.${domain}`);
}

/** Without the dot that ends a full name, and the brackets of an address. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[(.+)\]$/, '$1');
}
