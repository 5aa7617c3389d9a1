import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type ReceivedRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly socket: Socket;
};

export type Script = (request: ReceivedRequest, response: ServerResponse) => void;

/** A loopback server that does with each whole request what its script says. */
export type ScriptedServer = {
  readonly url: string;
  readonly host: string;
  script: Script;
  connections(): number;
  stop(): Promise<void>;
};

export async function startScriptedServer(script: Script = acceptAll): Promise<ScriptedServer> {
  let connections = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { url = '/', headers, socket } = incoming;
      scripted.script({ path: url, headers, body: Buffer.concat(chunks), socket }, response);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scripted: ScriptedServer = {
    url: `http://${host}`,
    host,
    script,
    connections: () => connections,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return scripted;
}

/** Takes every batch as written. */
export const acceptAll: Script = (_request, response) => {
  answer(response, 200, { UnprocessedItems: {} });
};

/** Answers in DynamoDB's manner. */
export function answer(response: ServerResponse, status: number, body: object | string, headers: object = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers });
  response.end(text);
}

/** Refuses every batch with this exception. */
export function refuse(status: number, type: string, message = '', more: object = {}): Script {
  return (_request, response) => {
    answer(response, status, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...more });
  };
}
