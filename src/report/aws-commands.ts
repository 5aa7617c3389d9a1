import { shellWord } from '../domain/format.ts';
import {
  bareTableName,
  type IndexShape,
  type KeyAttribute,
  type ProvisionChange,
  type ScalingSuspension,
  type TableInfo,
  type WriteCapacity,
} from '../domain/table.ts';

/** Where a command goes; what is undefined is left to the AWS CLI's own defaults. */
export type AwsPlace = {
  /** Or its ARN. */
  readonly tableName: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
};

/** The command of the AWS CLI that makes these changes, to be pasted into a shell, also out of a log of JSON lines. */
export function updateTableCommand(place: AwsPlace, changes: readonly ProvisionChange[]): string {
  const table = changes.find(({ index }) => index === undefined);
  const indexes = changes.filter(({ index }) => index !== undefined);
  return [
    `aws dynamodb update-table --table-name ${place.tableName}`,
    ...(table === undefined ? [] : [`--provisioned-throughput ${throughput(table)}`]),
    ...(indexes.length === 0 ? [] : ['--global-secondary-index-updates', ...indexes.map(indexUpdate)]),
    ...placeFlags(place),
  ].join(' ');
}

/** The command that sets which activities of auto scaling on the write units are off. */
export function suspendScalingCommand(
  place: AwsPlace,
  index: string | undefined,
  { scaleIn, scaleOut, scheduled }: ScalingSuspension,
): string {
  return [
    'aws application-autoscaling register-scalable-target --service-namespace dynamodb',
    `--resource-id table/${bareTableName(place.tableName)}${index === undefined ? '' : `/index/${index}`}`,
    `--scalable-dimension dynamodb:${index === undefined ? 'table' : 'index'}:WriteCapacityUnits`,
    `--suspended-state DynamicScalingInSuspended=${scaleIn},DynamicScalingOutSuspended=${scaleOut},ScheduledScalingSuspended=${scheduled}`,
    ...placeFlags(place),
  ].join(' ');
}

export function onDemandMaximumCommand(place: AwsPlace, index: string | undefined, units: number): string {
  const setting = `MaxWriteRequestUnits=${units}`;
  return updateTable(place, index, `--on-demand-throughput ${setting}`, `OnDemandThroughput={${setting}}`);
}

export function warmThroughputCommand(place: AwsPlace, index: string | undefined, units: number): string {
  const setting = `WriteUnitsPerSecond=${units}`;
  return updateTable(place, index, `--warm-throughput ${setting}`, `WarmThroughput={${setting}}`);
}

const quotaCodes = { table: 'L-AB614373', account: 'L-34F8CCC8' } as const;

export function quotaCommand({ region, profile }: AwsPlace, of: keyof typeof quotaCodes, units: number): string {
  return [
    'aws service-quotas request-service-quota-increase --service-code dynamodb',
    `--quota-code ${quotaCodes[of]} --desired-value ${units}`,
    // The endpoint is another service's.
    ...placeFlags({ tableName: '', region, profile }),
  ].join(' ');
}

/** Gzipped files of DynamoDB JSON below a prefix, and what makes a repeated command the same operation. */
type BulkInput = { readonly bucket: string; readonly prefix: string; readonly clientToken: string };

/** The least pace that a bulk operation can be given, in write units a second. */
export const leastBulkUnitsPerSecond = 1024;

/** Prints the ARN of the operation. Items that it cannot write are reported below `errorPrefix`. */
export function bulkPutCommand(
  place: AwsPlace,
  { bucket, prefix, clientToken }: BulkInput,
  errorPrefix: string,
  unitsPerSecond: number,
): string {
  const input = { S3Bucket: bucket, S3KeyPrefix: prefix, InputFormat: 'DYNAMODB_JSON', InputCompressionType: 'GZIP' };
  const output = { S3Bucket: bucket, S3KeyPrefix: errorPrefix, OutputType: ['ERROR'] };
  return [
    `aws dynamodb start-bulk-put-items --table-name ${place.tableName}`,
    `--max-write-request-units ${Math.max(leastBulkUnitsPerSecond, Math.floor(unitsPerSecond))}`,
    `--input-s3-configuration ${jsonWord(input)} --output-s3-configuration ${jsonWord(output)}`,
    `--client-token ${shellWord(clientToken)}`,
    ...placeFlags(place),
    '--query BulkOperationDescription.BulkOperationArn --output text',
  ].join(' ');
}

