import type {
  ApplicationAutoScalingClient,
  ApplicationAutoScalingClientConfig,
  ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import { ImportError } from '../../../domain/import-error.ts';
import { bareTableName } from '../../../domain/table.ts';
import type { ScalingSuspension, ScalingTarget } from '../../../domain/write-capacity.ts';
import type { ScalingFindings } from '../../../ports/table-capacity.ts';
import { type Connection, sdkConfig } from '../connection.ts';
import { importErrorOfSdkError } from '../sdk-failure.ts';
import { failureContext } from '../service-failure.ts';

/** The service answers for so many tables and indexes at once. */
const mostResources = 50;

/** Application Auto Scaling, as far as it sets the write units of one table. */
export class AutoScaling {
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
