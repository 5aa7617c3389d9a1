import * as sdk from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { TableInfo } from '../../src/domain/table.ts';
import { bulkPutCommand, importTableCommand, operationCommand, syncCommand } from '../../src/report/aws-commands.ts';
import { awsInputOf, readAwsCommand } from '../support/aws-command.ts';
import { preflightFacts } from './facts.ts';

const place = { tableName: 'tokens', region: 'eu-west-1', profile: "o'brien", endpointUrl: 'http://127.0.0.1:8000' };
const input = { bucket: 'dumps', prefix: "bob's night/data/", clientToken: 'import-tokens-1' };
const key = [
  { name: 'user id', type: 'N' },
  { name: 'token', type: 'S' },
] as const;

type Schema = readonly [kind: number, namespace: string, name: string, traits: unknown, ...rest: readonly unknown[]];

/** What of the value the SDK's schema does not have, or lacks. */
function faultsIn(value: unknown, schemaOrThunk: unknown, path = ''): string[] {
  const schema = (typeof schemaOrThunk === 'function' ? schemaOrThunk() : schemaOrThunk) as Schema | number;
  if (!Array.isArray(schema)) return [];
  const [kind, , , , first, members, required = 0] = schema;
  if (kind === 1) return (value as unknown[]).flatMap((item, i) => faultsIn(item, first, `${path}[${i}]`));
  if (kind !== 3) return [];
  const names = first as string[];
  const given = Object.entries(value as object);
  return [
    ...given.filter(([name]) => !names.includes(name)).map(([name]) => `${path}.${name} is not known`),
    ...names
      .slice(0, required)
      .filter((name) => !(name in (value as object)))
      .map((name) => `${path}.${name} is missing`),
    ...given.flatMap(([name, member]) =>
      faultsIn(member, (members as unknown[])[names.indexOf(name)], `${path}.${name}`),
    ),
  ];
}

test('start-bulk-put-items is the input of the SDK, word by word', () => {
  const command = bulkPutCommand(place, input, "bob's night/errors/", 20_000.7);
  const { service, operation, flags } = readAwsCommand(command);
  expect([service, operation]).toEqual(['dynamodb', 'start-bulk-put-items']);
  expect(flags.get('profile')).toBe("o'brien");
  const made = awsInputOf(command, sdk.StartBulkPutItemsInput$);
  expect(made).toEqual({
    TableName: 'tokens',
    MaxWriteRequestUnits: 20_000,
    ClientToken: 'import-tokens-1',
    InputS3Configuration: {
      S3Bucket: 'dumps',
      S3KeyPrefix: "bob's night/data/",
      InputFormat: sdk.BulkOperationInputFormat.DYNAMODB_JSON,
      InputCompressionType: sdk.InputCompressionType.GZIP,
    },
    OutputS3Configuration: {
      S3Bucket: 'dumps',
      S3KeyPrefix: "bob's night/errors/",
      OutputType: [sdk.OutputTypeEnum.ERROR],
    },
  } satisfies sdk.StartBulkPutItemsInput);
  expect(faultsIn(made, sdk.StartBulkPutItemsInput$)).toEqual([]);
});

test('no bulk operation is given less than the least pace', () => {
  expect(awsInputOf(bulkPutCommand(place, input, 'errors/', 20), sdk.StartBulkPutItemsInput$)).toMatchObject({
    MaxWriteRequestUnits: 1024,
  });
});

test('import-table of a table that is not described is on demand, with its key', () => {
  const made = awsInputOf(importTableCommand(place, input, key, undefined), sdk.ImportTableInput$);
  expect(made).toEqual({
    ClientToken: 'import-tokens-1',
    S3BucketSource: { S3Bucket: 'dumps', S3KeyPrefix: "bob's night/data/" },
    InputFormat: sdk.InputFormat.DYNAMODB_JSON,
    InputCompressionType: sdk.InputCompressionType.GZIP,
    TableCreationParameters: {
      TableName: 'tokens',
      AttributeDefinitions: [
        { AttributeName: 'user id', AttributeType: sdk.ScalarAttributeType.N },
        { AttributeName: 'token', AttributeType: sdk.ScalarAttributeType.S },
      ],
      KeySchema: [
        { AttributeName: 'user id', KeyType: sdk.KeyType.HASH },
        { AttributeName: 'token', KeyType: sdk.KeyType.RANGE },
      ],
      BillingMode: sdk.BillingMode.PAY_PER_REQUEST,
    },
  } satisfies sdk.ImportTableInput);
  expect(faultsIn(made, sdk.ImportTableInput$)).toEqual([]);
});

