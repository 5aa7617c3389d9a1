import type {
  ApplicationAutoScalingClient,
  ApplicationAutoScalingClientConfig,
  ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import type {
  GlobalSecondaryIndexUpdate,
  ProvisionedThroughput,
  UpdateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { ImportError } from '../../../domain/import-error.ts';
import {
  bareTableName,
  type ProvisionChange,
  type ScalingSuspension,
  type ScalingTarget,
  type WarmChange,
} from '../../../domain/table.ts';
import type { ScalingFindings, TableCapacity, UpdateResult } from '../../../ports/table-capacity.ts';
import { sdkConfig } from '../../aws/credentials.ts';
import type { Connection } from '../connection.ts';
import { importErrorOfSdkError } from '../sdk-failure.ts';
import { failureContext } from '../service-failure.ts';
import { describeTable } from './describe-table.ts';

export function createTableCapacity(connection: Connection, tableName: string): TableCapacity {
  const scaling = new AutoScaling(connection, tableName);
  return {
    describe: () => describeTable(connection, tableName),
    update: (changes) => updateTable(connection, provisionInput(tableName, changes)),
    warm: (changes) => updateTable(connection, warmInput(tableName, changes), warmHints),
    scaling: (indexes) => scaling.find(indexes),
    suspendScaling: (index, suspended) => scaling.suspend(index, suspended),
  };
}

async function updateTable(
  connection: Connection,
  input: UpdateTableCommandInput & { readonly TableName: string },
  hintOf: Readonly<Record<string, string>> = hints,
): Promise<UpdateResult> {
  const { UpdateTableCommand } = await import('@aws-sdk/client-dynamodb');
  try {
    await connection.client.send(new UpdateTableCommand(input));
    return { kind: 'taken' };
  } catch (error) {
    const { name, message = '' } = error as { name?: string; message?: string };
    const weather = weatherOf(name, message);
    if (weather !== undefined) return weather;
    throw await faultOf(error, hintOf[name ?? ''], connection, input.TableName);
  }
}

function provisionInput(tableName: string, changes: readonly ProvisionChange[]) {
  const table = changes.find(({ index }) => index === undefined);
  const indexes = changes.filter(({ index }) => index !== undefined);
  return {
    TableName: tableName,
    ...(table !== undefined && { ProvisionedThroughput: throughput(table) }),
    ...(indexes.length > 0 && { GlobalSecondaryIndexUpdates: indexes.map(indexUpdate) }),
  };
}

function warmInput(tableName: string, changes: readonly WarmChange[]) {
  const warmOf = ({ writeUnits }: WarmChange) => ({ WriteUnitsPerSecond: writeUnits });
  const table = changes.find(({ index }) => index === undefined);
  const indexes = changes.filter(({ index }) => index !== undefined);
  return {
    TableName: tableName,
    ...(table !== undefined && { WarmThroughput: warmOf(table) }),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexUpdates: indexes.map((change) => ({
        Update: { IndexName: change.index!, WarmThroughput: warmOf(change) },
      })),
    }),
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

async function faultOf(error: unknown, hint: string | undefined, connection: Connection, tableName: string) {
  const { origin } = await connection.endpoint(tableName);
  const fault = importErrorOfSdkError(error, failureContext(connection, tableName, origin));
  return hint === undefined ? fault : new ImportError(fault.code, fault.message, { hint, cause: error });
}

const hints: Readonly<Record<string, string>> = {
  AccessDeniedException: 'allow dynamodb:UpdateTable, or have someone who may change the capacity before the import',
  LimitExceededException:
    'the units are above a quota of the account or of the table (40,000 unless raised): ask for more in Service Quotas, or for less here',
  ValidationException: 'check that the table is in provisioned mode, and that its write units are within its quotas',
};

const warmHints: typeof hints = {
  ...hints,
  ValidationException:
    'Check with import-tokens capacity show: warm throughput can only be raised, and within the quotas.',
};

/** The most tables and indexes that one request may ask for. */
const mostResources = 50;

/** Application Auto Scaling, as far as it sets the write units of one table. */
class AutoScaling {
  readonly #connection: Connection;
  readonly #tableName: string;
  #client: Promise<ApplicationAutoScalingClient> | undefined;

  constructor(connection: Connection, tableName: string) {
    this.#connection = connection;
    this.#tableName = tableName;
  }

  async find(indexes: readonly string[]): Promise<ScalingFindings> {
    const { DescribeScalableTargetsCommand } = await import('@aws-sdk/client-application-auto-scaling');
    const resources = [undefined, ...indexes].map((index) => resourceId(this.#tableName, index));
    const targets: ScalingTarget[] = [];
    try {
      for (let from = 0; from < resources.length; from += mostResources) {
        const ResourceIds = resources.slice(from, from + mostResources);
        let NextToken: string | undefined;
        do {
          const input = { ServiceNamespace: 'dynamodb', ResourceIds, NextToken } as const;
          const page = await (await this.#connected()).send(new DescribeScalableTargetsCommand(input));
          targets.push(...(page.ScalableTargets ?? []).filter(isOfWrites).map(scalingTarget));
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
      }
      return { kind: 'known', targets };
    } catch (error) {
      return { kind: 'not-checked', because: reasonOf(error) };
    }
  }

  async suspend(index: string | undefined, { scaleIn, scaleOut, scheduled }: ScalingSuspension): Promise<void> {
    const { RegisterScalableTargetCommand } = await import('@aws-sdk/client-application-auto-scaling');
    const command = new RegisterScalableTargetCommand({
      ServiceNamespace: 'dynamodb',
      ResourceId: resourceId(this.#tableName, index),
      ScalableDimension: index === undefined ? tableWrites : indexWrites,
      SuspendedState: {
        DynamicScalingInSuspended: scaleIn,
        DynamicScalingOutSuspended: scaleOut,
        ScheduledScalingSuspended: scheduled,
      },
    });
    try {
      await (await this.#connected()).send(command);
    } catch (error) {
      throw await this.#faultOf(error);
    }
  }

  #connected(): Promise<ApplicationAutoScalingClient> {
    this.#client ??= openClient(this.#connection, this.#tableName);
    return this.#client;
  }

  async #faultOf(error: unknown): Promise<ImportError> {
    const fault = importErrorOfSdkError(error, failureContext(this.#connection, this.#tableName, serviceName));
    if (fault.code !== 'access-denied') return fault;
    return new ImportError('access-denied', fault.message, {
      hint: 'Allow application-autoscaling:RegisterScalableTarget.',
      cause: error,
    });
  }
}

const serviceName = 'Application Auto Scaling';
const tableWrites = 'dynamodb:table:WriteCapacityUnits';
const indexWrites = 'dynamodb:index:WriteCapacityUnits';

async function openClient(connection: Connection, tableName: string): Promise<ApplicationAutoScalingClient> {
  const { ApplicationAutoScalingClient } = await import('@aws-sdk/client-application-auto-scaling');
  const { endpoint: _endpoint, ...config } = sdkConfig(connection.options, () => connection.credentials);
  const { origin } = await connection.endpoint(tableName);
  return new ApplicationAutoScalingClient({
    ...config,
    region: connection.region,
    maxAttempts: connection.client.config.maxAttempts,
    requestHandler: connection.client.config.requestHandler,
    ...(isOfAws(origin) ? {} : { endpoint: origin }),
  } as ApplicationAutoScalingClientConfig);
}

/** What stands in for AWS answers for all services at one address; a real endpoint, private or not, only for its own. */
function isOfAws(origin: string): boolean {
  return /\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/.test(new URL(origin).hostname);
}

function resourceId(tableName: string, index: string | undefined): string {
  const table = `table/${bareTableName(tableName)}`;
  return index === undefined ? table : `${table}/index/${index}`;
}

function isOfWrites({ ScalableDimension }: ScalableTarget): boolean {
  return ScalableDimension === tableWrites || ScalableDimension === indexWrites;
}

function scalingTarget({ ResourceId, MinCapacity, MaxCapacity, SuspendedState }: ScalableTarget): ScalingTarget {
  return {
    index: ResourceId?.split('/index/')[1],
    minWriteUnits: MinCapacity ?? 0,
    maxWriteUnits: MaxCapacity ?? 0,
    suspended: {
      scaleIn: SuspendedState?.DynamicScalingInSuspended ?? false,
      scaleOut: SuspendedState?.DynamicScalingOutSuspended ?? false,
      scheduled: SuspendedState?.ScheduledScalingSuspended ?? false,
    },
  };
}

/** Not being able to look is no reason to stop, but one to say so. */
function reasonOf(error: unknown): string {
  const { name = '', code } = error as { name?: string; code?: string };
  if (name === 'AccessDeniedException') return 'needs application-autoscaling:DescribeScalableTargets';
  if (/^(SyntaxError|Unknown)/.test(name)) return `the endpoint does not know ${serviceName}`;
  return `no answer from ${serviceName}: ${code ?? name}`;
}
