import { describe, expect, onTestFinished, test } from 'vitest';
import { ConsumptionAsked } from '../../../src/adapters/dynamodb/batch-write.ts';
import { createConditionalRepository } from '../../../src/adapters/dynamodb/conditional-repository.ts';
import { connect } from '../../../src/adapters/dynamodb/connection.ts';
import { createDynamoReader } from '../../../src/adapters/dynamodb/dynamo-reader.ts';
import { createDynamoRepository } from '../../../src/adapters/dynamodb/dynamo-repository.ts';
import { createSdkRepository } from '../../../src/adapters/dynamodb/sdk-repository.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { batchOf } from '../../../src/domain/token.ts';
import { columnsOf, makeToken } from '../../contract/make-token.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { answer, startScriptedServer } from './scripted-server.ts';

withAwsEnvironment();

const key = [{ name: 'token', type: 'S' }] as const;
const columns = columnsOf({ token: 'S' });

/** An engine that refuses each of these levels, and tells a consumption of 7 at all others. */
async function engineRefusing(levels: readonly string[]) {
  const asked: string[] = [];
  const server = await startScriptedServer(({ body, headers }, response) => {
    const level = JSON.parse(body.toString()).ReturnConsumedCapacity as string;
    asked.push(level);
    if (levels.includes(level)) {
      const message = `${level} consumed capacity is not supported.`;
      answer(response, 400, { __type: 'com.amazonaws.dynamodb.v20120810#ValidationException', message });
      return;
    }
    const consumed = { CapacityUnits: 7 };
    const isPut = String(headers['x-amz-target']).endsWith('.PutItem');
    const isRead = String(headers['x-amz-target']).endsWith('.BatchGetItem');
    if (isRead) answer(response, 200, { Responses: { tokens: [{ token: { S: 'a' } }] }, UnprocessedKeys: {} });
    else if (isPut) answer(response, 200, { ConsumedCapacity: consumed });
    else answer(response, 200, { UnprocessedItems: {}, ConsumedCapacity: [consumed] });
  });
  onTestFinished(() => server.stop());
  const connection = await connect({
    ...{ endpointUrl: server.url, region: 'us-east-1', requestTimeoutMs: 5_000, concurrency: 2, clock: systemClock },
  });
  onTestFinished(() => connection.close());
  return { asked, connection };
}

const repositories = {
  dynamodb: createDynamoRepository,
  'dynamodb-sdk': createSdkRepository,
  '--if-exists keep': (...args: Parameters<typeof createDynamoRepository>) =>
    createConditionalRepository(...args, { kind: 'keep' }),
};

describe.each(Object.entries(repositories))('%s', (_name, create) => {
  test.each([
    { refused: ['INDEXES'], next: 'TOTAL' },
    { refused: ['INDEXES', 'TOTAL'], next: 'NONE' },
  ])('an engine that refuses $refused is asked for $next, attempt by attempt', async ({ refused, next }) => {
    const { asked, connection } = await engineRefusing(refused);
    const repository = create(connection, { tableName: 'tokens', key });
    const batch = batchOf([makeToken(repository.encoder(columns), columns, key, ['a'])]);
    for (const level of refused) {
      const reason = `ReturnConsumedCapacity ${level} is not supported`;
      expect(await repository.write(batch)).toEqual({ kind: 'transient', reason, fateUnknown: false });
    }
    expect(await repository.write(batch)).toMatchObject({ kind: 'accepted', unprocessed: [] });
    expect(await repository.write(batch)).toMatchObject({ kind: 'accepted', unprocessed: [] });
    expect(asked).toEqual([...refused, next, next]);
    await repository.close();
  });

  test('the total of a table with indexes is not taken for that of the table alone', async () => {
    const { connection } = await engineRefusing(['INDEXES']);
    const repository = create(connection, { tableName: 'tokens', key, indexNames: ['by-user'] });
    const batch = batchOf([makeToken(repository.encoder(columns), columns, key, ['a'])]);
    await repository.write(batch);
    expect(await repository.write(batch)).toMatchObject({ kind: 'accepted', consumedWriteUnits: undefined });
    await repository.close();
  });

  test('an engine that refuses every level refuses the item', async () => {
    const { connection } = await engineRefusing(['INDEXES', 'TOTAL', 'NONE']);
    const repository = create(connection, { tableName: 'tokens', key });
    const batch = batchOf([makeToken(repository.encoder(columns), columns, key, ['a'])]);
    await repository.write(batch);
    await repository.write(batch);
    expect(await repository.write(batch)).toMatchObject({ kind: 'invalid' });
    await repository.close();
  });
});

test('a reader asks for nothing where the total is refused', async () => {
  const { asked, connection } = await engineRefusing(['TOTAL']);
  const reader = createDynamoReader(connection, { tableName: 'tokens', key, consistent: true, showValues: false });
  const token = makeToken(reader.encoder(columns), columns, key, ['a']);
  expect(await reader.read([token])).toMatchObject({ kind: 'transient', fateUnknown: false });
  expect(await reader.read([token])).toMatchObject({ kind: 'read' });
  expect(asked).toEqual(['TOTAL', 'NONE']);
  await reader.close();
});

test('a batch in flight that is refused after others asks for nothing that was refused already', () => {
  const asked = new ConsumptionAsked();
  const result = { kind: 'invalid', message: '' } as const;
  const refusal = { kind: 'failed', result, type: 'ValidationException', body: 'consumed capacity' } as const;
  for (const level of ['INDEXES', 'TOTAL', 'INDEXES'] as const) {
    expect(asked.refusedAt(level, refusal)).toMatchObject({ kind: 'transient', fateUnknown: false });
  }
  expect(asked.level).toBe('NONE');
  expect(asked.refusedAt('NONE', refusal)).toBeUndefined();
});
