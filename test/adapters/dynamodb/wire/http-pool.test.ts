import { createServer as createTcp, type Socket } from 'node:net';
import { createServer as createTls, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { HttpPool, type HttpPoolOptions } from '../../../../src/adapters/dynamodb/wire/http-pool.ts';
import type { Reply, Request } from '../../../../src/adapters/dynamodb/wire/transport.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type Loopback, listenOnLoopback } from '../../../support/loopback.ts';
import { selfSigned } from '../../../support/plain-table/self-signed.ts';
import { replyOn } from './reply-on.ts';

const requestTimeoutMs = 1000;
const whole = /^POST \/path HTTP\/1\.1\r\n.*?content-length: (\d+)\r\n\r\n/s;

/** What a server does with each whole request, given its body. */
type Script = (socket: Socket, body: string) => void;

type Stage = { readonly pool: HttpPool; readonly clock: FakeClock; readonly server: Loopback; readonly origin: string };

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

async function start(script: Script, options: Partial<HttpPoolOptions> = {}): Promise<Stage> {
  const server = await listenOnLoopback(createTcp((socket) => serve(socket, script)));
  const origin = `http://127.0.0.1:${server.port}`;
  return { ...openPool(origin, options), server: closed(server), origin };
}

function openPool(origin: string, options: Partial<HttpPoolOptions> = {}) {
  const clock = new FakeClock();
  return { pool: closed(new HttpPool({ origin, clock, requestTimeoutMs, concurrency: 4, ...options })), clock };
}

function closed<T extends { close(): Promise<void> }>(thing: T): T {
  closing.unshift(() => thing.close());
  return thing;
}

function serve(socket: Socket, script: Script): void {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    text += data.toString('latin1');
    const match = whole.exec(text);
    if (match === null || text.length < match[0].length + Number(match[1])) return;
    const body = text.slice(match[0].length);
    text = '';
    script(socket, body);
  });
}

function reply(body: string, header = ''): string {
  return `HTTP/1.1 200 OK\r\n${header}content-length: ${body.length}\r\n\r\n${body}`;
}

const echo: Script = (socket, body) => void socket.write(reply(body));

function request(origin: string, body: string): Request {
  return { origin, path: '/path', headers: ['host', 'here', 'x-name', 'value'], body: Buffer.from(body) };
}

/** As the data plane does it: a connection first, then the request. */
async function exchange(pool: HttpPool, asked: Request): Promise<Reply> {
  const connection = await pool.lease();
  return connection.kind === 'unanswered' ? connection : replyOn(connection, asked);
}

async function bodyOf(answer: Promise<Reply>): Promise<string> {
  const got = await answer;
  return got.kind === 'answered' ? got.body : `unanswered: ${(got.fault as Error).message}`;
}

test('requests one after the other take one connection', async () => {
  const { pool, origin, server } = await start(echo);
  for (let i = 0; i < 20; i++) expect(await bodyOf(exchange(pool, request(origin, `body ${i}`)))).toBe(`body ${i}`);
  expect(server.connectionsOpened()).toBe(1);
  expect(pool.traffic().connectionsOpened).toBe(1);
});

test('requests at once take no more connections than allowed, each with its own reply, however large', async () => {
  const { pool, origin, server } = await start(echo);
  const bodies = Array.from({ length: 30 }, (_, i) => `${i} `.repeat(1 + (i % 3) * 40_000));
  const answers = await Promise.all(bodies.map((body) => bodyOf(exchange(pool, request(origin, body)))));
  expect(answers).toEqual(bodies);
  expect(server.connectionsOpened()).toBe(4);
  expect(pool.traffic().bytesSent).toBeGreaterThan(bodies.join('').length);
});

test('a connection that the server closes behind a reply, or while it is idle, is replaced', async () => {
  const { pool, origin, server } = await start((socket, body) => {
    if (body === 'close') socket.end(reply(body, 'connection: close\r\n'));
    else socket.write(reply(body), () => body === 'idle' && socket.end());
  });
  expect(await bodyOf(exchange(pool, request(origin, 'close')))).toBe('close');
  expect(await bodyOf(exchange(pool, request(origin, 'idle')))).toBe('idle');
  await expect.poll(() => server.connectionsOpened()).toBe(2);
  await expect.poll(async () => bodyOf(exchange(pool, request(origin, 'again')))).toBe('again');
});

test('a connection that was idle for long is not used again', async () => {
  const { pool, origin, server, clock } = await start(echo);
  await exchange(pool, request(origin, 'a'));
  await clock.advance(29_000);
  await exchange(pool, request(origin, 'b'));
  expect(server.connectionsOpened()).toBe(1);
  await clock.advance(31_000);
  await exchange(pool, request(origin, 'c'));
  expect(server.connectionsOpened()).toBe(2);
});

