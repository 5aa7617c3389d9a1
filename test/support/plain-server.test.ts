import { Agent } from 'node:https';
import { BatchWriteItemCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { type PlainServer, startPlainServer } from './plain-server.ts';
import { startPlainServerProcess } from './plain-server-process.ts';
import { selfSigned } from './plain-table/self-signed.ts';
import { PlainTable, type PlainTableOptions } from './plain-table.ts';

const schema = { name: 'tokens', key: [{ name: 'token', type: 'S' }] } as const;
const secrets = { AKID: { secretKey: 'right' }, ASIA: { secretKey: 'right', sessionToken: 'session' } };

async function serve(options: Partial<PlainTableOptions> = {}): Promise<{ table: PlainTable; server: PlainServer }> {
  const table = new PlainTable({ ...schema, ...options });
  const server = await startPlainServer(table);
  onTestFinished(() => server.close());
  return { table, server };
}

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function client(endpoint: string, credentials: Credentials = { accessKeyId: 'AKID', secretAccessKey: 'right' }) {
  const sdk = new DynamoDBClient({ endpoint, region: 'us-east-1', maxAttempts: 1, credentials });
  onTestFinished(() => sdk.destroy());
  return sdk;
}

const batch = (...tokens: string[]) =>
  new BatchWriteItemCommand({
    RequestItems: { tokens: tokens.map((S) => ({ PutRequest: { Item: { token: { S } } } })) },
    ReturnConsumedCapacity: 'INDEXES',
  });

test('the AWS SDK describes the table, writes to it and has its signature accepted', async () => {
  const { table, server } = await serve({
    secrets,
    provision: { billing: 'provisioned', writeUnits: 20, readUnits: 5 },
  });
  const sdk = client(server.url);
  const { Table } = await sdk.send(new DescribeTableCommand({ TableName: 'tokens' }));
  expect(Table).toMatchObject({
    TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens',
    TableStatus: 'ACTIVE',
    ProvisionedThroughput: { WriteCapacityUnits: 20 },
  });
  const answer = await sdk.send(batch('ä "quoted"', 'b'));
  expect(answer).toMatchObject({ UnprocessedItems: {}, ConsumedCapacity: [{ CapacityUnits: 2 }] });
  expect([...table.items().keys()]).toEqual(['S:ä "quoted"', 'S:b']);
});

test('a session token is accepted, a wrong or missing one is not', async () => {
  const { server } = await serve({ secrets });
  const send = (sessionToken?: string) => {
    const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'right', ...(sessionToken && { sessionToken }) };
    return client(server.url, credentials).send(batch('a'));
  };
  await send('session');
  await expect(send('other')).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  await expect(send()).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
});

test('a wrong secret, an unknown or expired key and an unsigned request write nothing', async () => {
  const { table, server } = await serve({ secrets: { ...secrets, OLD: { secretKey: 'right', expiresAtMs: 1 } } });
  const send = (accessKeyId: string, secretAccessKey: string) =>
    client(server.url, { accessKeyId, secretAccessKey }).send(batch('a'));
  await expect(send('AKID', 'wrong')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  await expect(send('NOBODY', 'right')).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  await expect(send('OLD', 'right')).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  const unsigned = await fetch(server.url, { method: 'POST', body: '{}', headers: { 'x-amz-target': 'x.Scan' } });
  expect(await unsigned.text()).toContain('MissingAuthenticationTokenException');
  expect(table.itemCount).toBe(0);
});

test('a clock more than 15 minutes off is refused until the sender reads it from the Date header', async () => {
  const { server } = await serve({ secrets, clockAheadMs: 20 * 60 * 1000 });
  const sdk = client(server.url);
  await expect(sdk.send(batch('a'))).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  await sdk.send(batch('a'));
});

test('a discarding table is served on bare sockets, bodies split anywhere, also to the SDK', async () => {
  const { table, server } = await serve({ discard: true });
  const sdk = client(server.url);
  expect((await sdk.send(new DescribeTableCommand({ TableName: 'tokens' }))).Table?.TableName).toBe('tokens');
  const long = 'x'.repeat(300_000);
  for (const tokens of [['a', 'b'], [long, 'c'], ['d']]) {
    expect((await sdk.send(batch(...tokens))).ConsumedCapacity?.[0]?.CapacityUnits).toBe(tokens.length);
  }
  expect(table.itemCount).toBe(5);
  expect(server.connectionsOpened()).toBe(1);
});

test('a separate process serves https with a certificate that a client can trust', async () => {
  const server = await startPlainServerProcess({ ...schema, tls: true, discard: true });
  onTestFinished(() => server.stop());
  expect(server.url).toMatch(/^https:/);
  const sdk = new DynamoDBClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'x' },
    requestHandler: { httpsAgent: new Agent({ ca: server.cert, keepAlive: true }) },
  });
  onTestFinished(() => sdk.destroy());
  await sdk.send(batch('a', 'b', 'c'));
  expect(await server.figures()).toMatchObject({ items: 3, connectionsOpened: 1 });
});

test('https over node:http takes the same certificate', async () => {
  const identity = selfSigned();
  const table = new PlainTable(schema);
  const server = await startPlainServer(table, { identity });
  onTestFinished(() => server.close());
  const untrusting = client(server.url);
  await expect(untrusting.send(batch('a'))).rejects.toThrow(/self-signed certificate/);
  const trusting = new DynamoDBClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'x' },
    requestHandler: { httpsAgent: new Agent({ ca: identity.cert }) },
  });
  onTestFinished(() => trusting.destroy());
  await trusting.send(batch('a'));
  expect(table.itemCount).toBe(1);
});
