import { connect, createServer, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { resetSocket } from '../../../src/adapters/aws/dispatcher.ts';
import { type Loopback, listenOnLoopback } from '../../support/loopback.ts';
import { selfSigned } from '../../support/plain-table/self-signed.ts';

test.each([
  { name: 'http', open: openPlain },
  { name: 'https', open: openTls },
])('what the kernel holds of a socket that is reset is not delivered later ($name)', async ({ open }) => {
  const road = await openRoad();
  const socket = await open(road);
  const near = road.holdUp();
  const sentBytes = 400_000;
  await new Promise((resolve) => socket.write(Buffer.alloc(sentBytes), resolve));
  resetSocket(socket);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(await letThrough(near)).toBeLessThan(sentBytes);
});

test.each([
  { name: 'http', open: (options: TcpNetConnectOpts): Socket => connect(options) },
  { name: 'https', open: (options: TcpNetConnectOpts): Socket => connectTls(options) },
])('a socket whose host is still looked up is closed all the same ($name)', async ({ open }) => {
  const socket = open({ port: 1, host: 'nowhere.invalid', lookup: () => {} });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  resetSocket(socket);
  await closed;
});

test('a socket that is shutting down is closed all the same', async () => {
  const socket = await openPlain(await openRoad());
  socket.end();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  resetSocket(socket);
  await closed;
});

async function openPlain(road: Road): Promise<Socket> {
  const far = closedAtEnd(await listenOnLoopback(createServer((socket) => socket.resume().write('welcome'))));
  road.leadTo(far.port);
  const socket = connect(road.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

async function openTls(road: Road): Promise<Socket> {
  const identity = selfSigned();
  const far = closedAtEnd(await listenOnLoopback(createTlsServer(identity, (socket) => socket.resume())));
  road.leadTo(far.port);
  const socket = connectTls({ port: road.port, host: '127.0.0.1', ca: identity.cert });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

type Road = Awaited<ReturnType<typeof openRoad>>;

/** A road for one connection, on which what goes forth can be held up. */
async function openRoad() {
  let farPort = 0;
  let near: Socket | undefined;
  const server = createServer((socket) => {
    near = socket;
    const onward = connect(farPort, '127.0.0.1');
    for (const end of [socket, onward]) end.on('error', () => {});
    socket.on('close', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  });
  const { port } = closedAtEnd(await listenOnLoopback(server));
  return {
    port,
    leadTo(port: number) {
      farPort = port;
    },
    holdUp: () => near!.unpipe().pause(),
  };
}

/** Resolves with the bytes that come after all. */
function letThrough(near: Socket): Promise<number> {
  const before = near.bytesRead;
  return new Promise((resolve) => {
    near.on('close', () => resolve(near.bytesRead - before));
    near.resume();
  });
}

function closedAtEnd(server: Loopback): Loopback {
  onTestFinished(() => server.close());
  return server;
}
