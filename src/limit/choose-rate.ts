import { type Amount, amountInWords, amountText, unitsOf } from '../domain/amount.ts';
import { formatCount } from '../domain/format.ts';
import { ImportError } from '../domain/import-error.ts';
import { partName, type TableInfo, type WriteCapacity } from '../domain/table.ts';
import type { Shard } from '../domain/token.ts';

/** Write units a second, undefined for no limit, and how the figure was chosen, for the operator. */
type ChosenRate = { readonly writeUnitsPerSecond: number | undefined; readonly chosen: string };

/** The rate of the table, and of each of its global indexes in their order. */
export type ChosenRates = ChosenRate & { readonly indexes: readonly (ChosenRate & { readonly name: string })[] };

/** Write units that table and indexes had before they were raised for the run, which are left to other users. */
export type CapacityBaseline = {
  readonly writeUnits: number;
  /** By name of the index. */
  readonly indexes: Readonly<Record<string, number>>;
};

/** Units a second if neither the operator nor the table gives a figure. */
const cautiousRate = 1000;

/**
 * The rates for a table: what `--wps` grants, never above what table and index have less the reserve. A number in `--wps`
 * applies to the table, a share to the table and its indexes. Throws ImportError `usage` if nothing is left.
 */
export function chooseRate(
  wps: Amount | undefined,
  reserve: Amount,
  table: TableInfo | undefined,
  baseline?: CapacityBaseline,
): ChosenRates {
  if (table === undefined) return rateOfUnknownTable(wps);
  const { globalIndexes } = table;
  const share = wps?.kind === 'percent' ? wps : undefined;
  if (table.billing === 'on-demand') {
    const indexes = globalIndexes.map((index) => ({ name: index.name, ...onDemandIndexRate(share, index) }));
    return { ...onDemandRate(wps, table), indexes };
  }
  return {
    ...provisionedRate(wps, reserve, table, 'the table', baseline?.writeUnits),
    indexes: globalIndexes.map((index) => ({
      name: index.name,
      ...provisionedRate(share, reserve, index, partName(index.name), baseline?.indexes[index.name]),
    })),
  };
}

/** The rate of a rehearsal, unlimited by default: there is no table to protect. */
export function rehearsalRate(wps: Amount | undefined, memoryWcu: number | undefined): ChosenRates {
  if (wps?.kind === 'units') return { writeUnitsPerSecond: wps.value, chosen: '--wps', indexes: [] };
  if (wps !== undefined && memoryWcu !== undefined) {
    return { writeUnitsPerSecond: unitsOf(wps, memoryWcu), chosen: `--wps ${wps.value}% of --memory-wcu`, indexes: [] };
  }
  return { writeUnitsPerSecond: undefined, chosen: 'no limit without --wps', indexes: [] };
}

function rateOfUnknownTable(wps: Amount | undefined): ChosenRates {
  if (wps?.kind === 'units') {
    return { writeUnitsPerSecond: wps.value, chosen: '--wps; the table was not described', indexes: [] };
  }
  throw new ImportError('usage', 'the table may not be described, so its capacity is not known', {
    hint: 'Pass the rate as a number: --wps 1000',
  });
}

function provisionedRate(
  wps: Amount | undefined,
  reserve: Amount,
  { provisionedWriteUnits: units = 0 }: WriteCapacity,
  where: string,
  baseline = units,
): ChosenRate {
  const raised = units > baseline;
  const reserved = unitsOf(reserve, baseline);
  const kept = raised ? Math.max(reserved, baseline) : unitsOf(reserve, units);
  const available = units - kept;
  const less = `${where} has ${formatCount(units)} write units provisioned, less ${
    raised && kept === baseline
      ? `the ${formatCount(baseline)} that it had before the raise`
      : `${amountInWords(reserve)} of --reserve`
  }`;
  if (available <= 0) {
    throw new ImportError('usage', `nothing is left to import with: ${less}`, {
      hint: 'Raise the capacity of the table, or lower --reserve.',
    });
  }
  if (wps === undefined) return { writeUnitsPerSecond: available, chosen: less };
  const asked = unitsOf(wps, units);
  if (asked <= available) return { writeUnitsPerSecond: asked, chosen: `--wps ${amountText(wps)}` };
  return { writeUnitsPerSecond: available, chosen: `below --wps ${amountText(wps)}, because ${less}` };
}

