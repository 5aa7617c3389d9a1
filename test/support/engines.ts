import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { canonicalNumber } from '../../src/domain/number.ts';
import type { KeyAttribute } from '../../src/domain/table.ts';

/** Access keys that the engines accept. */
export const testCredentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'testsecret' };
export const testRegion = 'us-east-1';

/** A real implementation of DynamoDB's API on a loopback port. */
export type Engine = {
  readonly name: string;
  readonly endpointUrl: string;
  readonly client: DynamoDBClient;
  /** Resolves once the table is ACTIVE. The partition key comes first. */
  createTable(tableName: string, key: readonly KeyAttribute[], more?: Partial<CreateTableCommandInput>): Promise<void>;
  deleteTable(tableName: string): Promise<void>;
  /** All items in comparable form; see `plainItem`. */
  readItems(tableName: string): Promise<PlainItem[]>;
  stop(): Promise<void>;
};

export type PlainItem = { readonly [attribute: string]: unknown };

/** `updateTableMs`: how long a table is UPDATING. */
export async function startDynalite({ updateTableMs = 0 }: { updateTableMs?: number } = {}): Promise<Engine> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs, maxItemSizeKb: 400 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return engine('dynalite', port, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}

/** Path of the dynoxide binary; undefined if this machine has none. */
export const dynoxidePath = findDynoxide();

export async function startDynoxide(): Promise<Engine> {
  if (dynoxidePath === undefined) throw new Error('@dynoxide/linux-x64 is not installed');
  // It does not report a port that it picks, so it is given a free one, which another process may take first.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawn(dynoxidePath, ['serve', '--host', '127.0.0.1', '--port', String(port)], { stdio: 'pipe' });
    if (await listens(child)) return engine('dynoxide', port, () => end(child));
    if (attempt === 5) throw new Error('dynoxide does not start');
  }
}

/** Maps compare by content: numbers in canonical text, bytes as base64. */
export function plainItem(item: Record<string, AttributeValue>): PlainItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: AttributeValue): unknown {
  if (value.N !== undefined) return { N: canonicalNumber(value.N) };
  if (value.B !== undefined) return { B: Buffer.from(value.B).toString('base64') };
  if (value.L !== undefined) return { L: value.L.map(plainValue) };
  if (value.M !== undefined) return { M: plainItem(value.M) };
  return { ...value };
}

function engine(name: string, port: number, stop: () => Promise<void>): Engine {
  const endpointUrl = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({ endpoint: endpointUrl, region: testRegion, credentials: testCredentials });
  return {
    name,
    endpointUrl,
    client,
    async createTable(tableName, key, more) {
      await client.send(new CreateTableCommand({ ...tableInput(tableName, key), ...more }));
      while (!(await isActive(client, tableName))) await sleep(5);
    },
    async deleteTable(tableName) {
      await client.send(new DeleteTableCommand({ TableName: tableName }));
    },
    async readItems(tableName) {
      const items: PlainItem[] = [];
      for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
        for (const item of page.Items ?? []) items.push(plainItem(item));
      }
      return items;
    },
    async stop() {
      client.destroy();
      await stop();
    },
  };
}

function tableInput(tableName: string, key: readonly KeyAttribute[]): CreateTableCommandInput {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: key.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: key.map(({ name }, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
  };
}

async function isActive(client: DynamoDBClient, tableName: string): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  return Table?.TableStatus === 'ACTIVE';
}

function findDynoxide(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listens(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (chunk: Buffer) => {
      if (chunk.includes('listening')) resolve(true);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exited;
}
