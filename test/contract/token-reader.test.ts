import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/adapters/dynamodb/connection.ts';
import { createDynamoReader } from '../../src/adapters/dynamodb/dynamo-reader.ts';
import { createDynamoRepository } from '../../src/adapters/dynamodb/dynamo-repository.ts';
import { type FieldValue, ValueSet } from '../../src/domain/column.ts';
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

  test('a row that deletes is equal if its key is absent, and undeleted if the item is there', async () => {
    const tableName = 'tokens-of-deletes';
    await engine.createTable(tableName, key);
    const repository = createDynamoRepository(connection, { tableName, key });
    const reader = createDynamoReader(connection, { tableName, key, consistent: true, showValues: true });
    const values = (n: string) => [bytes(1), n, 'a', '1', undefined, true];
    const put = makeToken(repository.encoder(columns), columns, key, values('1'));
    await repository.write(batchOf([put]));
    const encoder = reader.encoder(columns);
    const deleteOf = (n: string) =>
      makeToken(encoder, columns, key, [bytes(1), n, undefined, undefined, undefined, undefined], true);
    const [still, gone] = [deleteOf('1.0'), deleteOf('2')];
    const unwritten = makeToken(encoder, columns, key, values('3'));
    const result = await reader.read([still, gone, unwritten]);
    const { comparisons } = result as Extract<typeof result, { kind: 'read' }>;
    expect([still, gone, unwritten].map((token) => comparisons.get(token))).toEqual([
      { kind: 'undeleted' },
      { kind: 'equal' },
      { kind: 'missing' },
    ]);
    await reader.close();
    await repository.close();
  });

  test('sets are equal in any order, lists only in theirs', async () => {
    const tableName = 'tokens-of-sets';
    await engine.createTable(tableName, key);
    const split = columnsOf({ p: 'B', s: 'N', tags: 'SS', sizes: 'NS', path: 'L', note: 'S' });
    const repository = createDynamoRepository(connection, { tableName, key });
    const reader = createDynamoReader(connection, { tableName, key, consistent: true, showValues: false });
    const rowOf = (n: string, tags: string[], sizes: string[], path: string[] | null, note: string | null) => {
      return [bytes(1), n, new ValueSet('SS', tags), new ValueSet('NS', sizes), path, note];
    };
    const written = ['1', '2', '3'].map((n) => rowOf(n, ['a', 'b'], ['1', '20'], ['x', 'y'], null));
    const encoder = repository.encoder(split);
    await repository.write(batchOf(written.map((values) => makeToken(encoder, split, key, values))));
    const tokens = [
      rowOf('1', ['b', 'a'], ['20', '1'], ['x', 'y'], null),
      rowOf('2', ['a', 'c'], ['1'], ['y', 'x'], null),
      rowOf('3', ['a', 'b'], ['1', '20'], null, ''),
    ].map((values) => makeToken(reader.encoder(split), split, key, values));
    const result = await reader.read(tokens);
    const { comparisons } = result as Extract<typeof result, { kind: 'read' }>;
    const differing = (...names: string[]) => ({ kind: 'different', attributes: names.map((name) => ({ name })) });
    expect(tokens.map((token) => comparisons.get(token))).toEqual([
      { kind: 'equal' },
      differing('tags', 'sizes', 'path'),
      differing('path', 'note'),
    ]);
    await reader.close();
    await repository.close();
  });
});
