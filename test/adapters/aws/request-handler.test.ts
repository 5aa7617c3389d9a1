import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createDispatcher } from '../../../src/adapters/aws/dispatcher.ts';
import { createRequestHandler } from '../../../src/adapters/aws/request-handler.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { startDrippingServer } from '../../support/dripping-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { answer, startScriptedServer } from '../dynamodb/scripted-server.ts';

type Handle = (request: object) => Promise<{ response: { statusCode: number; body: Uint8Array } }>;

function handlerFor(clock: FakeClock, transfer?: Parameters<typeof createRequestHandler>[3]): Handle {
  const { dispatcher } = createDispatcher({ requestTimeoutMs: 3_000, concurrency: 1, clock: systemClock });
  onTestFinished(() => dispatcher.destroy());
  return (createRequestHandler(dispatcher, 3_000, clock, transfer) as unknown as { handle: Handle }).handle;
}

function requestTo(url: string): object {
  const { hostname, port } = new URL(url);
  return { protocol: 'http:', hostname, port: Number(port), method: 'POST', path: '/', headers: {}, body: '{}' };
}

test('a reply is read whole, and its timer cancelled', async () => {
  const server = await startScriptedServer((_request, response) => answer(response, 200, { Table: {} }));
  onTestFinished(() => server.stop());
  const clock = new FakeClock();
  const { response } = await handlerFor(clock)(requestTo(server.url));
  expect(response.statusCode).toBe(200);
  expect(Buffer.from(response.body).toString()).toBe('{"Table":{}}');
  expect(clock.pendingTimers).toBe(0);
});

test('a reply that comes byte by byte has its time as a whole', async () => {
  const server = await startDrippingServer(5);
  const clock = new FakeClock();
  const ended = handlerFor(clock)(requestTo(server.url));
  const rejected = expect(ended).rejects.toMatchObject({ name: 'TimeoutError', code: 'none within 3 s' });
  await server.asked;
  await clock.advance(3_000);
  await rejected;
});

test('a compressed reply is refused, unless the object is stored like that', async () => {
  const server = await startScriptedServer((_request, response) =>
    answer(response, 200, {}, { 'content-encoding': 'gzip' }),
  );
  onTestFinished(() => server.stop());
  const transfer = { extraMs: () => 0, isStored: ({ path }: { path: string }) => path === '/object' };
  const handle = handlerFor(new FakeClock(), transfer);
  const code = 'replies are compressed (gzip), which was not requested';
  await expect(handle(requestTo(server.url))).rejects.toMatchObject({ code });
  const head = await handle({ ...requestTo(server.url), method: 'HEAD', body: undefined });
  expect(head.response.statusCode).toBe(200);
  const { response } = await handle({ ...requestTo(server.url), path: '/object' });
  expect(await text(response.body as unknown as Readable)).toBe('{}');
});
