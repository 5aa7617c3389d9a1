import { createReadStream } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { RequestSigner } from '../../src/adapters/dynamodb/wire/request-signer.ts';

/**
 * The least that an import of plain rows can cost, as a process: `floor URL FILE` splits rows at commas, signs batches
 * of 25 and writes them to sockets. It checks nothing, handles no fault, keeps no order, and paces nothing.
 */
const [url, path] = process.argv.slice(2);
const { protocol, hostname, port, host } = new URL(url!);
const concurrency = 64;
const batchRows = 25;
const [comma, lineFeed, closingBrace] = [44, 10, 125];
/** Bytes between a head and its body, which is written first. */
const headRoom = 1024;
const operation = 'DynamoDB_20120810.BatchWriteItem';
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': operation };
const signer = new RequestSigner({
  method: 'POST',
  host,
  path: '/',
  headers,
  region: 'us-east-1',
  service: 'dynamodb',
});
const bodyStart = Buffer.from('{"RequestItems":{"tokens":[');
const bodyEnd = Buffer.from(']},"ReturnConsumedCapacity":"INDEXES"}');
const rowEnd = Buffer.from('"}}}},');

const sockets = Array.from({ length: concurrency }, () => ({
  socket: openSocket(),
  outgoing: Buffer.allocUnsafeSlow(64 * 1024),
}));
const idle = [...sockets];
let onIdle: (() => void) | undefined;
for (const lane of sockets) {
  lane.socket.on('data', (bytes: Buffer) => {
    if (bytes.at(-1) !== closingBrace) return;
    idle.push(lane);
    onIdle?.();
  });
}

let heads: readonly Buffer[] = [];
let lane = idle.pop()!;
let at = headRoom + bodyStart.copy(lane.outgoing, headRoom);
let rows = 0;
let carry: Buffer | undefined;
for await (const chunk of createReadStream(path!, { highWaterMark: 256 * 1024 })) {
  const bytes: Buffer = carry === undefined ? chunk : Buffer.concat([carry, chunk]);
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
    if (heads.length === 0) {
      heads = headsOf(bytes.toString('utf8', 0, end));
    } else {
      at = copyRow(bytes, start, end, lane.outgoing, at);
      if (++rows === batchRows) await send();
    }
    start = end + 1;
  }
  carry = start < bytes.length ? bytes.subarray(start) : undefined;
}
if (rows > 0) await send();
while (idle.length < concurrency - 1) await untilIdle();
for (const { socket } of sockets) socket.destroy();

/** Bytes before each value of a row. */
function headsOf(header: string): Buffer[] {
  return header.split(',').map((name, i) => {
    const open = i === 0 ? '{"PutRequest":{"Item":{' : '"},';
    return Buffer.from(`${open}${JSON.stringify(name)}:{"S":"`);
  });
}

function copyRow(source: Buffer, from: number, to: number, target: Buffer, start: number): number {
  let out = copyPiece(heads[0]!, target, start);
  let field = 0;
  for (let i = from; i < to; i++) {
    const byte = source[i]!;
    if (byte === comma) out = copyPiece(heads[++field]!, target, out);
    else target[out++] = byte;
  }
  return copyPiece(rowEnd, target, out);
}

/** For a piece this short, a native call would cost more. */
function copyPiece(piece: Buffer, target: Buffer, start: number): number {
  for (let i = 0; i < piece.length; i++) target[start + i] = piece[i]!;
  return start + piece.length;
}

async function send(): Promise<void> {
  const { socket, outgoing } = lane;
  const end = at - 1 + bodyEnd.copy(outgoing, at - 1);
  const { date, authorization } = signer.sign(outgoing.subarray(headRoom, end), Date.now(), credentials);
  const head =
    `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-target: ${operation}\r\n` +
    `x-amz-date: ${date}\r\nauthorization: ${authorization}\r\ncontent-length: ${end - headRoom}\r\n\r\n`;
  const start = headRoom - head.length;
  outgoing.write(head, start, 'latin1');
  socket.write(outgoing.subarray(start, end));
  if (idle.length === 0) await untilIdle();
  lane = idle.pop()!;
  at = headRoom + bodyStart.copy(lane.outgoing, headRoom);
  rows = 0;
}

function untilIdle(): Promise<void> {
  return new Promise((resolve) => {
    onIdle = resolve;
  });
}

function openSocket(): Socket {
  const to = { host: hostname, port: Number(port), noDelay: true };
  return protocol === 'http:' ? connectTcp(to) : connectTls(to);
}
