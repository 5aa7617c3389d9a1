import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from './loopback.ts';

/** What passes between clients and a server, for tests to look at. */
export type TcpForwarder = {
  readonly port: number;
  /** Bytes of the server that were passed on. */
  bytesSent(): number;
  connectionsOpen(): number;
  /** Whether the server's bytes held the text, which is no longer than a packet. */
  saw(text: string): boolean;
  dropAll(): void;
  close(): Promise<void>;
};

/** Listens on a port that the system picks and passes everything on to `target`, no faster than it is taken. */
export async function startTcpForwarder(target: number): Promise<TcpForwarder> {
  const clients = new Set<Socket>();
  const heads: Buffer[] = [];
  let sent = 0;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    clients.add(client);
    client.pipe(upstream).pipe(client);
    let seen = 0;
    upstream.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      if (seen < mostSeenBytes) heads.push(chunk);
      seen += chunk.length;
    });
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => {
      clients.delete(client);
      client.destroySoon();
    });
  });
  const { port, close } = await listenOnLoopback(server);
  return {
    ...{ port, close },
    bytesSent: () => sent,
    connectionsOpen: () => clients.size,
    saw: (text) => heads.some((chunk) => chunk.includes(text)),
    dropAll() {
      for (const client of clients) client.destroy();
    },
  };
}

/** Of each connection. */
const mostSeenBytes = 256 * 1024;
