import { expect, onTestFinished, test } from 'vitest';
import { createDispatcher } from '../../../src/adapters/aws/dispatcher.ts';
import { createRequestHandler } from '../../../src/adapters/aws/request-handler.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { startDrippingServer } from '../../support/dripping-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { answer, startScriptedServer } from '../dynamodb/scripted-server.ts';

type Handle = (request: object) => Promise<{ response: { statusCode: number; body: Uint8Array } }>;

function handlerFor(clock: FakeClock): Handle {
  const { dispatcher } = createDispatcher({ requestTimeoutMs: 3_000, concurrency: 1, clock: systemClock });
  onTestFinished(() => dispatcher.destroy());
  return (createRequestHandler(dispatcher, 3_000, clock) as unknown as { handle: Handle }).handle;
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
