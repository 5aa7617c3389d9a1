import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, startDynalite } from './engines.ts';
import type { Item } from './plain-table/attribute-value.ts';
import { PlainTable } from './plain-table.ts';

const schema = {
  name: 'tokens',
  key: [
    { name: 'token', type: 'S' },
    { name: 'version', type: 'N' },
  ],
  indexes: [{ name: 'by-user', key: [{ name: 'user', type: 'S' }] }],
} as const;

const good = { token: { S: 'a' }, version: { N: '1' } };

function put(...items: readonly Item[]): string {
  return JSON.stringify({
    RequestItems: { tokens: items.map((Item) => ({ PutRequest: { Item } })) },
    ReturnConsumedCapacity: 'INDEXES',
  });
}

function write(table: PlainTable, ...items: readonly Item[]): { status: number; body: Record<string, never> } {
  const { status, body } = table.handle('DynamoDB_20120810.BatchWriteItem', put(...items));
  return { status, body: JSON.parse(body) };
}

const nested = (depth: number): Item[string] => (depth === 1 ? { S: 'x' } : { L: [nested(depth - 1)] });
const versions = (...numbers: string[]): Item[] => numbers.map((N) => ({ token: { S: 'a' }, version: { N } }));
const many = (count: number): Item[] => versions(...Array.from({ length: count }, (_, index) => String(index)));

/** The expected verdict of the service, and the batch. */
const batches: readonly (readonly [verdict: 'takes' | 'refuses', what: string, items: readonly Item[]])[] = [
  ['takes', '25 items', many(25)],
  ['refuses', '26 items', many(26)],
  ['refuses', 'no item', []],
  ['takes', 'two items that differ in the sort key', versions('1', '2')],
  ['refuses', 'a key twice', [good, { ...good, other: { S: 'x' } }]],
  ['refuses', 'a key twice, its number written 1 and 1.0', versions('1', '1.0')],
  ['refuses', 'a key twice, its number written 100 and 1e2', versions('100', '1e2')],
  ['refuses', 'a key twice, its number written 0 and -0.00', versions('0', '-0.00')],
  ['refuses', 'a missing partition key', [{ version: { N: '1' } }]],
  ['refuses', 'a missing sort key', [{ token: { S: 'a' } }]],
  ['refuses', 'a key of another type', [{ token: { N: '1' }, version: { N: '1' } }]],
  ['refuses', 'an empty partition key', [{ token: { S: '' }, version: { N: '1' } }]],
  ['takes', 'a partition key of 2,048 bytes', [{ ...good, token: { S: 'é'.repeat(1024) } }]],
  ['refuses', 'a partition key of 2,049 bytes', [{ ...good, token: { S: `${'é'.repeat(1024)}x` } }]],
  ['refuses', 'an index key of another type', [{ ...good, user: { N: '1' } }]],
  ['refuses', 'an empty index key', [{ ...good, user: { S: '' } }]],
  ['takes', 'an empty string elsewhere', [{ ...good, name: { S: '' } }]],
  ['takes', 'an item of 400 KB', [{ ...good, data: { S: 'x'.repeat(400 * 1024 - 5 - 1 - 7 - 2 - 4) } }]],
  ['refuses', 'an item one byte larger', [{ ...good, data: { S: 'x'.repeat(400 * 1024 - 5 - 1 - 7 - 2 - 3) } }]],
  ['takes', '38 significant digits', [{ ...good, n: { N: `${'9'.repeat(38)}000` } }]],
  ['refuses', '39 significant digits', [{ ...good, n: { N: '9'.repeat(39) } }]],
  ['takes', 'the largest magnitude', [{ ...good, n: { N: `-${'9'.repeat(38)}E88` } }]],
  ['refuses', 'a magnitude above it', [{ ...good, n: { N: '1E126' } }]],
  ['takes', 'the smallest magnitude', [{ ...good, n: { N: '1E-130' } }]],
  ['refuses', 'a magnitude below it', [{ ...good, n: { N: '1E-131' } }]],
  ['refuses', 'a number with a comma', [{ ...good, n: { N: '1,5' } }]],
  ['refuses', 'a number that is none', [{ ...good, n: { N: 'NaN' } }]],
  ['refuses', 'an empty number', [{ ...good, n: { N: '' } }]],
  ['refuses', 'binary that is not base64', [{ ...good, b: { B: 'a-b_' } }]],
  [
    'takes',
    'every other type',
    [{ ...good, l: { L: [{ NULL: true }] }, m: { M: { x: { BOOL: false } } }, s: { SS: ['a', 'b'] } }],
  ],
  ['refuses', 'a set that is empty', [{ ...good, s: { SS: [] } }]],
  ['refuses', 'a set with an element twice', [{ ...good, s: { SS: ['a', 'a'] } }]],
  ['refuses', 'a value of two types', [{ ...good, v: { S: 'a', N: '1' } }]],
  ['refuses', 'a value of no type', [{ ...good, v: {} }]],
  ['takes', '32 levels of nesting', [{ ...good, deep: nested(32) }]],
  ['refuses', '33 levels of nesting', [{ ...good, deep: nested(33) }]],
];

