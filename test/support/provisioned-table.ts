import {
  type CreateTableCommandInput,
  DescribeTableCommand,
  type ProvisionedThroughput,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import type { Engine } from './engines.ts';

export type Units = { readonly writeUnits: number; readonly readUnits: number };

/** A table in provisioned mode with the key `token`, and an index on `user_id` for each name. */
export async function provisionedTable(
  engine: Engine,
  tableName: string,
  table: Units,
  indexes: Readonly<Record<string, Units>> = {},
): Promise<void> {
  const names = Object.keys(indexes);
  const attributes = names.length === 0 ? ['token'] : ['token', 'user_id'];
  const more: Partial<CreateTableCommandInput> = {
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: throughput(table),
    AttributeDefinitions: attributes.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    ...(names.length > 0 && {
      GlobalSecondaryIndexes: names.map((name) => ({
        IndexName: name,
        KeySchema: [{ AttributeName: 'user_id', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
        ProvisionedThroughput: throughput(indexes[name]!),
      })),
    }),
  };
  await engine.createTable(tableName, [{ name: 'token', type: 'S' }], more);
}

/** Current capacity of the table, `{ '': { writeUnits, readUnits }, 'by-user': … }`, and its status. */
export async function provisionOf(
  engine: Engine,
  tableName: string,
): Promise<{ status: string; units: Record<string, Units> }> {
  const { Table } = await engine.client.send(new DescribeTableCommand({ TableName: tableName }));
  const units = (throughput: ProvisionedThroughput | undefined): Units => ({
    writeUnits: throughput?.WriteCapacityUnits ?? 0,
    readUnits: throughput?.ReadCapacityUnits ?? 0,
  });
  const indexes = (Table?.GlobalSecondaryIndexes ?? []).map((index) => [
    index.IndexName,
    units(index.ProvisionedThroughput as ProvisionedThroughput),
  ]);
  return {
    status: String(Table?.TableStatus),
    units: { '': units(Table?.ProvisionedThroughput as ProvisionedThroughput), ...Object.fromEntries(indexes) },
  };
}

/** Changes capacity as another writer would. */
export async function changeProvision(engine: Engine, tableName: string, table: Units): Promise<void> {
  await engine.client.send(new UpdateTableCommand({ TableName: tableName, ProvisionedThroughput: throughput(table) }));
}

function throughput({ writeUnits, readUnits }: Units): ProvisionedThroughput {
  return { ReadCapacityUnits: readUnits, WriteCapacityUnits: writeUnits };
}
