import { systemClock } from '../../adapters/system/system-clock.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { TableInfo } from '../../domain/table.ts';
import {
  allSuspended,
  type CapacityDebt,
  isActive,
  partName,
  type RaisedPart,
  type ScalingTarget,
} from '../../domain/write-capacity.ts';
import type { CapacityBaseline } from '../../limit/choose-rate.ts';
import { beforeRaise, planRaise, withChanges } from '../../limit/plan-raise.ts';
import { defaults, type ImportOptions } from '../../options/import-options.ts';
import { untilActive } from '../../pipeline/capacity/apply-changes.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { type AwsPlace, suspendScalingCommand } from '../../report/aws-commands.ts';
import type { Surroundings } from '../surroundings.ts';

/** A raise that has been looked at from all sides, and not begun. */
export type PreparedRaise = {
  readonly capacity: TableCapacity;
  readonly place: AwsPlace;
  readonly writeUnits: number;
  readonly found: TableInfo;
  /** The table as it will be. */
  readonly table: TableInfo;
  /** What is to be put back, as it looks now. */
  readonly parts: readonly RaisedPart[];
  readonly baseline: CapacityBaseline;
  /** What an earlier process of this run left, or a debt with nothing in it. */
  readonly debt: CapacityDebt;
  readonly scaling: readonly ScalingTarget[];
  /** False where nothing is left to be written, or nothing is asked for: what is owed is put back, and nothing raised. */
  readonly isNeeded: boolean;
};

/** What an import brings along; a plan has none. */
export type ResumedRun = {
  readonly owed: CapacityDebt | undefined;
  /** Nothing is left to be written. */
  readonly isDone: boolean;
};

type RaiseScene = {
  readonly capacity: TableCapacity;
  readonly table: TableInfo;
  readonly options: ImportOptions;
  readonly world: Pick<Surroundings, 'signal' | 'warn'>;
  /** Undefined where nothing is going to be raised. */
  readonly run: ResumedRun | undefined;
};

/**
 * Looks whether the capacity can be raised, without changing anything. Throws ImportError where it must not be.
 * @param writeUnits 0: nothing is to be raised, only what is owed to be put back
 */
export async function prepareRaise(scene: RaiseScene, writeUnits: number): Promise<PreparedRaise> {
  const { capacity, options, run } = scene;
  const owed = run?.owed;
  const isNeeded = run?.isDone !== true && writeUnits > 0;
  if (writeUnits > 0) refuseOnDemand(scene.table, '--raise-wcu', writeUnits);
  if (owed !== undefined) refuseOtherTable(scene.table, owed.tableArn);
  const table = run === undefined || isActive(scene.table) ? scene.table : await activeTable(scene);
  const { changes, parts } = planRaise(table, writeUnits, owed?.parts);
  const place = placeOf(table, options);
  const scaling = parts.length === 0 || !isNeeded ? [] : await scalingInTheWay(scene, parts, place, writeUnits);
  const before = beforeRaise(table, parts);
  const indexes = before.globalIndexes.map(({ name, provisionedWriteUnits = 0 }) => [name, provisionedWriteUnits]);
  warnOfRaise(scene, writeUnits, isNeeded, parts);
  return {
    ...{ capacity, place, writeUnits, parts, scaling, isNeeded, found: table },
    table: withChanges(table, changes),
    baseline: { writeUnits: before.provisionedWriteUnits ?? 0, indexes: Object.fromEntries(indexes) },
    debt: owed ?? emptyDebt(table, options),
  };
}

function warnOfRaise(
  { table: { replicaRegions }, world }: RaiseScene,
  writeUnits: number,
  isNeeded: boolean,
  parts: readonly RaisedPart[],
): void {
  if (writeUnits === 0) return;
  if (!isNeeded) {
    world.warn(`--raise-wcu ${writeUnits}: no row is left to write, so nothing is raised`);
  } else if (parts.length === 0) {
    world.warn(`--raise-wcu ${writeUnits}: table and indexes have that many, nothing is raised`);
  } else if (replicaRegions !== undefined) {
    world.warn(`the write units of the replicas in ${replicaRegions.join(', ')} are raised along with the table's`);
  }
}

function emptyDebt(table: TableInfo, { table: asked, endpointUrl }: ImportOptions): CapacityDebt {
  return {
    tableName: asked,
    tableArn: table.arn,
    region: table.region,
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

/** How long a table may be UPDATING: an hour, since a large raise can take long, or what the operator says. */
export function updateTimeoutMs({ given, stallTimeoutMs }: ImportOptions): number {
  const chosen = given.includes('stallTimeoutMs') || stallTimeoutMs !== defaults.stallTimeoutMs;
  return chosen ? stallTimeoutMs : 3_600_000;
}

async function activeTable({ capacity, options, world }: RaiseScene): Promise<TableInfo> {
  const work = {
    ...{ capacity, clock: systemClock, timeoutMs: updateTimeoutMs(options), signal: world.signal },
    tell: (_change: string, text: string) => world.warn(text),
  };
  const active = await untilActive(work);
  if (active === undefined) throw world.signal.reason;
  if (options.raiseWcu !== undefined) refuseOnDemand(active, '--raise-wcu', options.raiseWcu);
  return active;
}

export function refuseOnDemand({ billing, name, warmWriteUnits }: TableInfo, flag: string, writeUnits: number): void {
  if (billing === 'provisioned') return;
  const instead = flag === '--raise-wcu' ? 'Leave it out and give --wps. ' : '';
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
    hint: 'Check --region and --profile, or put that capacity back first: import-tokens capacity restore DIR',
  });
}

/** Auto scaling that would undo the raise: refused, unless the operator lets it be suspended. */
export async function scalingInTheWay(
  { capacity, table, options, world }: RaiseScene,
  parts: readonly { readonly index: string | undefined }[],
  place: AwsPlace,
  writeUnits: number,
): Promise<readonly ScalingTarget[]> {
  const found = await capacity.scaling(table.globalIndexes.map(({ name }) => name));
  if (found.kind === 'not-checked') {
    world.warn(`auto scaling was not checked (${found.because}); where there is some, it undoes the change`);
    return [];
  }
  const inTheWay = found.targets.filter(
    ({ index, suspended, minWriteUnits }) =>
      parts.some((part) => part.index === index) && minWriteUnits < writeUnits && !isSuspended(suspended),
  );
  if (inTheWay.length === 0 || options.suspendAutoscaling) return inTheWay;
  const names = inTheWay.map(({ index }) => partName(index)).join(', ');
  const commands = inTheWay.map(({ index }) => `\n  ${suspendScalingCommand(place, index, allSuspended)}`).join('');
  throw new ImportError('auto-scaling', `auto scaling sets the write units of ${names}, and would undo the change`, {
    hint: `Give --suspend-autoscaling${afterwards(options)}, or suspend it yourself:${commands}`,
  });
}

function afterwards({ raiseWcu }: ImportOptions): string {
  return raiseWcu === undefined ? '' : ', which lets it go on after the import';
}

function isSuspended({ scaleIn, scaleOut, scheduled }: ScalingTarget['suspended']): boolean {
  return scaleIn && scaleOut && scheduled;
}
