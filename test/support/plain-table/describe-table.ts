import type { IndexSchema, KeyAttribute, TableSchema } from './table-schema.ts';

/** Capacity of the table, in write units a second. */
export type Provision = {
  readonly billing: 'provisioned' | 'on-demand';
  readonly writeUnits: number;
  readonly readUnits: number;
  /** On demand: the maximum that was set, and the warm throughput. */
  readonly maxWriteUnits?: number;
  readonly warmWriteUnits?: number;
  /** Of indexes, by name. */
  readonly warmIndexUnits?: Readonly<Record<string, number>>;
};

/** An answer to DescribeTable with all fields that the service returns for such a table. */
export function describeTable(schema: TableSchema, provision: Provision, itemCount: number): unknown {
  const arn = tableArn(schema.name);
  const indexes = schema.indexes ?? [];
  return {
    Table: {
      TableName: schema.name,
      TableArn: arn,
      TableId: '00000000-0000-4000-8000-000000000000',
      TableStatus: 'ACTIVE',
      CreationDateTime: 1_700_000_000.5,
      ItemCount: itemCount,
      TableSizeBytes: itemCount * 120,
      DeletionProtectionEnabled: false,
      AttributeDefinitions: definitions(schema),
      KeySchema: keySchema(schema.key),
      ...throughput(provision, provision.writeUnits),
      ...(provision.billing === 'on-demand' ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } : {}),
      ...list(
        'GlobalSecondaryIndexes',
        indexes.filter(({ local }) => !local),
        (index) => ({
          ...describeIndex(arn, index),
          IndexStatus: 'ACTIVE',
          ...throughput(
            { ...provision, warmWriteUnits: provision.warmIndexUnits?.[index.name] ?? 0 },
            index.writeUnits ?? provision.writeUnits,
          ),
        }),
      ),
      ...list(
        'LocalSecondaryIndexes',
        indexes.filter(({ local }) => local === true),
        (index) => describeIndex(arn, index),
      ),
    },
  };
}

export function tableArn(name: string): string {
  return `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
}

function throughput(provision: Provision, writeUnits: number): object {
  if (provision.billing === 'provisioned') {
    const figures = {
      NumberOfDecreasesToday: 0,
      ReadCapacityUnits: provision.readUnits,
      WriteCapacityUnits: writeUnits,
    };
    return { ProvisionedThroughput: figures };
  }
  const { maxWriteUnits, warmWriteUnits } = provision;
  return {
    ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
    ...(maxWriteUnits ? { OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: maxWriteUnits } } : {}),
    ...(warmWriteUnits
      ? { WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: warmWriteUnits, Status: 'ACTIVE' } }
      : {}),
  };
}

function describeIndex(arn: string, index: IndexSchema): object {
  const { include } = index;
  return {
    IndexName: index.name,
    IndexArn: `${arn}/index/${index.name}`,
    KeySchema: keySchema(index.key),
    Projection:
      include === undefined
        ? { ProjectionType: 'ALL' }
        : include.length === 0
          ? { ProjectionType: 'KEYS_ONLY' }
          : { ProjectionType: 'INCLUDE', NonKeyAttributes: include },
    IndexSizeBytes: 0,
    ItemCount: 0,
  };
}

function definitions(schema: TableSchema): unknown[] {
  const attributes = [...schema.key, ...(schema.indexes ?? []).flatMap(({ key }) => key)];
  const byName = new Map(attributes.map(({ name, type }) => [name, type]));
  return [...byName].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

function keySchema(key: readonly KeyAttribute[]): unknown[] {
  return key.map(({ name }, position) => ({ AttributeName: name, KeyType: position === 0 ? 'HASH' : 'RANGE' }));
}

function list<Value>(name: string, values: readonly Value[], describe: (value: Value) => unknown): object {
  return values.length === 0 ? {} : { [name]: values.map(describe) };
}