test('a request is given up when its own time is over, and so is one that waits for a connection', async () => {
  const { pool, origin, clock, server } = await start(
    (socket, body) => void (body.startsWith('hang') || socket.write(reply(body))),
    { concurrency: 2 },
  );
  const first = exchange(pool, request(origin, 'hang 1'));
  await expect.poll(() => pool.traffic().connectionsOpened).toBe(1);
  await clock.advance(400);
  const second = exchange(pool, request(origin, 'hang 2'));
  await expect.poll(() => pool.traffic().connectionsOpened).toBe(2);
  const third = exchange(pool, request(origin, 'ok 3'));
  const fourth = exchange(pool, request(origin, 'ok 4'));
  await clock.advance(600);
  expect(await first).toEqual({ kind: 'unanswered', fault: 'time-out', sent: true });
  expect(await bodyOf(third)).toBe('ok 3');
  expect(await bodyOf(fourth)).toBe('ok 4');
  const fifth = exchange(pool, request(origin, 'hang 5'));
  const sixth = exchange(pool, request(origin, 'ok 6'));
  await clock.advance(399);
  await clock.advance(1);
  expect(await second).toEqual({ kind: 'unanswered', fault: 'time-out', sent: true });
  expect(await bodyOf(sixth)).toBe('ok 6');
  await clock.advance(600);
  expect(await fifth).toMatchObject({ kind: 'unanswered', fault: 'time-out' });
  expect(server.connectionsOpened()).toBe(4);
});

test('a request that is given up ends with a reset, so that nothing the network holds up is delivered later', async () => {
  let asked: Socket | undefined;
  const { pool, origin, clock } = await start((socket) => {
    asked = socket;
  });
  const answer = exchange(pool, request(origin, 'hang'));
  await expect.poll(() => asked).toBeDefined();
  const ending = new Promise((resolve) => {
    asked!.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    asked!.on('end', () => resolve('end'));
  });
  await clock.advance(requestTimeoutMs);
  expect(await answer).toMatchObject({ fault: 'time-out', sent: true });
  expect(await ending).toBe('ECONNRESET');
});

test('a request that never got a connection was not sent', async () => {
  const { pool, origin, clock } = await start(() => {}, { concurrency: 1 });
  const first = exchange(pool, request(origin, 'a'));
  await expect.poll(() => pool.traffic().connectionsOpened).toBe(1);
  const second = exchange(pool, request(origin, 'b'));
  await clock.advance(requestTimeoutMs);
  expect(await first).toMatchObject({ fault: 'time-out', sent: true });
  expect(await second).toMatchObject({ fault: 'time-out', sent: false });
});

test('a request whose reply can’t be read, or that is under way when the pool closes, ends with a reset', async () => {
  const endings: Promise<unknown>[] = [];
  const { pool, origin } = await start((socket, body) => {
    endings.push(
      new Promise((resolve) => {
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        socket.on('end', () => resolve('end'));
      }),
    );
    if (body === 'garbage') socket.write('hello?\r\n\r\n');
    if (body === 'half') socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal');
  });
  await exchange(pool, request(origin, 'garbage'));
  await exchange(pool, request(origin, 'half'));
  const open = exchange(pool, request(origin, 'hang'));
  await expect.poll(() => endings.length).toBe(3);
  await pool.close();
  expect(await open).toMatchObject({ kind: 'unanswered', sent: true });
  expect(await Promise.all(endings)).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
});

