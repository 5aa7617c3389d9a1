import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../plain-table/answers.ts';
import { type Consumed, consumedCapacity } from '../plain-table/consumed-capacity.ts';
import type { ItemWrite, WriteRequest } from '../plain-table/read-batch.ts';
import { schemaOf, type TableSchema } from '../plain-table/table-schema.ts';
import type { PlainTable } from '../plain-table.ts';

/** A request as it came over the wire. */
export type WireRequest = {
  readonly operation: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly parsed: Readonly<Record<string, unknown>>;
};

/** An answer to a batch with its body still taken apart; `consumed` where the table tells it. */
export type BatchAnswer = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly consumed?: Consumed;
};

/** The table or engine that the proxy passes requests to. */
export type Backend = {
  refusal(request: WireRequest): Answer | undefined;
  schema(table: string, request: WireRequest): Promise<TableSchema | undefined>;
  pass(request: WireRequest): Promise<Answer>;
  /** Carries out some of the writes of a valid batch. */
  writeBatch(request: WireRequest, writes: readonly ItemWrite[]): Promise<BatchAnswer>;
  close(): void;
};

/** A plain table in this process: no second hop, one parse. */
export function plainBackend(table: PlainTable): Backend {
  return {
    refusal: ({ body, headers }) => table.refusal(body, headers),
    schema: async (name) => (name === table.schema.name ? table.schema : undefined),
    pass: async ({ operation, parsed }) => table.answer(operation, parsed),
    async writeBatch({ parsed }, writes) {
      const consumed = table.apply(writes);
      const capacity = consumedCapacity(table.schema, consumed, parsed['ReturnConsumedCapacity']);
      return { status: 200, body: { UnprocessedItems: {}, ...(capacity && { ConsumedCapacity: capacity }) }, consumed };
    },
    close() {},
  };
}

/** An engine at a URL. It must not check signatures, because they do not fit a part of a batch. */
export function remoteBackend(url: string): Backend {
  const agent = new Agent({ keepAlive: true });
  const schemas = new Map<string, TableSchema>();
  const send = (operation: string, headers: IncomingHttpHeaders, body: string | Buffer): Promise<Answer> =>
    post(url, agent, { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` }, body);
  return {
    refusal: () => undefined,
    async schema(name, { headers }) {
      if (!schemas.has(name)) {
        const answer = await send('DescribeTable', headers, JSON.stringify({ TableName: name }));
        if (answer.status !== 200) return undefined;
        schemas.set(name, schemaOf(JSON.parse(answer.body).Table));
      }
      return schemas.get(name);
    },
    pass: ({ operation, headers, body }) => send(operation, headers, body),
    async writeBatch({ headers, parsed }, writes) {
      const body = JSON.stringify({ ...parsed, RequestItems: requestItems(writes) });
      const answer = await send('BatchWriteItem', headers, body);
      return { status: answer.status, body: JSON.parse(answer.body) };
    },
    close: () => agent.destroy(),
  };
}

/** The writes as a batch holds them, by table. */
export function requestItems(writes: readonly ItemWrite[]): Record<string, WriteRequest[]> {
  const byTable: Record<string, WriteRequest[]> = {};
  for (const { table, request } of writes) {
    byTable[table.name] ??= [];
    byTable[table.name]!.push(request);
  }
  return byTable;
}

function post(url: string, agent: Agent, headers: IncomingHttpHeaders, body: string | Buffer): Promise<Answer> {
  const { connection, ...kept } = headers;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      agent,
      method: 'POST',
      headers: { ...kept, 'content-length': Buffer.byteLength(body) },
    });
    request.on('error', reject);
    request.on('response', async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      } catch (cause) {
        reject(cause);
      }
    });
    request.end(body);
  });
}
