import type {
  DynamoDBClient,
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  Projection,
  TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { KeyType } from '../../../domain/column.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type {
  Checked,
  KeyAttribute,
  TableAttachments,
  TableIndex,
  TableInfo,
  WriteCapacity,
} from '../../../domain/table.ts';
import type { Connection } from '../connection.ts';
import { importErrorOfSdkError } from '../sdk-failure.ts';
import { failureContext } from '../service-failure.ts';
import { ifShaped, listOf, objectOf, type Shape, textOf, unitsOf } from '../wire/reply-shape.ts';

/**
 * What the service knows of the table. Throws ImportError: `access-denied` where DescribeTable is not allowed (an import
 * can go on without it), `table-missing`, `table-not-ready`, `credentials-expired`, `endpoint-unreachable`, `service-refused`.
 */
export async function describeTable(connection: Connection, tableName: string): Promise<TableInfo> {
  const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
  const { origin } = await connection.endpoint(tableName);
  let table: TableDescription | undefined;
  try {
    table = (await connection.client.send(new DescribeTableCommand({ TableName: tableName }))).Table;
  } catch (error) {
    throw importErrorOfSdkError(error, failureContext(connection, tableName, origin));
  }
  const info = ifShaped(() => tableInfo(checkedDescription(table), connection.region, tableName));
  if (info === undefined) {
    throw new ImportError('service-refused', `${origin} does not answer like DynamoDB`, {
      hint: 'Check --endpoint-url.',
    });
  }
  return info;
}

/** The SDK passes on whatever stands in a reply. */
function checkedDescription(found: TableDescription | undefined): TableDescription {
  const table = objectOf(found);
  for (const name of ['TableName', 'TableStatus', 'TableArn']) textOf(table[name] ?? '');
  for (const name of ['ItemCount', 'TableSizeBytes']) unitsOf(table[name] ?? 0);
  checkMembers(table['AttributeDefinitions'] ?? [], ['AttributeName', 'AttributeType']);
  objectOf(listOf(table['KeySchema'])[0]);
  checkMembers(table['KeySchema'], ['AttributeName', 'KeyType']);
  checkMembers(table['Replicas'] ?? [], ['RegionName']);
  for (const name of ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes']) {
    checkMembers(table[name] ?? [], ['IndexName']);
    for (const index of listOf(table[name] ?? [])) {
      const { KeySchema, Projection, IndexStatus } = index as Shape;
      textOf(IndexStatus ?? '');
      checkMembers(KeySchema ?? [], ['AttributeName', 'KeyType']);
      listOf(objectOf(Projection ?? {})['NonKeyAttributes'] ?? []).forEach(textOf);
    }
  }
  return table as TableDescription;
}

/** Each of the list is an object whose members of these names are text. */
function checkMembers(list: unknown, names: readonly string[]): void {
  for (const member of listOf(list)) for (const name of names) textOf(objectOf(member)[name]);
}

function tableInfo(table: TableDescription, region: string, tableName: string): TableInfo {
  const types = new Map<string, KeyType>();
  for (const { AttributeName, AttributeType } of table.AttributeDefinitions ?? []) {
    types.set(AttributeName!, AttributeType as KeyType);
  }
  const arn = table.TableArn ?? '';
  // arn:aws:dynamodb:<region>:<account>:table/<name>
  const [, , , arnRegion, account] = arn.split(':');
  return {
    name: table.TableName ?? tableName,
    arn,
    account: account ?? '',
    region: arnRegion || region,
    status: table.TableStatus ?? 'UNKNOWN',
    itemCount: table.ItemCount ?? 0,
    sizeBytes: table.TableSizeBytes ?? 0,
    billing: isOnDemand(table) ? 'on-demand' : 'provisioned',
    key: keyOf(table.KeySchema, types),
    ...capacityOf(table),
    globalIndexes: (table.GlobalSecondaryIndexes ?? []).map((index) => indexInfo(index, types)),
    localIndexes: (table.LocalSecondaryIndexes ?? []).map((index) => ({
      name: index.IndexName!,
      ...indexKeyOf(index.KeySchema, types),
      ...projectionOf(index.Projection),
    })),
    ...attachmentsOf(table, region),
  };
}

function attachmentsOf(table: TableDescription, region: string): Partial<TableInfo> {
  const { StreamEnabled: hasStream, StreamViewType: streamView = 'of a view that is not told' } =
    table.StreamSpecification ?? {};
  const replicas = (table.Replicas ?? []).map(({ RegionName }) => RegionName!).filter((name) => name !== region);
  return {
    ...(hasStream && { streamView }),
    ...(replicas.length > 0 && { replicaRegions: replicas }),
    ...(table.TableClassSummary?.TableClass === 'STANDARD_INFREQUENT_ACCESS' && { infrequentAccess: true as const }),
  };
}

/** BillingModeSummary is left out for tables that were never on demand. */
function isOnDemand(table: TableDescription): boolean {
  return table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
}

function indexInfo(index: GlobalSecondaryIndexDescription, types: ReadonlyMap<string, KeyType>): TableIndex {
  return {
    name: index.IndexName!,
    status: index.IndexStatus ?? 'UNKNOWN',
    ...indexKeyOf(index.KeySchema, types),
    ...projectionOf(index.Projection),
    ...capacityOf(index),
  };
}

/** Each part of an index's key can have several attributes. */
function indexKeyOf(
  schema: readonly KeySchemaElement[] | undefined,
  types: ReadonlyMap<string, KeyType>,
): Pick<TableIndex, 'key' | 'partitionAttributes'> {
  const partitionAttributes = (schema ?? []).filter(({ KeyType: role }) => role === 'HASH').length;
  return { key: keyOf(schema, types), ...(partitionAttributes > 1 && { partitionAttributes }) };
}

