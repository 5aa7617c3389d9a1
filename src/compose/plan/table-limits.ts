import { type Amount, unitsOf } from '../../domain/amount.ts';
import { type PartLoad, secondsWithRamp, slowestPart } from '../../domain/import-estimate.ts';
import { partitionUnitsPerSecond } from '../../domain/source-measure.ts';
import {
  capacityParts,
  knownValue,
  type ProvisionChange,
  type TableAttachments,
  type TableInfo,
  type WriteCapacity,
} from '../../domain/table.ts';
import type { ChosenRates } from '../../limit/choose-rate.ts';
import {
  type AwsPlace,
  onDemandMaximumCommand,
  quotaCommand,
  updateTableCommand,
  warmThroughputCommand,
} from '../../report/aws-commands.ts';
import type { FasterPace, ImportEstimate, Limit } from '../../report/plan/estimate-text.ts';

/** Write units a second that a new on-demand table takes at once. */
const coldUnitsPerSecond = 4000;

/** Every known limit of the pace, the table's own first. */
export function limitsOf(
  parts: readonly PartDemand[],
  table: TableInfo | undefined,
  attachments: TableAttachments,
  reserve: Amount,
  place: AwsPlace,
): readonly Limit[] {
  if (table === undefined) return [partition];
  const isProvisioned = table.billing === 'provisioned';
  return [
    ...(isProvisioned ? provisionedLimits(parts, reserve, place) : onDemandLimits(parts, place)),
    ...quotaLimits(parts, isProvisioned, attachments, reserve, place),
    partition,
  ];
}

const partition: Limit = {
  of: 'each partition key',
  kind: 'partition',
  unitsPerSecond: partitionUnitsPerSecond,
  holdsBack: false,
};

function provisionedLimits(parts: readonly PartDemand[], reserve: Amount, place: AwsPlace): readonly Limit[] {
  return parts.map((part) => {
    const change = provisionChange(part, reserve);
    return {
      of: partLabel(part.index),
      kind: 'provisioned',
      unitsPerSecond: part.capacity?.provisionedWriteUnits ?? 0,
      holdsBack: change !== undefined,
      ...(change !== undefined && { command: updateTableCommand(place, [change]) }),
    };
  });
}

function onDemandLimits(parts: readonly PartDemand[], place: AwsPlace): readonly Limit[] {
  return parts.flatMap(({ index, askedPerSecond = 0, capacity }) => {
    const of = partLabel(index);
    const asked = Math.ceil(askedPerSecond);
    const limit = (kind: Limit['kind'], unitsPerSecond: number, command: string): Limit => {
      const holdsBack = unitsPerSecond < askedPerSecond;
      return { of, kind, unitsPerSecond, holdsBack, ...(holdsBack && { command }) };
    };
    const { maxWriteUnits: max, warmWriteUnits: warm } = capacity ?? {};
    const warmUp = warmThroughputCommand(place, index, asked);
    return [
      ...(max === undefined ? [] : [limit('maximum', max, onDemandMaximumCommand(place, index, asked))]),
      warm === undefined ? limit('cold', coldUnitsPerSecond, warmUp) : limit('warm', warm, warmUp),
    ];
  });
}

function quotaLimits(
  parts: readonly PartDemand[],
  isProvisioned: boolean,
  attachments: TableAttachments,
  reserve: Amount,
  place: AwsPlace,
): readonly Limit[] {
  const quotas = knownValue(attachments.quotas);
  if (quotas === undefined) return [];
  const wanted = parts.map(({ askedPerSecond = 0 }) =>
    isProvisioned ? neededUnits(askedPerSecond, reserve) : Math.ceil(askedPerSecond),
  );
  const quota = (of: 'table' | 'account', unitsPerSecond: number, asked: number): Limit => {
    const holdsBack = unitsPerSecond < asked;
    return {
      of: of === 'table' ? 'any table or index' : 'the account',
      kind: `${of}-quota`,
      unitsPerSecond,
      holdsBack,
      ...(holdsBack && { command: quotaCommand(place, of, asked) }),
    };
  };
  const ofTable = quota('table', quotas.tableWriteUnits, Math.max(...wanted));
  const sum = wanted.reduce((total, units) => total + units, 0);
  return isProvisioned ? [ofTable, quota('account', quotas.accountWriteUnits, sum)] : [ofTable];
}

/** A difference below this is not worth a command. */
const leastGain = 1.01;

/** The pace that is asked for, if the table as it is allows less. */
export function fasterPace(
  parts: readonly PartDemand[],
  table: TableInfo | undefined,
  reserve: Amount,
  secondsNow: number | undefined,
  place: AwsPlace,
): FasterPace | undefined {
  const asked = parts.map((part) => ({ ...part, unitsPerSecond: part.askedPerSecond }));
  const seconds = slowestPart(asked)?.seconds;
  const unitsPerSecond = asked[0]?.unitsPerSecond;
  if (seconds === undefined || secondsNow === undefined || unitsPerSecond === undefined) return undefined;
  if (secondsNow <= seconds * leastGain) return undefined;
  if (table?.billing === 'on-demand') {
    const command = onDemandCommand(parts, place);
    return { unitsPerSecond, seconds, ...(command !== undefined && { command }) };
  }
  const lacking = parts.filter((part) => provisionChange(part, reserve) !== undefined);
  if (lacking.length === 0) return { unitsPerSecond, seconds };
  return {
    unitsPerSecond,
    seconds,
    flag: `--raise-wcu ${Math.max(...lacking.map((part) => raisedUnits(part, reserve)))}`,
    command: updateTableCommand(
      place,
      lacking.map((part) => provisionChange(part, reserve)!),
    ),
  };
}

