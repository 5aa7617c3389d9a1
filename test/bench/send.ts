import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connect } from '../../src/adapters/dynamodb/connection.ts';
import { createDynamoRepository } from '../../src/adapters/dynamodb/dynamo-repository.ts';
import { compilePutBytes, joinPuts } from '../../src/adapters/dynamodb/item/put-bytes.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { batchOf } from '../../src/domain/token.ts';
import { sampleTokens } from './sample-tokens.ts';

/**
 * Measures the sending of batches that are ready, in a process of its own: `send repository|sockets URL FILE ROWS`
 * goes through the file as often as it takes and prints the CPU seconds of the second half.
 */
const [way, url, path, rows] = process.argv.slice(2);
const concurrency = 64;
const batchTokens = 25;
const closingBrace = 125;
const tokens = sampleTokens([readFileSync(path!)], compilePutBytes);
const batches = Array.from({ length: Math.floor(tokens.length / batchTokens) }, (_, i) =>
  tokens.slice(i * batchTokens, (i + 1) * batchTokens),
);

const sender = way === 'sockets' ? overBareSockets() : await throughRepository();
await passes(Number(rows) / 4);
const before = process.cpuUsage();
const done = await passes(Number(rows));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ rows: done, cpuSeconds: (user + system) / 1e6 }));
sender.close();

async function passes(atLeast: number): Promise<number> {
  let done = 0;
  let next = 0;
  const lane = async (send: (batch: number) => Promise<void>) => {
    while (done < atLeast) {
      done += batchTokens;
      await send(next++ % batches.length);
    }
  };
  await Promise.all(sender.lanes.map(lane));
  return done;
}

type Sender = { readonly lanes: readonly ((batch: number) => Promise<void>)[]; close(): void };

/** Sends each batch signed, and reads its reply. */
async function throughRepository(): Promise<Sender> {
  const connection = await connect({
    ...{ endpointUrl: url, requestTimeoutMs: 5000, concurrency, clock: systemClock },
    certificateAuthority: certificateAuthority(),
  });
  const repository = createDynamoRepository(connection, { tableName: 'tokens', key: [{ name: 'token', type: 'S' }] });
  const send = async (batch: number) => {
    const result = await repository.write(batchOf(batches[batch]!));
    if (result.kind !== 'accepted') throw new Error(`the endpoint answered: ${result.kind}`);
  };
  return {
    lanes: Array.from({ length: concurrency }, () => send),
    close: () => void repository.close().then(() => connection.close()),
  };
}

/** Sends the same bodies, made in advance, with a head of the same length, and only looks for the end of each reply. */
function overBareSockets(): Sender {
  const head = Buffer.from('{"RequestItems":{"tokens":[');
  const tail = Buffer.from(']},"ReturnConsumedCapacity":"INDEXES"}');
  const requests = batches.map((batch) => requestOf(joinPuts(head, batch, tail)));
  const sockets = Array.from({ length: concurrency }, openSocket);
  const laneOf = (socket: Socket) => {
    let answered: () => void = () => {};
    socket.on('data', (bytes: Buffer) => {
      if (bytes.at(-1) === closingBrace) answered();
    });
    return (batch: number) =>
      new Promise<void>((resolve) => {
        answered = resolve;
        socket.write(requests[batch]!);
      });
  };
  return {
    lanes: sockets.map(laneOf),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function openSocket(): Socket {
  const { protocol, hostname: host, port } = new URL(url!);
  const to = { host, port: Number(port), noDelay: true };
  return protocol === 'http:' ? connectTcp(to) : connectTls({ ...to, ca: certificateAuthority() });
}

function certificateAuthority(): string | undefined {
  const file = process.env['AWS_CA_BUNDLE'];
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

function requestOf(body: Buffer): Buffer {
  const head = [
    'POST / HTTP/1.1',
    `host: ${new URL(url!).host}`,
    'content-type: application/x-amz-json-1.0',
    'x-amz-target: DynamoDB_20120810.BatchWriteItem',
    'x-amz-date: 20260101T000000Z',
    `authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