describe('a batch with', () => {
  test.each(batches)('%s %s', (verdict, _what, items) => {
    const table = new PlainTable(schema);
    const { status, body } = write(table, ...items);
    expect(status).toBe(verdict === 'takes' ? 200 : 400);
    expect(table.items().size).toBe(verdict === 'takes' ? items.length : 0);
    if (verdict === 'refuses') expect(body['__type']).toBe('com.amazon.coral.validate#ValidationException');
  });
});

describe('dynalite gives the same verdict on a batch with', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startDynalite();
    const [{ name, key }] = schema.indexes;
    await engine.createTable(schema.name, schema.key, {
      AttributeDefinitions: [...schema.key, ...key].map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: name,
          KeySchema: [{ AttributeName: key[0].name, KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });
  afterAll(() => engine.stop());

  // It accepts an empty index key and deep nesting, and measures keys in UTF-16.
  const known = ['an empty index key', '33 levels of nesting', 'a partition key of 2,049 bytes'];
  test.each(batches.filter(([, what]) => !known.includes(what)))('%s %s', async (verdict, _what, items) => {
    const answer = await fetch(engine.endpointUrl, {
      method: 'POST',
      body: put(...items),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
        'x-amz-date': '20260101T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
      },
    });
    expect(`${answer.status} ${await answer.text()}`).toMatch(verdict === 'takes' ? /^200/ : /^400/);
  });
});

test('a put replaces the whole item, a delete removes it, and number keys are equal by value', () => {
  const table = new PlainTable(schema);
  write(table, { ...good, first: { S: 'x' } });
  write(table, { token: { S: 'a' }, version: { N: '1.0' }, second: { S: 'y' } });
  expect([...table.items().values()]).toEqual([{ token: { S: 'a' }, version: { N: '1.0' }, second: { S: 'y' } }]);
  const remove = { RequestItems: { tokens: [{ DeleteRequest: { Key: good } }] } };
  expect(table.handle('x.BatchWriteItem', JSON.stringify(remove)).status).toBe(200);
  expect(table.itemCount).toBe(0);
});

test('units count the larger of old and new item, and an index pays if its part changes', () => {
  const table = new PlainTable(schema);
  const units = (item: Item) => {
    const [consumed] = write(table, item).body['ConsumedCapacity'] as never as [Record<string, never>];
    return [
      consumed['Table']!['CapacityUnits'],
      consumed['GlobalSecondaryIndexes']?.['by-user']?.['CapacityUnits'] ?? 0,
    ];
  };
  expect(units(good)).toEqual([1, 0]);
  expect(units({ ...good, user: { S: 'u' } })).toEqual([1, 1]);
  expect(units({ ...good, user: { S: 'u' } })).toEqual([1, 0]);
  expect(units({ ...good, user: { S: 'v' } })).toEqual([1, 2]);
  expect(units({ ...good, user: { S: 'v' }, data: { S: 'x'.repeat(2500) } })).toEqual([3, 3]);
  expect(units(good)).toEqual([3, 3]);
});

test('items are read one by one, in batches, and page by page in segments', () => {
  const table = new PlainTable(schema);
  const items = many(25);
  write(table, ...items);
  const call = (operation: string, body: object) =>
    JSON.parse(table.handle(`x.${operation}`, JSON.stringify(body)).body);
  expect(call('GetItem', { TableName: 'tokens', Key: versions('7.0')[0] }).Item).toEqual(versions('7')[0]);
  expect(
    call('BatchGetItem', { RequestItems: { tokens: { Keys: versions('3', '99') } } }).Responses.tokens,
  ).toHaveLength(1);

  const scanned: Item[] = [];
  for (const Segment of [0, 1]) {
    for (
      let page = { LastEvaluatedKey: undefined as Item | undefined, Items: [] as Item[] }, first = true;
      first || page.LastEvaluatedKey;
      first = false
    ) {
      page = call('Scan', {
        TableName: 'tokens',
        Limit: 4,
        Segment,
        TotalSegments: 2,
        ExclusiveStartKey: page.LastEvaluatedKey,
      });
      scanned.push(...page.Items);
    }
  }
  expect(scanned.length).toBe(25);
  expect(new Set(scanned.map((item) => item['version']!['N'])).size).toBe(25);
});

test('another table and an unknown operation are refused', () => {
  const table = new PlainTable(schema);
  const type = (operation: string, body: object) =>
    JSON.parse(table.handle(`x.${operation}`, JSON.stringify(body)).body).__type;
  expect(type('DescribeTable', { TableName: 'other' })).toMatch(/ResourceNotFoundException$/);
  expect(type('BatchWriteItem', { RequestItems: { other: [{ PutRequest: { Item: good } }] } })).toMatch(
    /ResourceNotFoundException$/,
  );
  expect(type('Nonsense', {})).toMatch(/UnknownOperationException$/);
  expect(JSON.parse(table.handle('x.Scan', '{').body).__type).toMatch(/SerializationException$/);
});

test('a discarding table counts items and keeps none', () => {
  const table = new PlainTable({ ...schema, discard: true });
  const { status, body } = write(table, ...many(25));
  expect(status).toBe(200);
  expect(body).toMatchObject({ UnprocessedItems: {}, ConsumedCapacity: [{ CapacityUnits: 25 }] });
  expect(table.items().size).toBe(0);
  expect(table.itemCount).toBe(25);
});