test.each<{ what: string; script: Script; code: string }>([
  { what: 'breaks off', script: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'), code: 'ECONNRESET' },
  { what: 'is a reset', script: (socket) => socket.resetAndDestroy(), code: 'ECONNRESET' },
  { what: 'is no HTTP', script: (socket) => socket.write('hello?\r\n\r\n'), code: 'unreadable reply' },
])('a reply that $what leaves the fate of its request unknown', async ({ script, code }) => {
  const { pool, origin } = await start(script);
  const answer = await exchange(pool, request(origin, 'a'));
  expect(answer).toMatchObject({ kind: 'unanswered', sent: true, fault: { code } });
});

test('a reply before the whole request was taken ends the connection, so that no rest of it runs into the next', async () => {
  const server = await listenOnLoopback(
    createTcp((socket) => {
      socket.on('error', () => {});
      socket.once('readable', () => void socket.write(reply('early')));
    }),
  );
  closed(server);
  const { pool } = openPool(`http://127.0.0.1:${server.port}`, { concurrency: 1 });
  const large = request('', 'x'.repeat(20_000_000));
  expect(await bodyOf(exchange(pool, large))).toBe('early');
  expect(await bodyOf(exchange(pool, request('', 'small')))).toBe('early');
  expect(server.connectionsOpened()).toBe(2);
});

test('bytes that nobody asked for end an idle connection', async () => {
  const { pool, origin, server } = await start((socket, body) => {
    socket.write(reply(body));
    setImmediate(() => socket.write(reply('stray')));
  });
  for (let i = 0; i < 5; i++) {
    expect(await bodyOf(exchange(pool, request(origin, `${i}`)))).toBe(`${i}`);
    await expect.poll(() => server.connectionsOpened()).toBe(i + 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('over https a later connection goes on with the session of an earlier one', async () => {
  const reused: boolean[] = [];
  const identity = selfSigned();
  const server = await listenOnLoopback(
    createTls(identity, (socket: TLSSocket) => {
      reused.push(socket.isSessionReused());
      serve(socket, (_socket, body) => socket.end(reply(body, 'connection: close\r\n')));
    }),
  );
  closed(server);
  const origin = `https://127.0.0.1:${server.port}`;
  const { pool } = openPool(origin, { certificateAuthority: identity.cert });
  for (const body of ['a', 'b', 'c']) expect(await bodyOf(exchange(pool, request(origin, body)))).toBe(body);
  expect(reused).toEqual([false, true, true]);
});

test('requests that are still on their way over https are not overwritten by later ones', async () => {
  const identity = selfSigned();
  const server = closed(await listenOnLoopback(createTls(identity, (socket) => serve(socket, echo))));
  const origin = `https://127.0.0.1:${server.port}`;
  const { pool } = openPool(origin, { concurrency: 8, certificateAuthority: identity.cert, requestTimeoutMs: 10_000 });
  const bodies = Array.from({ length: 64 }, (_, i) => String.fromCharCode(65 + (i % 26)).repeat(1 + i * 1_500));
  const replies = await Promise.all(bodies.map((body) => bodyOf(exchange(pool, request(origin, body)))));
  expect(replies.every((text, i) => text === bodies[i])).toBe(true);
});

test('https that is not trusted is no connection', async () => {
  const server = closed(await listenOnLoopback(createTls(selfSigned(), () => {})));
  const { pool } = openPool(`https://127.0.0.1:${server.port}`);
  const answer = await exchange(pool, request('', 'a'));
  expect(answer).toMatchObject({ kind: 'unanswered', sent: false, fault: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
});

test('a connection is leased at once where one is idle, serves one request, and is idle again when released', async () => {
  const { pool, origin, server } = await start(echo, { concurrency: 1 });
  const first = await pool.lease();
  if (first.kind !== 'connection') throw new Error('no connection');
  expect(first.holds).toBe(true);
  const second = pool.lease();
  expect(second).toBeInstanceOf(Promise);
  first.release();
  expect(await second).toBe(first);
  expect(await bodyOf(replyOn(first, request(origin, 'a')))).toBe('a');
  const third = pool.lease();
  expect(third).toBe(first);
  expect(server.connectionsOpened()).toBe(1);
});

test('a lease lapses when the other side closes, or when its connection has waited for too long', async () => {
  const sockets: Socket[] = [];
  const server = closed(await listenOnLoopback(createTcp((socket) => sockets.push(socket.on('error', () => {})))));
  const { pool, clock } = openPool(`http://127.0.0.1:${server.port}`);
  const [first, second] = await Promise.all([pool.lease(), pool.lease()]);
  if (first.kind !== 'connection' || second.kind !== 'connection') throw new Error('no connection');
  await expect.poll(() => sockets.length).toBe(2);
  sockets[0]!.destroy();
  await expect.poll(() => [first.holds, second.holds].filter(Boolean).length).toBe(1);
  const [lapsed, held] = first.holds ? [second, first] : [first, second];
  expect(await replyOn(lapsed, request('', 'a'))).toMatchObject({ kind: 'unanswered', sent: false });
  lapsed.release();
  await clock.advance(29_999);
  expect(held.holds).toBe(true);
  await clock.advance(1);
  expect(held.holds).toBe(false);
});

test('a connection whose lease has lapsed is closed when it is released, and its idle time counts on', async () => {
  const { pool, origin, clock, server } = await start(echo);
  const leased = async () => {
    const lease = await pool.lease();
    if (lease.kind !== 'connection') throw new Error('no connection');
    return lease;
  };
  const lapsed = await leased();
  await clock.advance(30_000);
  lapsed.release();
  const unused = await leased();
  expect(unused).not.toBe(lapsed);
  await clock.advance(20_000);
  unused.release();
  await clock.advance(10_000);
  expect(unused.holds).toBe(false);
  expect(await bodyOf(exchange(pool, request(origin, 'a')))).toBe('a');
  expect(server.connectionsOpened()).toBe(3);
});

test('a connection that can’t be opened in time fails those whose own time is over, and no other', async () => {
  // It accepts connections, and never says a word of the handshake.
  const mute = closed(await listenOnLoopback(createTcp((socket) => void socket.on('error', () => {}))));
  const { pool, clock } = openPool(`https://127.0.0.1:${mute.port}`, { concurrency: 2 });
  const first = pool.lease();
  await clock.advance(400);
  const second = pool.lease();
  await clock.advance(600);
  const timeOut = { kind: 'unanswered', fault: 'time-out', sent: false };
  expect(await first).toEqual(timeOut);
  let ended = false;
  void Promise.resolve(second).then(() => {
    ended = true;
  });
  await clock.advance(399);
  expect(ended).toBe(false);
  await clock.advance(1);
  expect(await second).toEqual(timeOut);
});
