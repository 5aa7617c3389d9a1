import { formatCount } from '../domain/format-count.ts';
import { Pace } from '../limit/pace.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunEvent } from '../ports/run-observer.ts';

type PacedReads = {
  readonly clock: Clock;
  readonly readUnitsPerSecond: number;
  /** Of one small item. */
  readonly unitsOfItem: number;
  readonly maxBatchTokens: number;
  readonly warn: (message: string) => void;
};

/** How fast a verification reads: `--rcu`, and below it what the table serves. The arithmetic is that of writes. */
export function openReadPace({ clock, readUnitsPerSecond, unitsOfItem, maxBatchTokens, warn }: PacedReads) {
  const pace = new Pace({
    ...{ clock, maxTokens: maxBatchTokens, maxBodyBytes: Number.POSITIVE_INFINITY },
    observer: { on: tellTurns(warn) },
    rates: { writeUnitsPerSecond: readUnitsPerSecond, chosen: '', indexes: [] },
    smallestBurst: maxBatchTokens * unitsOfItem,
  });
  // As for writes: a request takes at most 5 % of the rate in units, and the burst is that of a full batch.
  const maxTokens = () =>
    Math.max(1, Math.min(maxBatchTokens, Math.floor(pace.batchLimits.maxWriteUnits / unitsOfItem)));
  return { pace, maxTokens };
}

/** The steps in between are many, and of no use to the operator. */
function tellTurns(warn: (message: string) => void): (event: RunEvent) => void {
  let isSlowed = false;
  return (event) => {
    if (event.kind !== 'rate-changed' || event.slowed === isSlowed) return;
    isSlowed = event.slowed;
    const rate = `${formatCount(Math.round(event.ratePerSecond!))} read units a second`;
    warn(isSlowed ? `the table throttles: slowed to ${rate}, and faster again when it serves more` : `back at ${rate}`);
  };
}
