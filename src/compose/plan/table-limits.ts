import type { Amount } from '../../domain/amount.ts';
import { partitionUnitsPerSecond } from '../../domain/source-measure.ts';
import { knownValue, type TableAttachments, type TableInfo } from '../../domain/table.ts';
import {
  type AwsPlace,
  onDemandMaximumCommand,
  quotaCommand,
  updateTableCommand,
  warmThroughputCommand,
} from '../../report/aws-commands.ts';
import type { Limit } from '../../report/plan/estimate-text.ts';
import { provisionChange } from './faster-pace.ts';
import { type LoadedPart, neededUnits, partLabel } from './loaded-parts.ts';

type Present = {
  readonly table: TableInfo | undefined;
  readonly attachments: TableAttachments;
  readonly reserve: Amount;
  readonly place: AwsPlace;
};

/** Write units a second that a table on demand takes at once when it is new. */
const coldUnitsPerSecond = 4000;

/** Every bound on the pace whose figure is known, the table's own first. */
export function limitsOf(parts: readonly LoadedPart[], present: Present): readonly Limit[] {
  const { table } = present;
  if (table === undefined) return [partition];
  const own = table.billing === 'on-demand' ? onDemandLimits : provisionedLimits;
  return [...own(parts, present), ...quotaLimits(parts, present), partition];
}

const partition: Limit = {
  of: 'each partition key',
  kind: 'partition',
  unitsPerSecond: partitionUnitsPerSecond,
  holdsBack: false,
};

function provisionedLimits(parts: readonly LoadedPart[], { reserve, place }: Present): readonly Limit[] {
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

function onDemandLimits(parts: readonly LoadedPart[], { place }: Present): readonly Limit[] {
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

function quotaLimits(parts: readonly LoadedPart[], { table, attachments, reserve, place }: Present): readonly Limit[] {
  const quotas = knownValue(attachments.quotas);
  if (quotas === undefined) return [];
  const isProvisioned = table?.billing === 'provisioned';
  const wanted = parts.map(({ askedPerSecond = 0 }) =>
    isProvisioned ? neededUnits(askedPerSecond, reserve) : Math.ceil(askedPerSecond),
  );
  const quota = (of: 'table' | 'account', unitsPerSecond: number, asked: number): Limit => {
    const holdsBack = unitsPerSecond < asked;
    return {
      of: of === 'table' ? 'any table or index' : 'the account',
      kind: `${of}-quota`,
      ...{ unitsPerSecond, holdsBack },
      ...(holdsBack && { command: quotaCommand(place, of, asked) }),
    };
  };
  const ofTable = quota('table', quotas.tableWriteUnits, Math.max(...wanted));
  const sum = wanted.reduce((total, units) => total + units, 0);
  return isProvisioned ? [ofTable, quota('account', quotas.accountWriteUnits, sum)] : [ofTable];
}
