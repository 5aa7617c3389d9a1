import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConditionalRepository } from '../../../src/adapters/dynamodb/conditional-repository.ts';
import { type Connection, connect } from '../../../src/adapters/dynamodb/connection.ts';
import { systemClock } from '../../../src/adapters/system/system-clock.ts';
import { batchOf } from '../../../src/domain/token.ts';
import type { WriteResult } from '../../../src/domain/write-result.ts';
import type { TokenRepository } from '../../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from '../../contract/make-token.ts';
import { withAwsEnvironment } from '../../support/aws-environment.ts';
import { answer, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

withAwsEnvironment();

const key = [{ name: 'token', type: 'S' }] as const;

let server: ScriptedServer;
let connection: Connection;
let repository: TokenRepository;

beforeEach(async () => {
  server = await startScriptedServer();
  connection = await connect({
    ...{ endpointUrl: server.url, region: 'us-east-1', requestTimeoutMs: 5_000, concurrency: 1, clock: systemClock },
  });
  repository = createConditionalRepository(connection, { tableName: 'tokens', key }, { kind: 'keep' });
});
afterEach(async () => {
  await repository.close();
  await connection.close();
  await server.stop();
});

async function putAnswered(body: string): Promise<WriteResult> {
  server.script = (_request, response) => answer(response, 200, body);
  const columns = columnsOf({ token: 'S' });
  return repository.write(batchOf([makeToken(repository.encoder(columns), columns, key, ['a'])]));
}

test.each([
  ['says what was consumed', '{"ConsumedCapacity":{"TableName":"tokens","CapacityUnits":1}}'],
  ['says nothing', '{}'],
])('a success that %s is a write', async (_title, body) => {
  expect(await putAnswered(body)).toMatchObject({ kind: 'accepted', unprocessed: [] });
});

test.each([
  ['HTML', '<html>log in to the network</html>'],
  ['an object that is none of PutItem', '{"status":"ok"}'],
  ['nothing', ''],
])('a success that holds %s is that of something else, the fate of the write unknown', async (_title, body) => {
  expect(await putAnswered(body)).toMatchObject({ kind: 'transient', fateUnknown: true });
});

test('a table that does not find an item equal to itself has the row refused, not sent without end', async () => {
  const columns = columnsOf({ token: 'S', tags: 'S' });
  const encoder = repository.encoder(columns);
  const [first, second] = ['x', 'y'].map((tags) => makeToken(encoder, columns, key, ['a', tags]));
  repository.remember!(first!);
  const Item = { token: { S: 'a' }, tags: { S: 'x' } };
  const body = JSON.stringify({ __type: 'x#ConditionalCheckFailedException', Item });
  server.script = (_request, response) => answer(response, 400, body);
  expect(await repository.write(batchOf([second!]))).toMatchObject({ kind: 'accepted', again: [second] });
  expect(await repository.write(batchOf([second!]))).toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('does not find it equal to itself'),
  });
});
