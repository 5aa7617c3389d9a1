import { systemClock } from '../../adapters/system/system-clock.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  allSuspended,
  type CapacityRaise,
  isActive,
  partName,
  type RaisedPart,
  type ScalingTarget,
  type TableInfo,
} from '../../domain/table.ts';
import type { CapacityBaseline } from '../../limit/choose-rate.ts';
import { beforeRaise, planRaise, withChanges } from '../../limit/plan-capacity.ts';
import { defaults, type ImportOptions } from '../../options/import-options.ts';
import { type CapacityWork, untilActive } from '../../pipeline/capacity/apply-changes.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { type AwsPlace, suspendScalingCommand } from '../../report/aws-commands.ts';
import type { Surroundings } from '../surroundings.ts';

/** A raise that can be made, and has not begun. */
export type PreparedRaise = {
  readonly capacity: TableCapacity;
  readonly place: AwsPlace;
  readonly writeUnits: number;
  /** How long the table may stay UPDATING. */
  readonly timeoutMs: number;
  /** Whether it stays raised if the run stops before its end. */
  readonly keepRaised: boolean;
  readonly found: TableInfo;
  /** The table as it will be. */
  readonly table: TableInfo;
  /** What has to be restored, as it looks now. */
  readonly parts: readonly RaisedPart[];
  readonly baseline: CapacityBaseline;
  /** What an earlier process of this run left raised, or a raise of nothing yet. */
  readonly raised: CapacityRaise;
  readonly scaling: readonly ScalingTarget[];
  /** False if no row is left to write or no raise is asked for: then an earlier raise is restored and none is made. */
  readonly isNeeded: boolean;
};

/** What an import knows of itself before it looks at the table; a plan has none, as it raises nothing. */
export type ImportStart = {
  /** What an earlier process left raised. */
  readonly raised: CapacityRaise | undefined;
  readonly hasRowsLeft: boolean;
};

/** Checks that the capacity can be raised, without changing it. Throws ImportError if it must not be. */
export async function prepareRaise(
  capacity: TableCapacity,
  described: TableInfo,
  options: ImportOptions,
  surroundings: Pick<Surroundings, 'signal' | 'warn'>,
  start: ImportStart | undefined,
): Promise<PreparedRaise> {
  const { raiseWcu: writeUnits = 0, keepRaised } = options;
  const isNeeded = start?.hasRowsLeft !== false && writeUnits > 0;
  if (writeUnits > 0) refuseOnDemand(described, '--raise-wcu', writeUnits);
  if (start?.raised !== undefined) refuseOtherTable(described, start.raised.tableArn);
  const table =
    start === undefined || isActive(described) ? described : await activeTable(capacity, options, surroundings);
  const { changes, parts } = planRaise(table, writeUnits, start?.raised?.parts);
  const isRaised = isNeeded && parts.length > 0;
  const scaling = isRaised ? await scalingInTheWay(capacity, table, options, parts, surroundings.warn) : [];
  const before = beforeRaise(table, parts);
  const indexes = before.globalIndexes.map(({ name, provisionedWriteUnits = 0 }) => [name, provisionedWriteUnits]);
  const note = raiseNote(table, writeUnits, isNeeded, parts);
  if (note !== undefined) surroundings.warn(note);
  return {
    capacity,
    place: placeOf(table, options),
    writeUnits,
    timeoutMs: updateTimeoutMs(options),
    keepRaised,
    found: table,
    table: withChanges(table, changes),
    parts,
    baseline: { writeUnits: before.provisionedWriteUnits ?? 0, indexes: Object.fromEntries(indexes) },
    raised: start?.raised ?? emptyRaise(table, options),
    scaling,
    isNeeded,
  };
}

function raiseNote(
  { replicaRegions }: TableInfo,
  writeUnits: number,
  isNeeded: boolean,
  parts: readonly RaisedPart[],
): string | undefined {
  if (writeUnits === 0) return undefined;
  if (!isNeeded) return `--raise-wcu ${writeUnits}: no row is left to write, so nothing is raised`;
  if (parts.length === 0)
    return `--raise-wcu ${writeUnits}: table and indexes already have that many, so nothing is raised`;
  if (replicaRegions === undefined) return undefined;
  return `the write units of the replicas in ${replicaRegions.join(', ')} are raised along with the table's`;
}