function keyOf(schema: readonly KeySchemaElement[] | undefined, types: ReadonlyMap<string, KeyType>): KeyAttribute[] {
  const attributes = (schema ?? []).map(({ AttributeName, KeyType: role }) => ({ name: AttributeName!, role }));
  attributes.sort((a, b) => Number(a.role !== 'HASH') - Number(b.role !== 'HASH'));
  return attributes.map(({ name }) => ({ name, type: types.get(name) ?? 'S' }));
}

function projectionOf(projection: Projection | undefined): Pick<TableIndex, 'include'> {
  if (projection?.ProjectionType === 'KEYS_ONLY') return { include: [] };
  return projection?.ProjectionType === 'INCLUDE' ? { include: projection.NonKeyAttributes ?? [] } : {};
}

/** On demand, the provisioned figures are 0 and the maxima -1: neither is a capacity. */
function capacityOf(part: TableDescription | GlobalSecondaryIndexDescription): WriteCapacity {
  return {
    ...positive('provisionedWriteUnits', part.ProvisionedThroughput?.WriteCapacityUnits),
    ...positive('provisionedReadUnits', part.ProvisionedThroughput?.ReadCapacityUnits),
    ...positive('maxWriteUnits', part.OnDemandThroughput?.MaxWriteRequestUnits),
    ...positive('warmWriteUnits', part.WarmThroughput?.WriteUnitsPerSecond),
    ...(part.WarmThroughput?.Status === 'UPDATING' && { isWarming: true as const }),
    ...positive('decreasesToday', part.ProvisionedThroughput?.NumberOfDecreasesToday),
    ...positive('lastDecreaseMs', timeOf(part.ProvisionedThroughput?.LastDecreaseDateTime)),
  };
}

function positive(name: Exclude<keyof WriteCapacity, 'isWarming'>, units: number | undefined): WriteCapacity {
  return typeof units === 'number' && units > 0 ? { [name]: units } : {};
}

function timeOf(date: unknown): number | undefined {
  return date instanceof Date ? date.getTime() : undefined;
}

/** Asks for each attachment by itself and at once. Never fails: what can't be asked is said to be not checked. */
export async function describeAttachments(connection: Connection, tableName: string): Promise<TableAttachments> {
  const { client } = connection;
  const commands = await import('@aws-sdk/client-dynamodb');
  const table = { TableName: tableName };
  const check = <Value>(operation: string, ask: (client: DynamoDBClient) => Promise<Value>) =>
    checked(connection, tableName, operation, () => ask(client));
  const [kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas] = await Promise.all([
    check('DescribeKinesisStreamingDestination', async () => {
      const reply = await client.send(new commands.DescribeKinesisStreamingDestinationCommand(table));
      const live = (reply.KinesisDataStreamDestinations ?? []).filter(
        ({ DestinationStatus }) => DestinationStatus !== 'DISABLED',
      );
      // arn:aws:kinesis:<region>:<account>:stream/<name>
      return live.map(({ StreamArn = '' }) => StreamArn.slice(StreamArn.indexOf('/') + 1));
    }),
    check('DescribeContinuousBackups', async () => {
      const reply = await client.send(new commands.DescribeContinuousBackupsCommand(table));
      const backups = reply.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
      const earliestMs = backups?.EarliestRestorableDateTime?.getTime();
      const isOn = backups?.PointInTimeRecoveryStatus === 'ENABLED';
      return { isOn, ...(earliestMs !== undefined && { earliestMs }) };
    }),
    describeTimeToLive(connection, tableName),
    check('DescribeLimits', async () => {
      const reply = await client.send(new commands.DescribeLimitsCommand({}));
      const { TableMaxWriteCapacityUnits: ofTable, AccountMaxWriteCapacityUnits: ofAccount } = reply;
      if (ofTable === undefined || ofAccount === undefined) {
        throw new ImportError('service-refused', 'the reply holds no limits');
      }
      return { tableWriteUnits: ofTable, accountWriteUnits: ofAccount };
    }),
  ]);
  return { kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas };
}

/** The name of the TTL attribute, undefined if time-to-live is off. Never fails, like `describeAttachments`. */
export async function describeTimeToLive(
  connection: Connection,
  tableName: string,
): Promise<Checked<string | undefined>> {
  const { DescribeTimeToLiveCommand } = await import('@aws-sdk/client-dynamodb');
  return checked(connection, tableName, 'DescribeTimeToLive', async () => {
    const reply = await connection.client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
    const { TimeToLiveStatus: status, AttributeName } = reply.TimeToLiveDescription ?? {};
    return status === 'ENABLED' || status === 'ENABLING' ? AttributeName : undefined;
  });
}

async function checked<Value>(
  connection: Connection,
  tableName: string,
  operation: string,
  ask: () => Promise<Value>,
): Promise<Checked<Value>> {
  try {
    return { kind: 'known', value: await ask() };
  } catch (error) {
    const context = failureContext(connection, tableName, connection.options.endpointUrl ?? '');
    const { code } = importErrorOfSdkError(error, context);
    if (code === 'access-denied') return { kind: 'not-checked', because: `needs dynamodb:${operation}` };
    const isSilent = code === 'endpoint-unreachable';
    return { kind: 'not-checked', because: isSilent ? 'needs an answer' : 'needs an endpoint that knows of it' };
  }
}
