import {
  createServer as createHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { type PlainBucket, refusal, type S3Answer, type S3Request } from './plain-bucket.ts';
import type { Identity } from './plain-table/self-signed.ts';

/**
 * What goes wrong with one request: the body of its reply ends or stands still after some bytes, it is refused, its own
 * body arrives with a changed byte, or it is carried out and the reply is lost.
 */
export type S3Fault =
  | { readonly kind: 'changed' | 'lost' }
  | { readonly kind: 'cut' | 'stall'; readonly afterBytes: number }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string };

/** A request that came, with the bucket it names. */
export type S3Asked = S3Request & { readonly bucket: string };

export type S3ServerOptions = {
  readonly buckets: readonly PlainBucket[];
  readonly identity?: Identity;
  /** Asked for each request. */
  fault?(asked: S3Asked): S3Fault | undefined;
};

export type S3Server = Loopback & {
  readonly url: string;
  /** All requests, in the order they came. */
  readonly asked: readonly S3Asked[];
  /** Bytes of bodies handed to the system. */
  bytesSent(): number;
  /** Bodies that are being sent. */
  bodiesOpen(): number;
  /** Ends the connections of all bodies that are being sent. */
  breakOff(): void;
};

const pieceBytes = 64 * 1024;

/** Serves buckets on 127.0.0.1, by path (`/bucket/key`) and by host (`bucket.s3.…`), over https with an identity. */
export async function startS3Server({ buckets, identity, fault }: S3ServerOptions): Promise<S3Server> {
  const asked: S3Asked[] = [];
  const open = new Set<ServerResponse>();
  let bytesSent = 0;
  const listener: RequestListener = async (incoming, response) => {
    const sent = await bodyOf(incoming).catch(() => undefined);
    // The client has gone.
    if (sent === undefined) return;
    const request = requestOf(incoming, sent, buckets);
    asked.push(request);
    const trouble = fault?.(request);
    if (trouble?.kind === 'changed') sent[0]! ^= 1;
    const answer =
      trouble?.kind === 'refused'
        ? refusal(trouble.status, trouble.code, 'Refused by the test.')
        : answerOf(request, incoming, buckets);
    if (trouble?.kind === 'lost') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    open.add(response);
    response.once('close', () => open.delete(response));
    await send(response, request.method === 'HEAD' ? Buffer.alloc(0) : answer.body, trouble, (length) => {
      bytesSent += length;
    });
  };
  const loopback = await listenOnLoopback(identity ? createHttps(identity, listener) : createHttp(listener));
  return {
    ...loopback,
    url: `${identity ? 'https' : 'http'}://127.0.0.1:${loopback.port}`,
    asked,
    bytesSent: () => bytesSent,
    bodiesOpen: () => open.size,
    breakOff: () => {
      for (const response of open) response.destroy();
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function requestOf(incoming: IncomingMessage, body: Buffer, buckets: readonly PlainBucket[]): S3Asked {
  const url = new URL(incoming.url!, 'http://localhost');
  const host = incoming.headers.host ?? '';
  const byHost = buckets.find(({ name }) => host.startsWith(`${name}.`));
  const [, inPath = '', key = ''] = byHost ? [] : (/^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? []);
  const header = (name: string) => incoming.headers[name]?.toString();
  return {
    bucket: byHost?.name ?? inPath,
    key: decodeURIComponent(byHost ? url.pathname.slice(1) : key),
    method: incoming.method!,
    body,
    checksum: header('x-amz-checksum-sha256'),
    ifNoneMatch: header('if-none-match'),
    metadata: Object.fromEntries(
      Object.keys(incoming.headers)
        .filter((name) => name.startsWith('x-amz-meta-'))
        .map((name) => [name, header(name)!]),
    ),
    query: url.searchParams,
    range: header('range'),
    ifMatch: header('if-match'),
    accessKeyId: credentialOf(incoming.headers)[1],
    pays: header('x-amz-request-payer') === 'requester',
  };
}

function answerOf(request: S3Asked, { headers }: IncomingMessage, buckets: readonly PlainBucket[]): S3Answer {
  const bucket = buckets.find(({ name }) => name === request.bucket);
  const [, , signedFor] = credentialOf(headers);
  if (bucket === undefined) return refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  const headersOf = { 'x-amz-bucket-region': bucket.region };
  if (signedFor !== bucket.region) {
    const answer = refusal(301, 'PermanentRedirect', 'Address this bucket by the specified endpoint.');
    return { ...answer, headers: { ...answer.headers, ...headersOf } };
  }
  const answer = bucket.handle(request);
  return { ...answer, headers: { ...answer.headers, ...headersOf } };
}

/** The whole, the key and the region that a request is signed with. */
function credentialOf({ authorization = '' }: IncomingHttpHeaders): readonly (string | undefined)[] {
  return /Credential=([^/]+)\/\d{8}\/([^/]+)\/s3\//.exec(authorization) ?? [];
}

async function send(
  response: ServerResponse,
  body: Buffer,
  fault: Exclude<S3Fault, { readonly kind: 'lost' }> | undefined,
  sent: (length: number) => void,
): Promise<void> {
  const stop = fault !== undefined && 'afterBytes' in fault ? Math.min(fault.afterBytes, body.length) : body.length;
  for (let at = 0; at < stop && !response.destroyed; at += pieceBytes) {
    const piece = body.subarray(at, Math.min(at + pieceBytes, stop));
    sent(piece.length);
    if (!response.write(piece)) await drained(response);
  }
  if (fault === undefined || !('afterBytes' in fault)) response.end();
  // What was written before has to arrive.
  else if (fault.kind === 'cut') response.write('', () => response.socket?.end());
}

/** Resolves when more can be written, or the client has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
