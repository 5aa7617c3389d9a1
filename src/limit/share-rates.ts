import { formatCount } from '../domain/format.ts';
import type { Shard } from '../domain/token.ts';
import type { ChosenRates, ChosenReadRate } from './choose-rate.ts';

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
