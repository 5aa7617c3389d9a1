import { ImportError } from '../domain/import-error.ts';
import type { TableInfo } from '../domain/table.ts';

type Amount = { readonly kind: 'units' | 'percent'; readonly value: number };

/** Write units a second, undefined for no limit, and how the figure came to be, for the operator. */
export type ChosenRate = { readonly writeUnitsPerSecond: number | undefined; readonly chosen: string };

/** What holds where neither the operator nor the table gives a figure. */
const cautiousRate = 1000;

/** The rate against a table: what the operator grants, never above what the table has less the reserve. */
export function chooseRate(wps: Amount | undefined, reserve: Amount, table: TableInfo | undefined): ChosenRate {
  if (table === undefined) return rateOfUnknownTable(wps);
  return table.billing === 'provisioned' ? provisionedRate(wps, reserve, table) : onDemandRate(wps, table);
}

/** The rate of a rehearsal: without a figure there is nothing to protect. */
export function rehearsalRate(wps: Amount | undefined, memoryWcu: number | undefined): ChosenRate {
  if (wps?.kind === 'units') return { writeUnitsPerSecond: wps.value, chosen: '--wps' };
  if (wps !== undefined && memoryWcu !== undefined) {
    return { writeUnitsPerSecond: (memoryWcu * wps.value) / 100, chosen: `--wps ${wps.value}% of --memory-wcu` };
  }
  return { writeUnitsPerSecond: undefined, chosen: 'no limit, as --wps is not given' };
}

function rateOfUnknownTable(wps: Amount | undefined): ChosenRate {
  if (wps?.kind === 'units') return { writeUnitsPerSecond: wps.value, chosen: '--wps; the table was not described' };
  throw new ImportError('usage', 'the table may not be described, so its capacity is not known', {
    hint: 'Give the rate as a number: --wps 1000',
  });
}

function provisionedRate(wps: Amount | undefined, reserve: Amount, table: TableInfo): ChosenRate {
  const { units, where } = tightest(table);
  const kept = reserve.kind === 'units' ? reserve.value : (units * reserve.value) / 100;
  const available = units - kept;
  const less = `${where} has ${units} write units provisioned, less ${amountText(reserve)} of --reserve`;
  if (available <= 0) {
    throw new ImportError('usage', `nothing is left to import with: ${less}`, {
      hint: 'Raise the capacity of the table, or lower --reserve.',
    });
  }
  if (wps === undefined) return { writeUnitsPerSecond: available, chosen: less };
  const asked = wps.kind === 'units' ? wps.value : (units * wps.value) / 100;
  if (asked <= available) return { writeUnitsPerSecond: asked, chosen: `--wps ${amountText(wps)}` };
  return { writeUnitsPerSecond: available, chosen: `below --wps ${amountText(wps)}, because ${less}` };
}

function onDemandRate(wps: Amount | undefined, table: TableInfo): ChosenRate {
  const { maxWriteUnits: max, warmWriteUnits: warm } = table;
  const most = max ?? warm;
  const name = max === undefined ? 'warm throughput' : 'maximum throughput';
  if (wps === undefined) {
    return most === undefined
      ? { writeUnitsPerSecond: cautiousRate, chosen: 'a cautious default, as the on-demand table names no figure' }
      : { writeUnitsPerSecond: most, chosen: `the table's ${name}` };
  }
  if (wps.kind === 'units') {
    return max !== undefined && wps.value > max
      ? {
          writeUnitsPerSecond: max,
          chosen: `below --wps ${wps.value}, because the table's maximum throughput is ${max}`,
        }
      : { writeUnitsPerSecond: wps.value, chosen: '--wps' };
  }
  if (most === undefined) {
    throw new ImportError('usage', `--wps ${amountText(wps)} is a share, but the on-demand table names no figure`, {
      hint: 'Give --wps as a number.',
    });
  }
  return { writeUnitsPerSecond: (most * wps.value) / 100, chosen: `${amountText(wps)} of the table's ${name}` };
}

/** The table or index with the fewest write units: an item may go into all of them. */
function tightest(table: TableInfo): { units: number; where: string } {
  let least = { units: table.provisionedWriteUnits ?? 0, where: 'the table' };
  for (const { name, provisionedWriteUnits: units } of table.globalIndexes) {
    if (units !== undefined && units < least.units) least = { units, where: `index "${name}"` };
  }
  return least;
}

function amountText({ kind, value }: Amount): string {
  return kind === 'percent' ? `${value}%` : `${value}`;
}
