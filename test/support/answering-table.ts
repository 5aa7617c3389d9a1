import { createServer } from 'node:net';
import { listenOnLoopback } from './loopback.ts';
import { headersOf, replyBytes, serveRequests } from './plain-table/discarding-server.ts';
import type { KeyAttribute } from './plain-table/table-schema.ts';
import { PlainTable } from './plain-table.ts';

export type AnsweringTable = { readonly url: string; close(): Promise<void> };

/**
 * A table in this process that stores nothing: `answer` makes the body of the reply to a batch, written or read, from
 * the batch's text. It is fast enough for millions of rows.
 */
export async function startAnsweringTable(
  key: readonly KeyAttribute[],
  answer: (body: string) => string,
): Promise<AnsweringTable> {
  const table = new PlainTable({ name: 'tokens', key });
  const server = createServer({ noDelay: true }, (socket) =>
    serveRequests(socket, (head, body) => {
      if (head.includes('.Batch')) return replyBytes(200, answer(body.toString()));
      const headers = headersOf(head);
      const { status, body: text } = table.handle(String(headers['x-amz-target']), body, headers);
      return replyBytes(status, text);
    }),
  );
  const loopback = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${loopback.port}`, close: loopback.close };
}

const putStart = '{"PutRequest":';
const putsEnd = ']},"ReturnConsumedCapacity"';

/** The puts of a batch as text of its body. */
export function putsOf(body: string): string[] {
  const list = body.slice(body.indexOf(putStart), body.indexOf(putsEnd));
  return list.split(`,${putStart}`).map((put, i) => (i === 0 ? put : putStart + put));
}

/** The reply to a BatchWriteItem of these puts that hands some of them back. */
export function handBack(puts: readonly string[], back: readonly string[]): string {
  const unprocessed = back.length === 0 ? '{}' : `{"tokens":[${back.join(',')}]}`;
  const units = puts.length - back.length;
  return `{"UnprocessedItems":${unprocessed},"ConsumedCapacity":[{"TableName":"tokens","CapacityUnits":${units}}]}`;
}