function onDemandRate(wps: Amount | undefined, table: TableInfo): ChosenRate {
  const { maxWriteUnits: max } = table;
  const known = knownUnits(table);
  if (wps === undefined) {
    return known === undefined
      ? { writeUnitsPerSecond: cautiousRate, chosen: 'a cautious default, because the on-demand table has no figure' }
      : { writeUnitsPerSecond: known.units, chosen: `the table's ${known.name}` };
  }
  if (wps.kind === 'units') {
    return max !== undefined && wps.value > max
      ? {
          writeUnitsPerSecond: max,
          chosen: `below --wps ${wps.value}, because the table's maximum throughput is ${formatCount(max)}`,
        }
      : { writeUnitsPerSecond: wps.value, chosen: '--wps' };
  }
  if (known === undefined) {
    throw new ImportError('usage', `${amountText(wps)} is a share, but the on-demand table has no figure`, {
      hint: 'Pass --wps as a number.',
    });
  }
  return {
    writeUnitsPerSecond: unitsOf(wps, known.units),
    chosen: `${amountText(wps)} of the table's ${known.name}`,
  };
}

/** An index without a figure takes what the table takes, until it throttles. */
function onDemandIndexRate(share: Amount | undefined, index: WriteCapacity): ChosenRate {
  const { maxWriteUnits: max } = index;
  const known = knownUnits(index);
  if (share !== undefined && known !== undefined) {
    return {
      writeUnitsPerSecond: unitsOf(share, known.units),
      chosen: `${amountText(share)} of its ${known.name}`,
    };
  }
  if (max === undefined) return { writeUnitsPerSecond: undefined, chosen: 'no limit of its own' };
  return { writeUnitsPerSecond: max, chosen: 'its maximum throughput' };
}

function knownUnits({ maxWriteUnits, warmWriteUnits }: WriteCapacity): { units: number; name: string } | undefined {
  if (maxWriteUnits !== undefined) return { units: maxWriteUnits, name: 'maximum throughput' };
  return warmWriteUnits === undefined ? undefined : { units: warmWriteUnits, name: 'warm throughput' };
}

/** Read units a second, and how the figure was chosen, for the operator. */
type ChosenReadRate = { readonly readUnitsPerSecond: number; readonly chosen: string };

/** What `--rcu` grants, never above what the table has provisioned less the reserve. Throws ImportError `usage`. */
export function chooseReadRate(rcu: number | undefined, reserve: Amount, table: TableInfo | undefined): ChosenReadRate {
  const provisioned = table?.provisionedReadUnits;
  if (provisioned === undefined) {
    return rcu === undefined
      ? { readUnitsPerSecond: cautiousRate, chosen: 'a cautious default; --rcu changes it' }
      : { readUnitsPerSecond: rcu, chosen: '--rcu' };
  }
  const available = provisioned - unitsOf(reserve, provisioned);
  const less = `the table has ${formatCount(provisioned)} read units provisioned, less ${amountInWords(reserve)} of --reserve`;
  if (available <= 0) {
    throw new ImportError('usage', `nothing is left to read with: ${less}`, { hint: 'Lower --reserve.' });
  }
  if (rcu === undefined) return { readUnitsPerSecond: available, chosen: less };
  if (rcu <= available) return { readUnitsPerSecond: rcu, chosen: '--rcu' };
  return { readUnitsPerSecond: available, chosen: `below --rcu ${rcu}, because ${less}` };
}

/** The rates of one shard: each shard takes an equal part of what all may write, so that their sum is a hard limit. */
export function shareRates({ indexes, ...table }: ChosenRates, { count }: Shard): ChosenRates {
  return { ...shareRate(table, count), indexes: indexes.map((index) => ({ ...index, ...shareRate(index, count) })) };
}

/** The same for reads. */
export function shareReadRate(rate: ChosenReadRate, shard: Shard | undefined): ChosenReadRate {
  if (shard === undefined) return rate;
  const { readUnitsPerSecond: whole, chosen } = rate;
  return { readUnitsPerSecond: whole / shard.count, chosen: shareText(whole, shard.count, chosen) };
}

/** Permits of the largest burst that a shard may have whatever its rate, so that all shards together have that of one process. */
export function shareBurst(permits: number, shard: Shard | undefined): number {
  return Math.max(1, Math.floor(permits / (shard?.count ?? 1)));
}

type Rate = Pick<ChosenRates, 'writeUnitsPerSecond' | 'chosen'>;

function shareRate({ writeUnitsPerSecond, chosen }: Rate, count: number): Rate {
  if (writeUnitsPerSecond === undefined) return { writeUnitsPerSecond, chosen };
  return {
    writeUnitsPerSecond: writeUnitsPerSecond / count,
    chosen: shareText(writeUnitsPerSecond, count, chosen),
  };
}

function shareText(whole: number, count: number, chosen: string): string {
  return `1/${count} of ${formatCount(whole)} (${chosen})`;
}
