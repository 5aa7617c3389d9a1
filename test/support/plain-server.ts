import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { serveDiscarding } from './plain-table/discarding-server.ts';
import type { Identity } from './plain-table/self-signed.ts';
import type { PlainTable } from './plain-table.ts';

export type PlainServer = Loopback & { readonly url: string };

/**
 * Serves a table on 127.0.0.1, over https where an identity is given. A discarding table is served on bare sockets:
 * node:http alone would cost more than what is measured.
 */
export async function startPlainServer(
  table: PlainTable,
  options: { readonly port?: number; readonly identity?: Identity } = {},
): Promise<PlainServer> {
  const loopback = await listenOnLoopback(createServer(table, options.identity), options.port);
  return { ...loopback, url: `${options.identity ? 'https' : 'http'}://127.0.0.1:${loopback.port}` };
}

function createServer(table: PlainTable, identity: Identity | undefined): Server {
  if (table.discard) {
    const serve = (socket: Socket) => serveDiscarding(socket, table);
    return identity ? createTls(identity, serve) : createTcp({ noDelay: true }, serve);
  }
  // Keeps connections alive without limit, because the importer's pool decides when they end.
  const listener = listenerOf(table);
  const server = identity ? createHttps(identity, listener) : createHttp(listener);
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
}

function listenerOf(table: PlainTable): RequestListener {
  return async (request, response) => {
    const body = await readBody(request);
    if (body === undefined) return;
    const target = String(request.headers['x-amz-target'] ?? '');
    const answer = table.handle(target, body, request.headers);
    response.setHeader('date', new Date(table.wallMs()).toUTCString());
    sendAnswer(response, answer.status, answer.body);
  };
}

/** The whole body, or undefined if the client went away before its end. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

export function sendAnswer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': 'TESTREQUEST',
  });
  response.end(body);
}