function emptyRaise({ arn, region }: TableInfo, { table, endpointUrl }: ImportOptions): CapacityRaise {
  return {
    tableName: table,
    tableArn: arn,
    region,
    endpointUrl,
    since: new Date(systemClock.wallMs()).toISOString(),
    parts: [],
    scaling: [],
    undoCommand: '',
  };
}

export function placeOf({ region }: TableInfo, { table, profile, endpointUrl }: ImportOptions): AwsPlace {
  return { tableName: table, region, profile, endpointUrl };
}

/** How a command changes the capacity, told by `tell`. */
export function capacityWork(
  capacity: TableCapacity,
  options: ImportOptions,
  tell: (text: string) => void,
  signal: AbortSignal | undefined,
): CapacityWork {
  const timeoutMs = updateTimeoutMs(options);
  const work = { capacity, clock: systemClock, timeoutMs, tell: (_change: string, text: string) => tell(text) };
  return signal === undefined ? work : { ...work, signal };
}

/** How long a table may stay UPDATING: an hour, since a large raise can take long, or what the operator says. */
function updateTimeoutMs({ given, stallTimeoutMs }: ImportOptions): number {
  const chosen = given.includes('stallTimeoutMs') || stallTimeoutMs !== defaults.stallTimeoutMs;
  return chosen ? stallTimeoutMs : 3_600_000;
}

async function activeTable(
  capacity: TableCapacity,
  options: ImportOptions,
  { signal, warn }: Pick<Surroundings, 'signal' | 'warn'>,
): Promise<TableInfo> {
  const active = await untilActive(capacityWork(capacity, options, warn, signal));
  if (active === undefined) throw signal.reason;
  if (options.raiseWcu !== undefined) refuseOnDemand(active, '--raise-wcu', options.raiseWcu);
  return active;
}

export function refuseOnDemand({ billing, name, warmWriteUnits }: TableInfo, flag: string, writeUnits: number): void {
  if (billing === 'provisioned') return;
  const instead = flag === '--raise-wcu' ? 'Leave it out and pass --wps. ' : '';
  const warm =
    warmWriteUnits === undefined ? '' : `It is warm for ${formatCount(warmWriteUnits)} write units a second. `;
  throw new ImportError('usage', `${flag}: table ${name} is on demand, so it has no provisioned units`, {
    hint:
      `${instead}${warm}To have more at once, warm it up before; that is charged once, ` +
      `and cannot be lowered again: aws dynamodb update-table --table-name ${name} --warm-throughput WriteUnitsPerSecond=${writeUnits}`,
  });
}

export function refuseOtherTable({ arn }: TableInfo, raisedArn: string): void {
  if (raisedArn === arn) return;
  throw new ImportError('resume-mismatch', `this run raised ${raisedArn}, which is not ${arn}`, {
    hint: 'Check --region and --profile, or restore that capacity first with import-tokens capacity restore DIR.',
  });
}

/** Auto scaling that would undo the raise. Throws ImportError `auto-scaling` unless the operator lets it be suspended. */
export async function scalingInTheWay(
  capacity: TableCapacity,
  table: TableInfo,
  options: ImportOptions,
  parts: readonly { readonly index: string | undefined }[],
  warn: Surroundings['warn'],
): Promise<readonly ScalingTarget[]> {
  const { raiseWcu, suspendAutoscaling } = options;
  const found = await capacity.scaling(table.globalIndexes.map(({ name }) => name));
  if (found.kind === 'not-checked') {
    warn(`auto scaling was not checked (${found.because}); if it is on, it undoes the change`);
    return [];
  }
  const inTheWay = found.targets.filter(
    ({ index, suspended, minWriteUnits }) =>
      parts.some((part) => part.index === index) &&
      minWriteUnits < (raiseWcu ?? Number.POSITIVE_INFINITY) &&
      !isSuspended(suspended),
  );
  if (inTheWay.length === 0 || suspendAutoscaling) return inTheWay;
  const names = inTheWay.map(({ index }) => partName(index)).join(', ');
  const place = placeOf(table, options);
  const commands = inTheWay.map(({ index }) => `\n  ${suspendScalingCommand(place, index, allSuspended)}`).join('');
  const afterwards = raiseWcu === undefined ? '' : ', which resumes it after the import';
  throw new ImportError('auto-scaling', `auto scaling sets the write units of ${names}, and would undo the change`, {
    hint: `Pass --suspend-autoscaling${afterwards}, or suspend it yourself:${commands}`,
  });
}

function isSuspended({ scaleIn, scaleOut, scheduled }: ScalingTarget['suspended']): boolean {
  return scaleIn && scaleOut && scheduled;
}
