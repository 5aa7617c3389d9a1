import { type AwsPlace, placeFlags } from '../aws-commands.ts';

/** Commands of the AWS CLI that move a limit, to be pasted into a shell. */

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
