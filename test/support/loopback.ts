import type { AddressInfo, Server, Socket } from 'node:net';

/** A server that listens on 127.0.0.1. */
export type Loopback = {
  readonly port: number;
  /** Connections opened since the start. */
  connectionsOpened(): number;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
};

/** Listens on the given port, or on one that the system picks. */
export async function listenOnLoopback(server: Server, port = 0): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let opened = 0;
  server.on('connection', (socket: Socket) => {
    opened++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connectionsOpened: () => opened,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
