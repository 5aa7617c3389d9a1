import { createServer as createHttp, type RequestListener, request } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from './loopback.ts';
import type { Identity } from './plain-table/self-signed.ts';

export type WebProxyOptions = {
  /** Port on 127.0.0.1 that receives everything, whatever host is asked for. */
  readonly targetPort: number;
  /** The proxy itself speaks TLS. */
  readonly identity?: Identity;
  /** `user:password` that it requires. */
  readonly credentials?: string;
  /** Refuses as Squid does by default. */
  readonly tunnelsOnlyTo443?: boolean;
  /** Forwards nothing. */
  readonly denies?: boolean;
};

export type WebProxy = {
  readonly port: number;
  /** `CONNECT dynamodb.us-east-1.amazonaws.com:443`, `POST http://host:8000/`, once each. */
  readonly asked: ReadonlySet<string>;
};

/** An HTTP proxy on 127.0.0.1 that forwards and tunnels; closed after the test. */
export async function startWebProxy(options: WebProxyOptions): Promise<WebProxy> {
  const { targetPort, identity, credentials, tunnelsOnlyTo443 = false, denies = false } = options;
  const asked = new Set<string>();
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const forward: RequestListener = (incoming, response) => {
    asked.add(`${incoming.method} ${incoming.url}`);
    if (expected !== undefined && incoming.headers['proxy-authorization'] !== expected) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' });
      response.end('who are you?');
      return;
    }
    if (denies) {
      response.writeHead(403, { 'content-type': 'text/html' });
      response.end('<h1>denied</h1>');
      return;
    }
    const { pathname } = new URL(incoming.url!);
    const { 'proxy-authorization': _seen, ...headers } = incoming.headers;
    const onwards = request(
      { host: '127.0.0.1', port: targetPort, method: incoming.method!, path: pathname, headers },
      (reply) => {
        response.writeHead(reply.statusCode!, reply.headers);
        reply.pipe(response);
      },
    );
    onwards.on('error', () => response.destroy());
    incoming.pipe(onwards);
  };
  const server = identity ? createHttps(identity, forward) : createHttp(forward);
  const tunnels = new Set<Socket>();
  server.on('connect', (incoming, socket: Socket, first: Buffer) => {
    asked.add(`CONNECT ${incoming.url}`);
    socket.on('error', () => {});
    if (tunnelsOnlyTo443 && !incoming.url!.endsWith(':443')) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (expected !== undefined && incoming.headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const onwards = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onwards.write(first);
      socket.pipe(onwards).pipe(socket);
    });
    tunnels.add(onwards);
    onwards.on('error', () => socket.destroy());
    socket.on('close', () => onwards.destroy());
  });
  const { port, close } = await listenOnLoopback(server);
  onTestFinished(async () => {
    for (const tunnel of tunnels) tunnel.destroy();
    await close();
  });
  return { port, asked };
}
