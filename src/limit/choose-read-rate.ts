import { type Amount, amountInWords, unitsOf } from '../domain/amount.ts';
import { formatCount } from '../domain/format-count.ts';
import { ImportError } from '../domain/import-error.ts';
import type { TableInfo } from '../domain/table.ts';

/** Read units a second, and how the figure came to be, for the operator. */
export type ChosenReadRate = { readonly readUnitsPerSecond: number; readonly chosen: string };

/** What holds where neither the operator nor the table gives a figure. */
const cautiousRate = 1000;

/** What the operator grants, never above what the table has provisioned less the reserve. */
export function chooseReadRate(rcu: number | undefined, reserve: Amount, table: TableInfo | undefined): ChosenReadRate {
  const provisioned = table?.provisionedReadUnits;
  if (provisioned === undefined) {
    return rcu === undefined
      ? { readUnitsPerSecond: cautiousRate, chosen: 'a cautious default; --rcu says otherwise' }
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
