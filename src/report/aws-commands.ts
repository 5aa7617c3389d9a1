import { shellWord } from '../domain/format.ts';
import { bareTableName } from '../domain/table.ts';
import type { ProvisionChange, ScalingSuspension } from '../domain/write-capacity.ts';

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
