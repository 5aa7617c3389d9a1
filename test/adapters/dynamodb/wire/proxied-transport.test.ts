import { createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { proxiedTransport } from '../../../../src/adapters/dynamodb/wire/proxied-transport.ts';
import type { LeasedConnection, Transport, Unanswered } from '../../../../src/adapters/dynamodb/wire/transport.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { selfSigned } from '../../../support/plain-table/self-signed.ts';
import { replyOn } from './reply-on.ts';

/** A table over https behind a proxy that opens tunnels, and what came to each of them. */
async function start({ refuses = false, holdsHandshakes = false } = {}) {
  const identity = selfSigned();
  const paths: string[] = [];
  const held: (() => void)[] = [];
  const tunnels: { readonly socket: Socket; ending?: string | undefined }[] = [];
  const context = createSecureContext(identity);
  const table = createHttps(
    {
      ...identity,
      SNICallback: (_name, done) => {
        if (holdsHandshakes) held.push(() => done(null, context));
        else done(null, context);
      },
    },
    (request, response) => {
      paths.push(`${request.method} ${request.url}`);
      request.resume();
      if (request.url !== '/hang') response.end('{}');
    },
  );
  const proxy = createServer();
  proxy.on('connect', (_request, socket: Socket) => {
    const tunnel: (typeof tunnels)[number] = { socket };
    tunnels.push(tunnel);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      tunnel.ending = error.code;
    });
    if (refuses) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const { port } = table.address() as AddressInfo;
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => {});
  });
  for (const server of [table, proxy]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
  }
  const clock = new FakeClock();
  const origin = `https://localhost:${(table.address() as AddressInfo).port}`;
  const httpsProxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const options = { requestTimeoutMs: 5_000, concurrency: 4, clock, certificateAuthority: identity.cert };
  const proxied = {
    ...options,
    region: 'us-east-1',
    proxy: { httpsProxy: new URL(httpsProxy) },
  } as unknown as Parameters<typeof proxiedTransport>[0];
  const transport = proxiedTransport(proxied, origin);
  onTestFinished(() => transport.close());
  const request = (path: string) => ({ origin, path, headers: [], body: Buffer.from('body') });
  return { transport, clock, paths, tunnels, held, request };
}

async function leaseOf(transport: Transport): Promise<LeasedConnection> {
  const lease = await transport.lease();
  if (lease.kind !== 'connection') throw new Error('no connection');
  return lease;
}

test('a tunnel is open before the request it is for, and is given at once when it is idle', async () => {
  const { transport, held, paths, tunnels, request } = await start({ holdsHandshakes: true });
  let isGiven = false;
  const leasing = leaseOf(transport).then((lease) => {
    isGiven = true;
    return lease;
  });
  await expect.poll(() => held.length).toBe(1);
  expect(isGiven).toBe(false);
  held.shift()!();
  const lease = await leasing;
  expect(lease.holds).toBe(true);
  expect(await replyOn(lease, request('/write'))).toMatchObject({ kind: 'answered', status: 200, body: '{}' });
  expect(transport.lease()).toBe(lease);
  expect(paths).toEqual(['GET /ping', 'POST /write']);
  expect([tunnels.length, transport.traffic().connectionsOpened]).toEqual([1, 1]);
});

test('a request that is given up resets its tunnel, and no other', async () => {
  const { transport, clock, tunnels, paths, request } = await start();
  const [first, second] = [await leaseOf(transport), await leaseOf(transport)];
  const answer = replyOn(first, request('/hang'));
  await expect.poll(() => paths).toContain('POST /hang');
  await clock.advance(5_000);
  expect(await answer).toMatchObject({ kind: 'unanswered', fault: 'time-out', sent: true });
  await expect.poll(() => tunnels[0]!.ending).toBe('ECONNRESET');
  expect([first.holds, second.holds, tunnels[1]!.ending]).toEqual([false, true, undefined]);
  expect(await replyOn(second, request('/write'))).toMatchObject({ kind: 'answered' });
});

test('a lease lapses when its tunnel is closed, or has been idle for too long', async () => {
  const { transport, clock, tunnels } = await start();
  const [first, second] = [await leaseOf(transport), await leaseOf(transport)];
  tunnels[0]!.socket.destroy();
  await expect.poll(() => first.holds).toBe(false);
  await clock.advance(29_999);
  expect(second.holds).toBe(true);
  await clock.advance(1);
  expect(second.holds).toBe(false);
  second.release();
  const third = await leaseOf(transport);
  expect(third).not.toBe(second);
  expect(third.holds).toBe(true);
});

test('a proxy that refuses gives no lease, and nothing was sent', async () => {
  const { transport } = await start({ refuses: true });
  const refused = (await transport.lease()) as Unanswered;
  expect(refused).toMatchObject({ kind: 'unanswered', sent: false });
});