test('import-table like a provisioned table has its capacity and its global indexes', () => {
  const like: TableInfo = {
    ...preflightFacts.tableInfo!,
    billing: 'provisioned',
    provisionedReadUnits: 5,
    provisionedWriteUnits: 20,
    globalIndexes: [
      {
        name: 'all',
        status: 'ACTIVE',
        key: [{ name: 'day', type: 'S' }],
        provisionedReadUnits: 2,
        provisionedWriteUnits: 3,
      },
      { name: 'some', status: 'ACTIVE', key: [{ name: 'day', type: 'S' }, key[0]], include: ['note'] },
      { name: 'keys', status: 'ACTIVE', key: [key[1]], include: [] },
    ],
  };
  const made = awsInputOf(importTableCommand(place, input, key, like), sdk.ImportTableInput$) as sdk.ImportTableInput;
  const { AttributeDefinitions, GlobalSecondaryIndexes, ProvisionedThroughput } = made.TableCreationParameters!;
  expect(AttributeDefinitions!.map(({ AttributeName }) => AttributeName)).toEqual(['user id', 'token', 'day']);
  expect(ProvisionedThroughput).toEqual({ ReadCapacityUnits: 5, WriteCapacityUnits: 20 });
  expect(GlobalSecondaryIndexes).toEqual([
    {
      IndexName: 'all',
      KeySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
      ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 3 },
    },
    expect.objectContaining({ Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] } }),
    expect.objectContaining({ Projection: { ProjectionType: 'KEYS_ONLY' } }),
  ] satisfies sdk.GlobalSecondaryIndex[]);
  expect(faultsIn(made, sdk.ImportTableInput$)).toEqual([]);
});

test('import-table gives each attribute of an index key its part', () => {
  const parts = (names: readonly string[]) => names.map((name) => ({ name, type: 'S' as const }));
  const index = { name: 'wide', status: 'ACTIVE', key: parts(['a', 'b', 'c', 'd']), partitionAttributes: 2 };
  const like: TableInfo = { ...preflightFacts.tableInfo!, globalIndexes: [index] };
  const made = awsInputOf(importTableCommand(place, input, key, like), sdk.ImportTableInput$) as sdk.ImportTableInput;
  expect(made.TableCreationParameters!.GlobalSecondaryIndexes![0]!.KeySchema).toEqual([
    { AttributeName: 'a', KeyType: 'HASH' },
    { AttributeName: 'b', KeyType: 'HASH' },
    { AttributeName: 'c', KeyType: 'RANGE' },
    { AttributeName: 'd', KeyType: 'RANGE' },
  ]);
});

test('an operation is described and cancelled by its ARN', () => {
  const schemas = {
    'describe-bulk-operation': sdk.DescribeBulkOperationInput$,
    'cancel-bulk-operation': sdk.CancelBulkOperationInput$,
    'describe-import': sdk.DescribeImportInput$,
  };
  for (const operation of Object.keys(schemas) as (keyof typeof schemas)[]) {
    const command = operationCommand(place, operation);
    expect(readAwsCommand(command).operation).toBe(operation);
    const made = awsInputOf(command, schemas[operation]);
    expect(Object.values(made as object)).toEqual(['arn:1']);
    expect(faultsIn(made, schemas[operation])).toEqual([]);
  }
});

test('a member that the schema does not have, or lacks, is found', () => {
  expect(() => awsInputOf('aws dynamodb import-table --input-formats ION', sdk.ImportTableInput$)).toThrow(
    '--input-formats',
  );
  const faulty = { S3BucketSource: { Bucket: 'dumps' }, InputFormat: 'ION' };
  expect(faultsIn(faulty, sdk.ImportTableInput$)).toEqual([
    '.TableCreationParameters is missing',
    '.S3BucketSource.Bucket is not known',
    '.S3BucketSource.S3Bucket is missing',
  ]);
});

test('a folder is synchronised without the region and the endpoint of the table', () => {
  expect(syncCommand("'my files'", 's3://BUCKET/run/', place)).toBe(
    `aws s3 sync 'my files' s3://BUCKET/run/ --profile 'o'\\''brien'`,
  );
});
