import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from './loopback.ts';

/**
 * Answers every request with a head at once and then one byte of the body at a time, without end; closed after the test.
 * `asked` resolves with the first request.
 */
export async function startDrippingServer(everyMs: number): Promise<{ url: string; asked: Promise<void> }> {
  let ask: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const server = createServer((request, response) => {
    ask();
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    const drip = setInterval(() => response.write(' '), everyMs);
    response.once('close', () => clearInterval(drip));
  });
  const { port, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, asked };
}