/** The time with the ramp of the part that takes longest; undefined if the table is provisioned, or warm for the rate. */
export function rampOf(parts: readonly PartDemand[], table: TableInfo | undefined): ImportEstimate['ramp'] {
  if (table?.billing !== 'on-demand') return undefined;
  let slowest: ImportEstimate['ramp'];
  let isCold = false;
  for (const { writeUnits, askedPerSecond, capacity, ...part } of parts) {
    const unitsPerSecond = part.unitsPerSecond ?? askedPerSecond;
    if (unitsPerSecond === undefined) continue;
    const startUnitsPerSecond = capacity?.warmWriteUnits ?? coldUnitsPerSecond;
    const seconds = secondsWithRamp(writeUnits, unitsPerSecond, startUnitsPerSecond);
    isCold ||= unitsPerSecond > startUnitsPerSecond;
    if (seconds > (slowest?.seconds ?? 0)) slowest = { seconds, startUnitsPerSecond };
  }
  return isCold ? slowest : undefined;
}

/** What has to be provisioned for what is asked of the part, if that is more than it has. */
function provisionChange(
  { index, askedPerSecond, unitsPerSecond, capacity }: PartDemand,
  reserve: Amount,
): ProvisionChange | undefined {
  const present = capacity?.provisionedWriteUnits;
  if (askedPerSecond === undefined || present === undefined) return undefined;
  // A run gets all of what it raised except what was there before.
  if (unitsPerSecond !== undefined && unitsPerSecond * leastGain >= askedPerSecond) return undefined;
  const writeUnits = neededUnits(askedPerSecond, reserve);
  return writeUnits <= present ? undefined : { index, writeUnits, readUnits: capacity?.provisionedReadUnits ?? 1 };
}

/** For the table only: an index has a command next to its limit. */
function onDemandCommand([table]: readonly PartDemand[], place: AwsPlace): string | undefined {
  const { askedPerSecond = 0, capacity } = table!;
  const max = capacity?.maxWriteUnits;
  if (max === undefined || max >= askedPerSecond) return undefined;
  return onDemandMaximumCommand(place, undefined, Math.ceil(askedPerSecond));
}

/** What the table or an index has, what it is sent at its rate, and what is asked of it. */
export type PartDemand = PartLoad & {
  readonly capacity: WriteCapacity | undefined;
  /** Write units a second that the import needs of it; undefined if no pace is asked for. */
  readonly askedPerSecond: number | undefined;
};

/** `--wps` counts the table's units; each index is asked for its share of them. */
export function partDemands(
  { writeUnits, indexUnits }: { readonly writeUnits: number; readonly indexUnits: readonly number[] },
  rate: ChosenRates,
  table: TableInfo | undefined,
  wps: Amount | undefined,
): PartDemand[] {
  const asked = wps?.kind === 'units' ? wps.value : rate.writeUnitsPerSecond;
  const capacities = table === undefined ? [] : capacityParts(table);
  const part = (units: number, chosen: number | undefined, place: number, index?: string): PartDemand => ({
    ...(index !== undefined && { index }),
    writeUnits: units,
    unitsPerSecond: chosen,
    capacity: capacities[place],
    askedPerSecond: asked === undefined || writeUnits === 0 ? undefined : (asked * units) / writeUnits,
  });
  return [
    part(writeUnits, rate.writeUnitsPerSecond, 0),
    ...rate.indexes.map(({ name, writeUnitsPerSecond }, i) =>
      part(indexUnits[i] ?? 0, writeUnitsPerSecond, i + 1, name),
    ),
  ];
}

/** For messages. */
export function partLabel(index: string | undefined): string {
  return index === undefined ? 'the table' : `index ${index}`;
}

/** What has to be provisioned so that `unitsPerSecond` are left above the reserve. */
export function neededUnits(unitsPerSecond: number, reserve: Amount): number {
  const needed = reserve.kind === 'units' ? unitsPerSecond + reserve.value : unitsPerSecond / (1 - reserve.value / 100);
  // The rounding error of a float is not a unit.
  return Math.ceil(needed - 1e-6);
}

/** What the part has to be raised to, so that what is asked comes on top of what production had before. */
export function raisedUnits({ askedPerSecond = 0, capacity }: PartDemand, reserve: Amount): number {
  const present = capacity?.provisionedWriteUnits ?? 0;
  return Math.ceil(askedPerSecond + Math.max(present, unitsOf(reserve, present)) - 1e-6);
}
