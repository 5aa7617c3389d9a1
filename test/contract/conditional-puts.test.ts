import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PutCondition } from '../../src/adapters/dynamodb/conditional-put.ts';
import { createConditionalRepository } from '../../src/adapters/dynamodb/conditional-repository.ts';
import type { Connection } from '../../src/adapters/dynamodb/connection.ts';
import type { ColumnType, FieldValue } from '../../src/domain/column.ts';
import { batchOf, type Token } from '../../src/domain/token.ts';
import type { TokenRepository } from '../../src/ports/token-repository.ts';
import { withAwsEnvironment } from '../support/aws-environment.ts';
import { type Engine, plainItem } from '../support/engines.ts';
import { columnsOf, makeToken } from './make-token.ts';
import { connectTo, overEngines } from './over-engines.ts';

const key = [{ name: 'token', type: 'S' }] as const;
const newer = { kind: 'newer', column: 'at' } as const;
const keep = { kind: 'keep' } as const;

withAwsEnvironment();

overEngines((start) => {
  let engine: Engine;
  let connection: Connection;
  let tableName: string;
  let tables = 0;
  const opened: TokenRepository[] = [];

  beforeAll(async () => {
    engine = await start();
    connection = await connectTo(engine);
  });
  afterAll(async () => {
    await connection.close();
    await engine.stop();
  });
  beforeEach(async () => {
    tableName = `tokens-${++tables}`;
    await engine.createTable(tableName, key);
  });
  afterEach(async () => {
    for (const repository of opened.splice(0)) await repository.close();
  });

  function open(condition: PutCondition, atType: ColumnType = 'N') {
    const repository = createConditionalRepository(connection, { tableName, key }, condition);
    opened.push(repository);
    const columns = columnsOf({ token: 'S', at: atType, value: 'S' });
    const encoder = repository.encoder(columns);
    const unknownRow = (...values: FieldValue[]): Token => makeToken(encoder, columns, key, values);
    const row = (...values: FieldValue[]): Token => {
      const token = unknownRow(...values);
      repository.remember?.(token);
      return token;
    };
    const deleteOf = (...values: FieldValue[]): Token => makeToken(encoder, columns, key, values, true);
    return { repository, row, unknownRow, deleteOf, put: (token: Token) => repository.write(batchOf([token])) };
  }

  async function item(token: string) {
    const { Item } = await engine.client.send(
      new GetItemCommand({ TableName: tableName, Key: { token: { S: token } } }),
    );
    return Item && plainItem(Item);
  }

  async function production(at: string | undefined, value = 'production'): Promise<void> {
    const Item = { token: { S: 'a' }, ...(at !== undefined && { at: { N: at } }), value: { S: value } };
    await engine.client.send(new PutItemCommand({ TableName: tableName, Item }));
  }

  test('a put is a request of its own, and is written if there is no item', async () => {
    const { repository, row, put } = open(keep);
    expect(repository.maxBatchTokens).toBe(1);
    expect(await put(row('a', '1.0', 'x'))).toEqual({ kind: 'accepted', unprocessed: [], consumedWriteUnits: 1 });
    expect(await item('a')).toEqual({ token: { S: 'a' }, at: { N: '1' }, value: { S: 'x' } });
  });

  test('keep leaves an item as it is, and costs the write units of the larger of the two', async () => {
    await production('1', 'x'.repeat(3000));
    const { row, put } = open(keep);
    const token = row('a', '2', 'ours');
    expect(await put(token)).toEqual({ kind: 'accepted', unprocessed: [], kept: [token], consumedWriteUnits: 3 });
    expect(await item('a')).toMatchObject({ at: { N: '1' } });
  });

  test('a retry that meets its own write counts as written, whatever the notation of its numbers', async () => {
    const { row, put } = open(keep);
    await put(row('a', '1e1', 'x'));
    expect(await put(row('a', '10.0', 'x'))).toEqual({ kind: 'accepted', unprocessed: [], consumedWriteUnits: 1 });
  });

  test('a later row replaces what an earlier one wrote, with a put of its own', async () => {
    const { row, put } = open(keep);
    await put(row('a', '1', 'first'));
    const second = row('a', '1', 'second');
    expect(await put(second)).toMatchObject({ kind: 'accepted', again: [second] });
    expect(await put(second)).toMatchObject({ kind: 'accepted', unprocessed: [] });
    expect(await item('a')).toMatchObject({ value: { S: 'second' } });
  });

  test('the same if another process wrote the earlier row and this one only read it', async () => {
    await production('1', 'first');
    const { row, put } = open(keep);
    row('a', '1', 'first');
    const second = row('a', '1', 'second');
    await put(second);
    await put(second);
    expect(await item('a')).toMatchObject({ value: { S: 'second' } });
  });

  test('an item equal to an unknown row belongs to another writer', async () => {
    await production('1', 'first');
    const { row, unknownRow, put } = open(keep);
    unknownRow('a', '1', 'first');
    const second = row('a', '1', 'second');
    expect(await put(second)).toMatchObject({ kept: [second] });
  });

  test('what production made of the earlier row in the meantime stays', async () => {
    const { row, put } = open(keep);
    await put(row('a', '1', 'first'));
    const second = row('a', '1', 'second');
    await put(second);
    await production('1', 'revoked');
    expect(await put(second)).toMatchObject({ kept: [second] });
    expect(await item('a')).toMatchObject({ value: { S: 'revoked' } });
  });

  test.each([
    { at: '10', found: '9', wins: true },
    { at: '9', found: '10', wins: false },
    { at: '10', found: '10', wins: false },
    { at: '10', found: undefined, wins: true },
    { at: undefined, found: '10', wins: false },
    { at: undefined, found: undefined, wins: true },
  ])('newer: a row with $at meets an item with $found; it wins: $wins', async ({ at, found, wins }) => {
    await production(found);
    const { row, put } = open(newer);
    const token = row('a', at, 'ours');
    const result = await put(token);
    expect(result).toMatchObject(wins ? { kind: 'accepted', unprocessed: [] } : { kept: [token] });
    expect(await item('a')).toMatchObject({ value: { S: wins ? 'ours' : 'production' } });
  });

  test.each([
    { at: '10', found: '9', wins: true },
    { at: '9', found: '10', wins: false },
    { at: '10', found: '10', wins: false },
    { at: '10', found: undefined, wins: true },
    { at: undefined, found: '10', wins: false },
  ])('newer: a delete with $at meets an item with $found; it wins: $wins', async ({ at, found, wins }) => {
    await production(found);
    const { deleteOf, put } = open(newer);
    const token = deleteOf('a', at, undefined);
    expect(await put(token)).toMatchObject(wins ? { kind: 'accepted', unprocessed: [] } : { kept: [token] });
    expect(await item('a')).toEqual(wins ? undefined : expect.objectContaining({ value: { S: 'production' } }));
  });

  test('newer: a delete with the value of an earlier row of the source removes it', async () => {
    const { row, deleteOf, put } = open(newer);
    await put(row('a', '5', 'first'));
    const token = deleteOf('a', '5.0', undefined);
    expect(await put(token)).toMatchObject({ again: [token] });
    expect(await put(token)).toMatchObject({ unprocessed: [] });
    expect(await item('a')).toBeUndefined();
  });

  test('newer: of rows with the same value the last wins, of others the greatest', async () => {
    const { row, put } = open(newer);
    await put(row('a', '5', 'first'));
    const second = row('a', '5.0', 'second');
    expect(await put(second)).toMatchObject({ again: [second] });
    expect(await put(second)).toMatchObject({ unprocessed: [] });
    const older = row('a', '4', 'older');
    expect(await put(older)).toMatchObject({ kept: [older] });
    expect(await item('a')).toMatchObject({ value: { S: 'second' } });
  });

  test('newer: a value of another type has its row refused, and the message shows no value', async () => {
    await production('5');
    const { row, put } = open(newer, 'S');
    const result = await put(row('a', '2026-01-01', 'ours'));
    expect(result).toEqual({
      kind: 'invalid',
      message: 'the table\'s item has "at" as N and the row as S, which can\'t be compared; see --types',
    });
  });
});