/** Prints the ARN of the import, which makes the table `place.tableName`, with the indexes and billing of `like`. */
export function importTableCommand(
  place: AwsPlace,
  { bucket, prefix, clientToken }: BulkInput,
  key: readonly KeyAttribute[],
  like: TableInfo | undefined,
): string {
  return [
    `aws dynamodb import-table --s3-bucket-source ${jsonWord({ S3Bucket: bucket, S3KeyPrefix: prefix })}`,
    '--input-format DYNAMODB_JSON --input-compression-type GZIP',
    `--table-creation-parameters ${jsonWord(newTable(bareTableName(place.tableName), key, like))}`,
    `--client-token ${shellWord(clientToken)}`,
    ...placeFlags(place),
    '--query ImportTableDescription.ImportArn --output text',
  ].join(' ');
}

/** Follows or cancels what the variable `arn` of the shell names. */
export function operationCommand(
  place: AwsPlace,
  operation: 'describe-bulk-operation' | 'cancel-bulk-operation' | 'describe-import',
): string {
  const flag = operation === 'describe-import' ? '--import-arn' : '--bulk-operation-arn';
  return [`aws dynamodb ${operation} ${flag} "$arn"`, ...placeFlags(place)].join(' ');
}

/** `folder`: quoted for a shell. */
export function syncCommand(folder: string, url: string, { profile }: Pick<AwsPlace, 'profile'>): string {
  // The region and the endpoint are those of DynamoDB.
  const flags = placeFlags({ tableName: '', profile });
  return [`aws s3 sync ${folder} ${shellWord(url)}`, ...flags].join(' ');
}

/** TableCreationParameters of ImportTable. */
function newTable(name: string, key: readonly KeyAttribute[], like: TableInfo | undefined) {
  const isProvisioned = like?.billing === 'provisioned';
  const provisioned = (capacity: WriteCapacity) => ({
    ProvisionedThroughput: {
      ReadCapacityUnits: capacity.provisionedReadUnits ?? 1,
      WriteCapacityUnits: capacity.provisionedWriteUnits ?? 1,
    },
  });
  const indexes = like?.globalIndexes ?? [];
  const types = new Map([...key, ...indexes.flatMap((index) => index.key)].map((each) => [each.name, each.type]));
  return {
    TableName: name,
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(key),
    BillingMode: isProvisioned ? 'PROVISIONED' : 'PAY_PER_REQUEST',
    ...(isProvisioned && provisioned(like)),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.key, index.partitionAttributes),
        Projection: projection(index),
        ...(isProvisioned && provisioned(index)),
      })),
    }),
  };
}

function keySchema(key: readonly KeyAttribute[], partitionAttributes = 1) {
  return key.map(({ name }, i) => ({ AttributeName: name, KeyType: i < partitionAttributes ? 'HASH' : 'RANGE' }));
}

function projection({ include }: IndexShape) {
  if (include === undefined) return { ProjectionType: 'ALL' };
  return include.length === 0
    ? { ProjectionType: 'KEYS_ONLY' }
    : { ProjectionType: 'INCLUDE', NonKeyAttributes: include };
}

function jsonWord(value: object): string {
  return shellWord(JSON.stringify(value));
}

function updateTable(place: AwsPlace, index: string | undefined, ofTable: string, ofIndex: string): string {
  const change =
    index === undefined ? ofTable : `--global-secondary-index-updates 'Update={IndexName=${index},${ofIndex}}'`;
  return [`aws dynamodb update-table --table-name ${place.tableName}`, change, ...placeFlags(place)].join(' ');
}

function throughput({ readUnits, writeUnits }: ProvisionChange): string {
  return `ReadCapacityUnits=${readUnits},WriteCapacityUnits=${writeUnits}`;
}

/** In quotes, since a shell takes braces for something of its own. */
function indexUpdate(change: ProvisionChange): string {
  return `'Update={IndexName=${change.index},ProvisionedThroughput={${throughput(change)}}}'`;
}

function placeFlags({ region, profile, endpointUrl }: AwsPlace): string[] {
  return [
    ...(region === undefined ? [] : [`--region ${region}`]),
    ...(profile === undefined ? [] : [`--profile ${shellWord(profile)}`]),
    ...(endpointUrl === undefined ? [] : [`--endpoint-url ${shellWord(endpointUrl)}`]),
  ];
}
