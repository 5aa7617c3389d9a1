import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readBatchReply } from '../../../../src/adapters/dynamodb/batch-write.ts';
import { createConditionalRepository } from '../../../../src/adapters/dynamodb/conditional-repository.ts';
import { type Connection, connect } from '../../../../src/adapters/dynamodb/connection.ts';
import { createDynamoReader } from '../../../../src/adapters/dynamodb/dynamo-reader.ts';
import { createDynamoRepository } from '../../../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../../../src/adapters/dynamodb/sdk-repository.ts';
import { describeTable } from '../../../../src/adapters/dynamodb/table/describe-table.ts';
import { systemClock } from '../../../../src/adapters/system/system-clock.ts';
import { ImportError } from '../../../../src/domain/import-error.ts';
import { batchOf, type Token } from '../../../../src/domain/token.ts';
import type { TokenEncoder } from '../../../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from '../../../contract/make-token.ts';
import { withAwsEnvironment } from '../../../support/aws-environment.ts';
import { type Random, randomBelow, seededRandom } from '../../../support/seeded-random.ts';
import { answer, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';

withAwsEnvironment();

const key = [{ name: 'token', type: 'S' }] as const;
const columns = columnsOf({ token: 'S', at: 'N' });
const table = { tableName: 'tokens', key, indexNames: ['by-user'] };
const itemOf = (token: string) => ({ token: { S: token }, at: { N: '1' } });
const consumed = {
  TableName: 'tokens',
  CapacityUnits: 2,
  Table: { CapacityUnits: 1 },
  GlobalSecondaryIndexes: { 'by-user': { CapacityUnits: 1 } },
};
const reason = { reason: 'TableWriteProvisionedThroughputExceeded', resource: 'arn:aws:dynamodb:::table/tokens' };

/** A reply as the service writes it, of each kind that holds something. */
const replies = {
  batch: {
    UnprocessedItems: { tokens: [{ PutRequest: { Item: itemOf('b') } }] },
    ConsumedCapacity: [consumed],
    ItemCollectionMetrics: { tokens: [{ ItemCollectionKey: { token: { S: 'a' } }, SizeEstimateRangeGB: [0, 1] }] },
  },
  put: { ConsumedCapacity: consumed },
  refusedPut: { __type: 'x#ConditionalCheckFailedException', message: 'no', Item: itemOf('a') },
  throttled: { __type: 'x#ThrottlingException', message: 'no', ThrottlingReasons: [reason] },
  read: {
    Responses: { tokens: [itemOf('a')] },
    UnprocessedKeys: { tokens: { Keys: [{ token: { S: 'b' } }], ConsistentRead: true } },
    ConsumedCapacity: [consumed],
  },
  describe: {
    Table: {
      ...{ TableName: 'tokens', TableStatus: 'ACTIVE', TableArn: 'arn:aws:dynamodb:us-east-1:1:table/tokens' },
      ...{ ItemCount: 1, TableSizeBytes: 100, BillingModeSummary: { BillingMode: 'PROVISIONED' } },
      AttributeDefinitions: [{ AttributeName: 'token', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'token', KeyType: 'HASH' }],
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5, NumberOfDecreasesToday: 0 },
      GlobalSecondaryIndexes: [
        {
          ...{ IndexName: 'by-user', IndexStatus: 'ACTIVE' },
          KeySchema: [{ AttributeName: 'user', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
          ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
        },
      ],
      LocalSecondaryIndexes: [{ IndexName: 'by-at', KeySchema: [{ AttributeName: 'at', KeyType: 'RANGE' }] }],
      Replicas: [{ RegionName: 'eu-west-1', ReplicaStatus: 'ACTIVE' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      OnDemandThroughput: { MaxWriteRequestUnits: 10 },
      TableClassSummary: { TableClass: 'STANDARD' },
    },
  },
};

const wrongs: readonly unknown[] = [null, [], [null], {}, { a: null }, '', 'text', 0, -1, 1e308, true, [[]], [{}]];

type Json = Record<string, unknown> | unknown[];

/** Every place in a reply, as the way to it. */
function placesIn(value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  const below = Object.entries(value).flatMap(([name, member]) => placesIn(member, [...way, name]));
  return [way, ...below];
}

/** The reply with something else at this place; undefined leaves the place out. */
function withAt(reply: unknown, way: readonly (string | number)[], wrong: unknown): unknown {
  if (way.length === 0) return wrong;
  const copy = structuredClone(reply) as Json;
  let at = copy as Record<string, unknown>;
  for (const name of way.slice(0, -1)) at = at[name] as Record<string, unknown>;
  if (wrong === undefined) delete at[way.at(-1)!];
  else at[way.at(-1)!] = wrong;
  return copy;
}

/** The reply with each of its places wrong in each way, and some with two places wrong. */
function* wrongReplies(reply: object, random: Random): Generator<string> {
  const places = placesIn(reply);
  const anyPlace = () => places[randomBelow(random, places.length)]!;
  const anyWrong = () => wrongs[randomBelow(random, wrongs.length)];
  for (const place of places) {
    for (const wrong of [...wrongs, undefined]) yield JSON.stringify(withAt(reply, place, wrong)) ?? '';
  }
  for (let i = 0; i < 100; i++) {
    try {
      yield JSON.stringify(withAt(withAt(reply, anyPlace(), anyWrong()), anyPlace(), anyWrong()));
    } catch {
      // The second place was in what the first one replaced.
    }
  }
}

describe('a reply of any shape is not a bug of the importer:', { timeout: 60_000 }, () => {
  const seed = 14;
  const random = seededRandom(seed);
  let server: ScriptedServer;
  let connection: Connection;
  let status = 200;
  let body = '';
  let firstOnly = false;

  beforeEach(async () => {
    console.info(`shapes of replies: seed ${seed}`);
    [status, firstOnly] = [200, false];
    server = await startScriptedServer(({ headers }, response) => {
      const isFirst = String(headers['x-amz-target']).endsWith('.PutItem');
      if (firstOnly && !isFirst) answer(response, 200, body);
      else answer(response, status, firstOnly ? '{"__type":"x#ConditionalCheckFailedException"}' : body);
    });
    connection = await connect({
      ...{ endpointUrl: server.url, region: 'us-east-1', requestTimeoutMs: 20_000, concurrency: 4, clock: systemClock },
    });
  });
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });

  const tokens = (encoder: TokenEncoder, ...names: string[]): Token[] =>
    names.map((name) => makeToken(encoder, columns, key, [name, '1']));

  test.each([
    { name: 'dynamodb', create: createDynamoRepository },
    { name: 'dynamodb-sdk', create: createSdkRepository },
  ])('$name: of a batch, nothing counts as written that the reply does not vouch for', async ({ create }) => {
    const repository = create(connection, table);
    const batch = batchOf(tokens(repository.encoder(columns), 'a', 'b'));
    for (body of wrongReplies(replies.batch, random)) {
      const result = await repository.write(batch);
      const reply = parse(body);
      if (result.kind === 'accepted') {
        expect(typeof reply, body).toBe('object');
        const items = (reply as Record<string, unknown>)['UnprocessedItems'];
        if (items !== undefined && JSON.stringify(items).includes('"b"')) {
          expect(result.unprocessed, body).toContain(batch.tokens[1]);
        }
        expect(items, body).not.toBeNull();
        for (const units of [result.consumedWriteUnits ?? 0, ...(result.consumedIndexUnits ?? [])]) {
          expect(Number.isFinite(units) && units >= 0, body).toBe(true);
        }
      } else {
        expect(result, body).toMatchObject({ kind: 'transient', fateUnknown: true });
      }
    }
    await repository.close();
  });

  test('a refusal and a throttle of a batch stay what they are, or nothing is taken for written', async () => {
    status = 400;
    for (const create of [createDynamoRepository, createSdkRepository]) {
      const repository = create(connection, table);
      const batch = batchOf(tokens(repository.encoder(columns), 'a', 'b'));
      for (body of wrongReplies(replies.throttled, random)) {
        expect(['throttled', 'transient', 'fatal'], body).toContain((await repository.write(batch)).kind);
      }
      await repository.close();
    }
  });

  test.each([
    { what: 'a put that went through', reply: replies.put, isRefused: false, isRead: false },
    { what: 'a put whose condition failed', reply: replies.refusedPut, isRefused: true, isRead: false },
    { what: 'the item in the way', reply: { Item: itemOf('a') }, isRefused: true, isRead: true },
  ])('of $what', async ({ reply, isRefused, isRead }) => {
    const repository = createConditionalRepository(connection, table, { kind: 'newer', column: 'at' });
    const batch = batchOf(tokens(repository.encoder(columns), 'a'));
    status = isRefused ? 400 : 200;
    firstOnly = isRead;
    for (body of wrongReplies(reply, random)) {
      const result = await repository.write(batch);
      expect(['accepted', 'transient', 'fatal', 'invalid'], body).toContain(result.kind);
    }
    await repository.close();
  });

  test('of a read, no verdict is given that the reply does not vouch for', async () => {
    const reader = createDynamoReader(connection, { ...table, consistent: true, showValues: false });
    const [a, b] = tokens(reader.encoder(columns), 'a', 'b');
    for (body of wrongReplies(replies.read, random)) {
      const result = await reader.read([a!, b!]);
      if (result.kind !== 'read') {
        expect(result, body).toMatchObject({ kind: 'transient', fateUnknown: true });
        continue;
      }
      const { Responses, UnprocessedKeys } = parse(body) as Record<string, unknown>;
      expect([Responses, UnprocessedKeys], body).not.toContain(null);
      if (JSON.stringify(UnprocessedKeys ?? {}).includes('"b"'))
        expect(result.comparisons.get(b!), body).toBeUndefined();
    }
    await reader.close();
  });

  test('of a description, either the table is known or the endpoint is named', async () => {
    for (body of wrongReplies(replies.describe, random)) {
      const found = await describeTable(connection, 'tokens').catch((error: unknown) => error);
      if (found instanceof Error) {
        expect(found, body).toBeInstanceOf(ImportError);
        continue;
      }
      const info = found as Awaited<ReturnType<typeof describeTable>>;
      const names = [info.name, info.arn, info.status, ...info.key.map(({ name }) => name)];
      const indexes = [...info.globalIndexes, ...info.localIndexes];
      for (const index of indexes)
        names.push(index.name, ...index.key.map(({ name }) => name), ...(index.include ?? []));
      names.push(...(info.replicaRegions ?? []));
      expect(new Set(names.map((name) => typeof name)), body).toEqual(new Set(['string']));
    }
  });
});

test.each([
  ['null in place of the items', '{"UnprocessedItems":null,"ConsumedCapacity":[{"CapacityUnits":1}]}'],
  ['null in place of a table’s items', '{"UnprocessedItems":{"tokens":null}}'],
  ['null in place of an item', '{"UnprocessedItems":{"tokens":[null]}}'],
  ['a list in place of the items', '{"UnprocessedItems":[]}'],
  [
    'null in place of an index',
    '{"UnprocessedItems":{},"ConsumedCapacity":[{"CapacityUnits":1,"GlobalSecondaryIndexes":{"a":null}}]}',
  ],
])('a reply to a batch with %s can’t be read', (_what, body) => {
  expect(readBatchReply(body, key)).toBeUndefined();
});

test('a reply to a batch that leaves out the items hands none back', () => {
  const body = '{"ConsumedCapacity":[{"CapacityUnits":2}]}';
  expect(readBatchReply(body, key)).toEqual({ handedBackKeys: [], consumedWriteUnits: 2 });
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test('a description that comes compressed though nobody asked for it is told as that', async () => {
  const asked: unknown[] = [];
  const server = await startScriptedServer(({ headers }, response) => {
    asked.push(headers['accept-encoding']);
    answer(response, 200, '', { 'content-encoding': 'gzip' });
  });
  onTestFinished(() => server.stop());
  const connection = await connect({
    ...{ endpointUrl: server.url, region: 'us-east-1', requestTimeoutMs: 5_000, concurrency: 1, clock: systemClock },
  });
  onTestFinished(() => connection.close());
  await expect(describeTable(connection, 'tokens')).rejects.toMatchObject({
    code: 'endpoint-unreachable',
    message: expect.stringContaining('replies are compressed (gzip)'),
  });
  expect(asked[0]).toBe('identity');
});
