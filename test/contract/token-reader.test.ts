import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/adapters/dynamodb/connection.ts';
import { createDynamoReader } from '../../src/adapters/dynamodb/dynamo-reader.ts';
import { createDynamoRepository } from '../../src/adapters/dynamodb/dynamo-repository.ts';
import type { FieldValue } from '../../src/domain/column.ts';
import { batchOf } from '../../src/domain/token.ts';
import { withAwsEnvironment } from '../support/aws-environment.ts';
import type { Engine } from '../support/engines.ts';
import { columnsOf, makeToken } from './make-token.ts';
import { connectTo, overEngines } from './over-engines.ts';

const key = [
  { name: 'p', type: 'B' },
  { name: 's', type: 'N' },
] as const;
const columns = columnsOf({ p: 'B', s: 'N', text: 'S', n: 'N', json: 'JSON', flag: 'BOOL' });
const bytes = (byte: number) => new Uint8Array([byte, 255]);
const json = new Map<string, FieldValue>([['list', ['x', null, true]]]) as FieldValue;

withAwsEnvironment();

overEngines((start) => {
  let engine: Engine;
  let connection: Connection;

  beforeAll(async () => {
    engine = await start();
    connection = await connectTo(engine);
  });
  afterAll(async () => {
    await connection.close();
    await engine.stop();
  });

  test.each([false, true])('rows are equal, missing or different by attribute (consistent: %s)', async (consistent) => {
    const tableName = `tokens-${consistent}`;
    await engine.createTable(tableName, key);
    const repository = createDynamoRepository(connection, { tableName, key });
    const reader = createDynamoReader(connection, { tableName, key, consistent, showValues: true });
    const put = async (...values: FieldValue[]) => {
      await repository.write(batchOf([makeToken(repository.encoder(columns), columns, key, values)]));
    };
    const rowOf = (...values: FieldValue[]) => makeToken(reader.encoder(columns), columns, key, values);
    await put(bytes(1), '1', 'a', '1.50', json, true);
    await put(bytes(1), '2', 'b', '2', json, false);
    await put(bytes(2), '1', 'c', '3', undefined, true);
    await engine.client.send(
      new DeleteItemCommand({ TableName: tableName, Key: { p: { B: bytes(2) }, s: { N: '1' } } }),
    );

    const equal = rowOf(bytes(1), '1.0', 'a', '15e-1', json, true);
    const different = rowOf(bytes(1), '2', 'B', undefined, json, false);
    const missing = rowOf(bytes(2), '1', 'c', '3', undefined, true);
    const result = await reader.read([missing, different, equal]);
    expect(result).toMatchObject({ kind: 'read', consumedReadUnits: consistent ? 3 : 1.5 });
    const { comparisons } = result as Extract<typeof result, { kind: 'read' }>;
    expect(comparisons.get(equal)).toEqual({ kind: 'equal' });
    expect(comparisons.get(missing)).toEqual({ kind: 'missing' });
    expect(comparisons.get(different)).toEqual({
      kind: 'different',
      attributes: [
        { name: 'text', inRow: 'S"B"', inTable: 'S"b"' },
        { name: 'n', inTable: 'N2' },
      ],
    });
    expect(reader.readUnitsOf(equal)).toBe(consistent ? 1 : 0.5);
    await reader.close();
    await repository.close();
  });
});
