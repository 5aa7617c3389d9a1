import type {
  GlobalSecondaryIndexUpdate,
  ProvisionedThroughput,
  UpdateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { ImportError } from '../../../domain/import-error.ts';
import type { ProvisionChange } from '../../../domain/write-capacity.ts';
import type { TableCapacity, UpdateResult } from '../../../ports/table-capacity.ts';
import type { Connection } from '../connection.ts';
import { importErrorOfSdkError } from '../sdk-failure.ts';
import { failureContext } from '../service-failure.ts';
import { AutoScaling } from './auto-scaling.ts';
import { describeTable } from './describe-table.ts';

export function createTableCapacity(connection: Connection, tableName: string): TableCapacity {
  const scaling = new AutoScaling(connection, tableName);
  return {
    describe: () => describeTable(connection, tableName),
    update: (changes) => updateTable(connection, tableName, changes),
    scaling: (indexes) => scaling.find(indexes),
    suspendScaling: (index, suspended) => scaling.suspend(index, suspended),
  };
}

async function updateTable(
  connection: Connection,
  tableName: string,
  changes: readonly ProvisionChange[],
): Promise<UpdateResult> {
  const { UpdateTableCommand } = await import('@aws-sdk/client-dynamodb');
  try {
    await connection.client.send(new UpdateTableCommand(updateInput(tableName, changes)));
    return { kind: 'taken' };
  } catch (error) {
    const { name, message = '' } = error as { name?: string; message?: string };
    const weather = weatherOf(name, message);
    if (weather !== undefined) return weather;
    throw await faultOf(error, name, connection, tableName);
  }
}

function updateInput(tableName: string, changes: readonly ProvisionChange[]): UpdateTableCommandInput {
  const table = changes.find(({ index }) => index === undefined);
  const indexes = changes.filter(({ index }) => index !== undefined);
  return {
    TableName: tableName,
    ...(table !== undefined && { ProvisionedThroughput: throughput(table) }),
    ...(indexes.length > 0 && { GlobalSecondaryIndexUpdates: indexes.map(indexUpdate) }),
  };
}

function indexUpdate(change: ProvisionChange): GlobalSecondaryIndexUpdate {
  return { Update: { IndexName: change.index!, ProvisionedThroughput: throughput(change) } };
}

function throughput({ readUnits, writeUnits }: ProvisionChange): ProvisionedThroughput {
  return { ReadCapacityUnits: readUnits, WriteCapacityUnits: writeUnits };
}

/** One exception stands for three limits of the service: decreases a day, changes at once, and units of the account. */
function weatherOf(name: string | undefined, message: string): UpdateResult | undefined {
  if (name === 'ResourceInUseException') return { kind: 'busy' };
  // A request that got no answer was taken after all, and is asked for again.
  if (name === 'ValidationException' && /will not change/i.test(message)) return { kind: 'taken' };
  if (name !== 'LimitExceededException') return undefined;
  if (/decrease/i.test(message)) return { kind: 'too-soon', allowedAtMs: allowedAtMs(message) };
  return /simultaneous|concurrent|at the same time/i.test(message) ? { kind: 'busy' } : undefined;
}

/** `Next decrease can be made at Wednesday, July 25, 2018 9:48:14 PM UTC` */
function allowedAtMs(message: string): number | undefined {
  const text = /next decrease can be made at (.+? UTC)/i.exec(message)?.[1];
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

async function faultOf(error: unknown, name: string | undefined, connection: Connection, tableName: string) {
  const { origin } = await connection.endpoint(tableName);
  const fault = importErrorOfSdkError(error, failureContext(connection, tableName, origin));
  const hint = hints[name ?? ''];
  return hint === undefined ? fault : new ImportError(fault.code, fault.message, { hint, cause: error });
}

const hints: Readonly<Record<string, string>> = {
  AccessDeniedException: 'allow dynamodb:UpdateTable, or have someone who may change the capacity before the import',
  LimitExceededException:
    'the units are above a quota of the account or of the table (40,000 unless raised): ask for more in Service Quotas, or for less here',
  ValidationException: 'check that the table is in provisioned mode, and that its write units are within its quotas',
};
