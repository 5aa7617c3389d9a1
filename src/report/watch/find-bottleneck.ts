import type { RunWaits } from '../../domain/import-figures.ts';
import type { Bottleneck } from '../../domain/run-summary.ts';

/** Totals at a moment; two of them tell what happened between. */
export type RunTotals = {
  readonly atMs: number;
  readonly permits: number;
  readonly requestsSent: number;
  readonly requestsThrottled: number;
  readonly requestsFailed: number;
  readonly tokensSent: number;
  readonly unprocessedItems: number;
  readonly bytesSent: number;
  /** Time in which the one thread of the process was not idle. */
  readonly loopBusyMs: number;
  readonly waits: RunWaits;
};

/** What else is to be known of the time between. */
export type SpanFacts = {
  /** Permits a second that are granted now, and those that were asked for; null: no limit. */
  readonly rateLimit: number | null;
  readonly askedRate: number | null;
  /** True where an index was slowed down below its own limit. */
  readonly indexSlowed: boolean;
  /** Lowest latency in the span, and in the whole run; 0: not known. */
  readonly lowestMs: number;
  readonly lowestEverMs: number;
  /** Most bytes a second that passed in any stretch of the run. */
  readonly peakBytesPerSecond: number;
};

/** Of all that is sent: more is not weather but want of capacity, or a fault that lasts. */
const muchRefused = 0.05;
const mostOfTheTime = 0.5;
/** Above this the thread itself is what is waited for. */
const busyThread = 0.85;
/** Even the quickest answer takes so many times what it took before: requests queue on the way. */
const queueing = 3;
/** A span too short to say anything of. */
const leastMs = 200;

/** What held the run back between two moments. The first cause that explains the others goes before them. */
export function findBottleneck(from: RunTotals, to: RunTotals, facts: SpanFacts): Bottleneck {
  const spanMs = to.atMs - from.atMs;
  if (spanMs < leastMs) return 'none';
  const share = (name: keyof RunWaits) => (to.waits[name] - from.waits[name]) / spanMs;
  const limited = share('limiterMs') >= mostOfTheTime;
  if (refusedShare(from, to) >= muchRefused || (limited && isSlowed(facts))) return 'table';
  if (failedShare(from, to) >= muchRefused) return 'network';
  const busy = (to.loopBusyMs - from.loopBusyMs) / spanMs >= busyThread;
  if (limited && !(busy && missesLimit(from, to, facts))) return 'limit';
  if (busy) return 'cpu';
  if (share('aheadMs') >= mostOfTheTime) return 'max-ahead';
  if (share('slotsMs') >= mostOfTheTime) return queues(from, to, facts) || isMute(from, to) ? 'network' : 'connections';
  return share('sourceMs') >= mostOfTheTime ? 'source' : 'none';
}

export function refusedShare(from: RunTotals, to: RunTotals): number {
  const throttled = ratio(to.requestsThrottled - from.requestsThrottled, to.requestsSent - from.requestsSent);
  const handedBack = ratio(to.unprocessedItems - from.unprocessedItems, to.tokensSent - from.tokensSent);
  return throttled + handedBack;
}

export function failedShare(from: RunTotals, to: RunTotals): number {
  return ratio(to.requestsFailed - from.requestsFailed, to.requestsSent - from.requestsSent);
}

/** True where the rate was lowered below what was asked for, because the table could not keep up. */
function isSlowed({ rateLimit, askedRate, indexSlowed }: SpanFacts): boolean {
  if (indexSlowed) return true;
  return rateLimit !== null && askedRate !== null && rateLimit < askedRate * 0.98;
}

function missesLimit(from: RunTotals, to: RunTotals, { rateLimit }: SpanFacts): boolean {
  const perSecond = ((to.permits - from.permits) / (to.atMs - from.atMs)) * 1000;
  return rateLimit !== null && perSecond < rateLimit * 0.9;
}

/** No more passes than passed before, and all of it takes longer. */
function queues(from: RunTotals, to: RunTotals, facts: SpanFacts): boolean {
  const { lowestMs, lowestEverMs, peakBytesPerSecond } = facts;
  const bytesPerSecond = ((to.bytesSent - from.bytesSent) / (to.atMs - from.atMs)) * 1000;
  return (
    peakBytesPerSecond > 0 &&
    lowestEverMs > 0 &&
    lowestMs >= lowestEverMs * queueing &&
    bytesPerSecond >= peakBytesPerSecond / 2
  );
}

/** Requests are under way, and none came to an end. */
export function isMute(from: RunTotals, to: RunTotals): boolean {
  return to.requestsSent === from.requestsSent;
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
