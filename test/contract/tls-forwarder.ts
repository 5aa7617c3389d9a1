import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const fixtures = new URL('../fixtures/tls/', import.meta.url);

/** Self-signed, for localhost and 127.0.0.1. */
export const certificate = readFileSync(new URL('cert.pem', fixtures), 'utf8');
const key = readFileSync(new URL('key.pem', fixtures), 'utf8');

export type TlsForwarder = { readonly url: string; stop(): Promise<void> };

/** Speaks https on a loopback port and passes each request to an engine that speaks http. */
export async function startTlsForwarder(engineUrl: string): Promise<TlsForwarder> {
  const server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const onward = request(new URL(url ?? '/', engineUrl), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
