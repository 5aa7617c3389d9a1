import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { PlainTable } from '../plain-table.ts';
import { discardedAnswer, putsIn } from './discard.ts';

const headEnd = '\r\n\r\n';

/** Answers the requests of one connection, and only counts the items of a batch. */
export function serveDiscarding(socket: Socket, table: PlainTable): void {
  serveRequests(socket, (head, body) => reply(table, head, body));
}

/** Writes the reply that `answer` makes from head and body of each request of one connection. */
export function serveRequests(socket: Socket, answer: (head: string, body: Buffer) => Buffer): void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = 0;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < neededBytes) return;
    let data = held.length === 1 ? chunk : Buffer.concat(held, heldBytes);
    for (;;) {
      const bodyStart = data.indexOf(headEnd) + headEnd.length;
      if (bodyStart < headEnd.length) {
        neededBytes = 0;
        break;
      }
      const head = data.toString('latin1', 0, bodyStart);
      neededBytes = bodyStart + contentLength(head);
      if (data.length < neededBytes) break;
      socket.write(answer(head, data.subarray(bodyStart, neededBytes)));
      data = data.subarray(neededBytes);
      neededBytes = 0;
    }
    held = data.length === 0 ? [] : [data];
    heldBytes = data.length;
  });
}

function contentLength(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

const replies = new Map<string, Buffer>();

function reply(table: PlainTable, head: string, body: Buffer): Buffer {
  if (!head.includes('.BatchWriteItem\r\n')) {
    const headers = headersOf(head);
    const answer = table.handle(String(headers['x-amz-target'] ?? ''), body, headers);
    return replyBytes(answer.status, answer.body);
  }
  const count = putsIn(body);
  table.countDiscarded(count);
  const key = `${table.schema.name} ${count}`;
  const known = replies.get(key);
  if (known !== undefined) return known;
  const bytes = replyBytes(200, discardedAnswer(table.schema, count).body);
  replies.set(key, bytes);
  return bytes;
}

/** A reply as it is sent. */
export function replyBytes(status: number, body: string): Buffer {
  const head =
    `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Error'}\r\ncontent-type: application/x-amz-json-1.0\r\n` +
    `x-amzn-requestid: TESTREQUEST\r\ncontent-length: ${Buffer.byteLength(body)}${headEnd}`;
  return Buffer.from(head + body);
}

export function headersOf(head: string): IncomingHttpHeaders {
  const lines = head
    .split('\r\n')
    .slice(1)
    .filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
}
