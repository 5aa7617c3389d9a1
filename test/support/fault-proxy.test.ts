import { BatchWriteItemCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { startDynalite, testCredentials } from './engines.ts';
import { FakeClock } from './fake-clock.ts';
import type { Faults } from './fault-proxy/faults.ts';
import { items, schema, start, write } from './fault-proxy/plain-requests.ts';
import { accessDenied, limitExceeded } from './plain-table/answers.ts';
import type { Item } from './plain-table/attribute-value.ts';
import { PlainTable } from './plain-table.ts';

/** The code of the socket's error under fetch's own. */
const broken = (code: string) => expect.objectContaining({ cause: expect.objectContaining({ code }) });

test('without faults it passes the AWS SDK through to a table, over one connection', async () => {
  const { proxy, table } = await start();
  const sdk = new DynamoDBClient({ endpoint: proxy.url, region: 'us-east-1', credentials: testCredentials });
  onTestFinished(() => sdk.destroy());
  expect((await sdk.send(new DescribeTableCommand({ TableName: 'tokens' }))).Table?.TableName).toBe('tokens');
  const Item = { token: { S: 'a' }, user: { S: 'u' }, data: { S: 'x'.repeat(1500) } };
  const command = new BatchWriteItemCommand({
    RequestItems: { tokens: [{ PutRequest: { Item } }] },
    ReturnConsumedCapacity: 'INDEXES',
  });
  expect((await sdk.send(command)).ConsumedCapacity).toMatchObject([{ CapacityUnits: 4, Table: { CapacityUnits: 2 } }]);
  expect([...table.items().values()]).toEqual([Item]);
  expect(proxy.traffic).toMatchObject({
    connectionsOpened: 1,
    requests: { accepted: 1, passed: 1 },
    received: { items: 1, units: { table: 2, indexes: { 'by-user': 2 } } },
    written: { items: 1, units: { table: 2, indexes: { 'by-user': 2 } } },
  });
});

test('in front of an engine it hands back a part, and the rest is in the engine', async () => {
  const engine = await startDynalite();
  onTestFinished(() => engine.stop());
  await engine.createTable('tokens', schema.key);
  const { proxy } = await start({ target: engine.endpointUrl, faults: { handBack: 1 } });
  const headers = {
    'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-date': '20260101T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
  };
  const { unprocessed } = await write(proxy, items(25), { headers });
  const inside = await engine.readItems('tokens');
  expect(unprocessed.length).toBeGreaterThan(0);
  expect(inside.length).toBeGreaterThan(0);
  expect([...unprocessed, ...inside].map((item) => JSON.stringify(item)).toSorted()).toEqual(
    items(25)
      .map((item) => JSON.stringify(item))
      .toSorted(),
  );
});

test('one seed always brings the same faults in the same order', async () => {
  const faults: Faults = { throttle: 0.3, serverError: 0.3, handBack: 0.3 };
  const run = async (seed: number) => {
    const { proxy } = await start({ seed, faults });
    const seen: string[] = [];
    for (let request = 0; request < 30; request++) {
      const { status, type, unprocessed } = await write(proxy, items(5));
      seen.push(`${status} ${type} ${unprocessed.map((item) => item['token']!['S'])}`);
    }
    return seen;
  };
  const first = await run(5);
  expect(await run(5)).toEqual(first);
  expect(await run(6)).not.toEqual(first);
});

test('a throttled request writes nothing and names the reason', async () => {
  const { proxy, table } = await start({ faults: { throttle: 1 } });
  const { status, type, body } = await write(proxy, items(3));
  expect([status, type]).toEqual([400, 'ProvisionedThroughputExceededException']);
  expect(body['ThrottlingReasons']).toEqual([
    {
      reason: 'TableWriteProvisionedThroughputExceeded',
      resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens',
    },
  ]);
  expect(table.itemCount).toBe(0);
});

test('a server error is 500 or 503 and writes nothing, or everything if it follows the write', async () => {
  const { proxy, table } = await start({ faults: { serverError: 1 } });
  const statuses = new Set<number>();
  for (let request = 0; request < 20; request++) statuses.add((await write(proxy, items(1))).status);
  expect([...statuses].toSorted()).toEqual([500, 503]);
  expect(table.itemCount).toBe(0);
  proxy.setFaults({ serverErrorAfterWrite: 1 });
  expect((await write(proxy, items(2))).status).toBe(500);
  expect(table.itemCount).toBe(2);
});

test('a reset comes before the write or after it', async () => {
  const { proxy, table } = await start({ faults: { resetBeforeWrite: 1 } });
  await expect(write(proxy, items(2))).rejects.toEqual(broken('ECONNRESET'));
  expect(table.itemCount).toBe(0);
  proxy.setFaults({ resetAfterWrite: 1 });
  await expect(write(proxy, items(2))).rejects.toEqual(broken('ECONNRESET'));
  expect(table.itemCount).toBe(2);
  expect(proxy.traffic.requests.reset).toBe(2);
});

test('a truncated reply breaks off after the write', async () => {
  const { proxy, table } = await start({ faults: { truncate: 1 } });
  await expect(write(proxy, items(2))).rejects.toEqual(broken('UND_ERR_SOCKET'));
  expect(table.itemCount).toBe(2);
});

test('a hung request is never answered, and nothing is written', async () => {
  const { proxy, table } = await start({ faults: { hang: 1 } });
  const controller = new AbortController();
  const pending = write(proxy, items(2), { signal: controller.signal });
  const given = expect(pending).rejects.toThrow(/abort/);
  await proxy.until(({ requests }) => requests.hung === 1);
  controller.abort();
  await given;
  expect(table.itemCount).toBe(0);
});

test('a given-up write is applied late, over what was written in the meantime', async () => {
  const clock = new FakeClock();
  const { proxy, table } = await start({
    clock,
    faults: { applyLate: 1, applyAfterMs: [400, 600] },
    keepAccepted: true,
  });
  const controller = new AbortController();
  const pending = write(proxy, items(1, { value: { S: 'old' } }), { signal: controller.signal });
  const given = expect(pending).rejects.toThrow(/abort/);
  await proxy.until(({ requests }) => requests.hung === 1);
  controller.abort();
  await given;

  proxy.setFaults({});
  await write(proxy, items(1, { value: { S: 'new' } }));
  await clock.advance(399);
  expect(table.items().get('S:t0')?.['value']).toEqual({ S: 'new' });
  const settled = proxy.settled();
  await clock.advance(201);
  await settled;
  expect(table.items().get('S:t0')?.['value']).toEqual({ S: 'old' });
  expect(proxy.accepted.map(({ receivedAs }) => receivedAs)).toEqual([2, 1]);
  expect(proxy.traffic.itemsAppliedLate).toBe(1);
});

test('a late answer comes after its delay, the write takes effect at once', async () => {
  const clock = new FakeClock();
  const { proxy, table } = await start({ clock, faults: { answerLate: 1, answerAfterMs: 700 } });
  let answered = false;
  const pending = write(proxy, items(2)).then((reply) => {
    answered = true;
    return reply;
  });
  await proxy.until(({ requests }) => requests.answeredLate === 1);
  expect(table.itemCount).toBe(2);
  await clock.advance(699);
  expect(answered).toBe(false);
  await clock.advance(1);
  expect((await pending).status).toBe(200);
});

test('items are handed back spelled as the table spells them', async () => {
  const { proxy } = await start({ faults: { handBack: 1 } });
  const item: Item = { token: { S: 'a' }, small: { N: '1.50e0' }, large: { N: '12E3' }, text: { S: '1.50' } };
  const { unprocessed } = await write(proxy, [item]);
  expect(unprocessed).toEqual([{ token: { S: 'a' }, small: { N: '1.5' }, large: { N: '12000' }, text: { S: '1.50' } }]);
  expect(Object.keys(unprocessed[0]!)).toEqual(['text', 'large', 'small', 'token']);
});

test('a key that is always refused is handed back, and alone it is throttled', async () => {
  const { proxy, table } = await start({ faults: { alwaysRefuseKeys: new Set(['S:t1']) } });
  const { unprocessed } = await write(proxy, items(3));
  expect(unprocessed).toEqual([{ token: { S: 't1' } }]);
  expect((await write(proxy, unprocessed)).body['ThrottlingReasons']).toMatchObject([
    { reason: 'TableWriteKeyRangeThroughputExceeded' },
  ]);
  expect([...table.items().keys()].toSorted()).toEqual(['S:t0', 'S:t2']);
});

test('a batch with an invalid key is refused as a whole', async () => {
  const { proxy, table } = await start({ faults: { invalidKeys: new Set(['S:t1']) } });
  expect(await write(proxy, items(3))).toMatchObject({ status: 400, type: 'ValidationException' });
  expect(table.itemCount).toBe(0);
  expect((await write(proxy, items(1))).status).toBe(200);
});

test('a batch that DynamoDB refuses is refused as a whole, whatever would have been handed back', async () => {
  const { proxy, table } = await start({ faults: { handBack: 1 } });
  const [item] = items(1);
  for (let request = 0; request < 20; request++) {
    expect(await write(proxy, [item!, ...items(3)])).toMatchObject({ status: 400, type: 'ValidationException' });
  }
  expect(table.itemCount).toBe(0);
});

test('a signature is checked against the body that was signed', async () => {
  const secrets = { AKIDTEST: { secretKey: 'testsecret' } };
  const table = new PlainTable({ ...schema, secrets });
  const { proxy } = await start({ target: table, faults: { handBack: 1 } });
  const send = (secretAccessKey: string) => {
    const credentials = { ...testCredentials, secretAccessKey };
    const sdk = new DynamoDBClient({ endpoint: proxy.url, region: 'us-east-1', credentials });
    onTestFinished(() => sdk.destroy());
    const puts = items(25).map(() => ({ PutRequest: { Item: { token: { S: `t${Math.random()}` } } } }));
    return sdk.send(new BatchWriteItemCommand({ RequestItems: { tokens: puts } }));
  };
  const { UnprocessedItems } = await send('testsecret');
  expect(table.itemCount + (UnprocessedItems?.['tokens']?.length ?? 0)).toBe(25);
  await expect(send('wrong')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
});

test('an access key can expire, and a renewed one passes', async () => {
  const { proxy } = await start();
  proxy.expireAccessKey('OLD');
  const signedBy = (accessKeyId: string) => ({
    headers: {
      'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b`,
    },
  });
  expect((await write(proxy, items(1), signedBy('OLD'))).type).toBe('ExpiredTokenException');
  expect((await write(proxy, items(1), signedBy('NEW'))).status).toBe(200);
});

test('a test can answer instead of the table, for one operation and for a time', async () => {
  const { proxy, table } = await start();
  proxy.setOwnAnswer((operation) => (operation === 'BatchWriteItem' ? accessDenied(operation, 'tokens') : undefined));
  expect((await write(proxy, items(1))).type).toBe('AccessDeniedException');
  proxy.setOwnAnswer(() => limitExceeded('Subscriber limit exceeded'));
  expect((await write(proxy, items(1))).type).toBe('LimitExceededException');
  proxy.setOwnAnswer(undefined);
  expect((await write(proxy, items(1))).status).toBe(200);
  expect(table.itemCount).toBe(1);
  expect(proxy.traffic.requests.refused).toBe(2);
});
