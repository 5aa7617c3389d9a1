import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { readBody, sendAnswer } from './plain-server.ts';
import { PlainTable } from './plain-table.ts';

export type SignedRequest = {
  readonly operation: string;
  readonly accessKeyId: string;
  readonly region: string;
  readonly body: string;
};

export type SignedRequests = Loopback & {
  readonly url: string;
  readonly table: PlainTable;
  readonly requests: SignedRequest[];
  /** `AKIDENV in us-east-1`, without repetition. */
  signers(): readonly string[];
};

/** A table `tokens` on 127.0.0.1 that records who signs and for which region; closed after the test. */
export async function recordSignedRequests(): Promise<SignedRequests> {
  const table = new PlainTable({ name: 'tokens', key: [{ name: 'token', type: 'S' }] });
  const requests: SignedRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (body === undefined) return;
    const target = String(request.headers['x-amz-target'] ?? '');
    const [, accessKeyId = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    requests.push({ operation: target.split('.')[1] ?? '', accessKeyId, region, body: body.toString() });
    // A table may be named by its ARN, as in the service.
    const named = body.toString().replaceAll(/arn:aws:dynamodb:[^/"]*:table\/tokens/g, 'tokens');
    const answer = table.handle(target, Buffer.from(named), request.headers);
    sendAnswer(response, answer.status, answer.body);
  });
  const loopback = await listenOnLoopback(server);
  onTestFinished(() => loopback.close());
  return {
    ...{ ...loopback, table, requests, url: `http://127.0.0.1:${loopback.port}` },
    signers: () => [...new Set(requests.map(({ accessKeyId, region }) => `${accessKeyId} in ${region}`))],
  };
}
