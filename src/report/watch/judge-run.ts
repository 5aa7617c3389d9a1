import type { Bottleneck } from '../../domain/run-summary.ts';
import { delta, failedShare, isUnanswered, type RunTotals, refusedShare } from '../../domain/run-totals.ts';
import { type ThrottleCause, throttledParts } from '../../domain/write-result.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import { formatBitRate, formatCount, formatMs } from '../format.ts';
import type { Billing, Snapshot } from './run-context.ts';
import type { RunCounted } from './run-stats.ts';

/** What the run was told. */
export type JudgedRun = {
  /** Write units a second that were asked for; null: no limit. */
  readonly askedRate: number | null;
  readonly concurrency: number;
  readonly maxAhead: number;
  readonly billing?: Billing | undefined;
};

/** How fast a run may go. */
export type Pace = {
  /** Permits a second granted now, and those asked for; null: no limit. */
  readonly rateLimit: number | null;
  readonly askedRate: number | null;
  /** True if an index was slowed down below its own limit. */
  readonly indexSlowed: boolean;
};

/** What the way to the table has shown of itself. */
export type Line = {
  /** Lowest latency of the last seconds, and of the whole run; 0: not known. */
  readonly lowestMs: number;
  readonly lowestEverMs: number;
  /** Most bytes a second that passed in any stretch of the run. */
  readonly peakBytesPerSecond: number;
};

/** What holds a run back, and what to do about it. */
export type Judgement = {
  readonly bottleneck: Bottleneck;
  /** One line; empty if nothing holds it back. */
  readonly advice: string;
};

/** Seconds over which a run is judged, latencies too. */
export const recentSeconds = 5;

/** Says what holds a run back, in the last seconds and for most of its time. */
export class RunJudge {
  readonly #run: JudgedRun;
  readonly #slowedIndexes = new Set<string>();
  readonly #secondsHeldBy = new Map<Bottleneck, number>();
  #lowestMs: number[] = [];
  #lowestEverMs = 0;
  #peakBytesPerSecond = 0;

  constructor(run: JudgedRun) {
    this.#run = run;
  }

  on(event: RunEvent): void {
    if (event.kind !== 'rate-changed' || event.index === undefined) return;
    if (event.slowed) this.#slowedIndexes.add(event.index);
    else this.#slowedIndexes.delete(event.index);
  }

  /** Judges the time between two snapshots, the last `newMs` of it for the first time; `lowestMs`: latency in it, 0: none. */
  judge(from: Snapshot, to: Snapshot, newMs: number, lowestMs: number): Judgement {
    if (lowestMs > 0) this.#lowestEverMs = Math.min(this.#lowestEverMs || lowestMs, lowestMs);
    this.#lowestMs = [...this.#lowestMs.slice(1 - recentSeconds), lowestMs];
    const span = delta(from, to);
    // What connections take at once when they open is a burst, no rate: hence no time shorter than the window.
    const seconds = Math.max(span.durationMs / 1000, recentSeconds);
    this.#peakBytesPerSecond = Math.max(this.#peakBytesPerSecond, span.bytesSent / seconds);
    const bottleneck = findBottleneck(span, this.#pace(to), this.#line());
    this.#secondsHeldBy.set(bottleneck, (this.#secondsHeldBy.get(bottleneck) ?? 0) + newMs / 1000);
    return { bottleneck, advice: this.#advice(bottleneck, span, to) };
  }

  /** Judges most of the time between the snapshots of beginning and end. */
  judgeWhole(from: Snapshot, to: Snapshot): Judgement {
    let bottleneck: Bottleneck = 'none';
    for (const [kind, seconds] of this.#secondsHeldBy) {
      if (seconds > (this.#secondsHeldBy.get(bottleneck) ?? 0)) bottleneck = kind;
    }
    return { bottleneck, advice: this.#advice(bottleneck, delta(from, to), to) };
  }

  #advice(bottleneck: Bottleneck, span: RunTotals, to: Snapshot): string {
    return bottleneckAdvice(bottleneck, span, this.#run, this.#pace(to), to, this.#peakBytesPerSecond);
  }

  #pace({ ratePerSecond, limitPerSecond }: Snapshot): Pace {
    return {
      rateLimit: ratePerSecond ?? null,
      askedRate: limitPerSecond ?? this.#run.askedRate,
      indexSlowed: this.#slowedIndexes.size > 0,
    };
  }

  #line(): Line {
    const known = this.#lowestMs.filter((ms) => ms > 0);
    return {
      lowestMs: known.length === 0 ? 0 : Math.min(...known),
      lowestEverMs: this.#lowestEverMs,
      peakBytesPerSecond: this.#peakBytesPerSecond,
    };
  }
}

/** Of all that is sent: more is not a passing fault but want of capacity, or a fault that lasts. */
const muchRefused = 0.05;
const mostOfTheTime = 0.5;
/** Above this the thread itself is what is waited for. */
const busyThread = 0.85;
/** If even the quickest answer takes this many times as long as before, requests queue on the way. */
const queueing = 3;
/** A span too short to say anything of. */
const leastMs = 200;

/** What held the run back in a stretch of time. The first cause that explains the others goes before them. */
export function findBottleneck(span: RunTotals, pace: Pace, line: Line): Bottleneck {
  const { durationMs } = span;
  if (durationMs < leastMs) return 'none';
  const limited = span.limiterWaitMs >= durationMs * mostOfTheTime;
  if (refusedShare(span) >= muchRefused || (limited && isSlowed(pace))) return 'table';
  if (failedShare(span) >= muchRefused) return 'network';
  const busy = span.loopBusyMs >= durationMs * busyThread;
  if (limited && !(busy && missesLimit(span, pace))) return 'limit';
  if (busy) return 'cpu';
  if (span.aheadWaitMs >= durationMs * mostOfTheTime) return 'max-ahead';
  if (span.slotWaitMs >= durationMs * mostOfTheTime) {
    return queues(span, line) || isUnanswered(span) ? 'network' : 'connections';
  }
  return span.sourceWaitMs >= durationMs * mostOfTheTime ? 'source' : 'none';
}

/** True if the rate was lowered below what was asked for, because the table could not keep up. */
function isSlowed({ rateLimit, askedRate, indexSlowed }: Pace): boolean {
  if (indexSlowed) return true;
  return rateLimit !== null && askedRate !== null && rateLimit < askedRate * 0.98;
}

function missesLimit({ permits, durationMs }: RunTotals, { rateLimit }: Pace): boolean {
  return rateLimit !== null && (permits / durationMs) * 1000 < rateLimit * 0.9;
}

/** No more passes than passed before, and all of it takes longer. */
function queues({ bytesSent, durationMs }: RunTotals, { lowestMs, lowestEverMs, peakBytesPerSecond }: Line): boolean {
  return (
    peakBytesPerSecond > 0 &&
    lowestEverMs > 0 &&
    lowestMs >= lowestEverMs * queueing &&
    (bytesSent / durationMs) * 1000 >= peakBytesPerSecond / 2
  );
}

/** If the mean latency is more than this many medians, a few slow requests hold the connections. */
const skewed = 1.5;
/** The most that `--concurrency` takes. */
const mostConcurrency = 1024;

/** One line: what held the run back in this time, and what to do about it. Empty if nothing did. */
export function bottleneckAdvice(
  kind: Bottleneck,
  span: RunTotals,
  run: JudgedRun,
  pace: Pace,
  counted: RunCounted,
  peakBytesPerSecond: number,
): string {
  switch (kind) {
    case 'limit':
      return `the limit of ${formatCount(pace.askedRate ?? 0)} write units a second, so all is well; --wps or the rate file sets it`;
    case 'table':
      return tableAdvice(span, run, pace, counted);
    case 'connections':
      return connectionsAdvice(span, run, pace, counted.latencyMs.p50);
    case 'network':
      return networkAdvice(span, counted.failedBy, peakBytesPerSecond);
    case 'cpu':
      return 'the CPU: a process uses one core, and it is busy; run several with --shard, such as --shard 1/4';
    case 'source':
      return 'the source: the next rows are waited for; a faster disk or pipe would help, a higher --wps would not';
    case 'max-ahead':
      return `rows that are not done: those behind them wait; --max-ahead ${run.maxAhead * 2} would read further`;
    case 'none':
      return '';
  }
}

function tableAdvice(span: RunTotals, run: JudgedRun, { rateLimit, askedRate }: Pace, counted: RunCounted): string {
  const { throttledBy, throttleCause } = counted;
  const what = throttledBy === undefined ? 'the table' : `the table (${throttledBy})`;
  const slowed =
    rateLimit !== null && askedRate !== null && rateLimit < askedRate
      ? `slowed down from ${formatCount(askedRate)} to ${formatCount(rateLimit)} write units a second`
      : `${percent(refusedShare(span))} of what is sent is refused`;
  const remedy = throttleAdvice(throttleCause ?? { limit: 'capacity' }, run.billing);
  return `${what}: ${slowed}; ${remedy}`;
}

function connectionsAdvice(span: RunTotals, { concurrency }: JudgedRun, { askedRate }: Pace, p50Ms: number): string {
  const latencyMs = typicalLatencyMs(span, concurrency, p50Ms);
  const better = betterConcurrency(span, concurrency, askedRate, latencyMs);
  const all = `the connections: all ${formatCount(concurrency)} are busy, at ${formatMs(latencyMs)} a request`;
  return better > concurrency ? `${all}; try --concurrency ${better}` : `${all}, more than --concurrency takes`;
}

/** The median, or the mean if a few slow requests hold the connections as long as many quick ones. */
function typicalLatencyMs({ durationMs, requestsSent }: RunTotals, concurrency: number, p50Ms: number): number {
  const meanMs = requestsSent === 0 ? 0 : (durationMs * concurrency) / requestsSent;
  return meanMs > p50Ms * skewed ? meanMs : p50Ms;
}

/** Little's law: what is in flight is the rate times the latency; a fifth more, because latency varies. */
function betterConcurrency(
  { requestsSent, permits }: RunTotals,
  concurrency: number,
  askedRate: number | null,
  latencyMs: number,
): number {
  if (askedRate === null || requestsSent === 0 || permits === 0) return Math.min(mostConcurrency, concurrency * 2);
  const needed = Math.round(((askedRate * requestsSent) / permits) * (latencyMs / 1000) * 1.2);
  return Math.min(mostConcurrency, Math.max(needed, concurrency + 1));
}

function networkAdvice(span: RunTotals, failedBy: string | undefined, peakBytesPerSecond: number): string {
  const failed = failedShare(span);
  if (isUnanswered(span)) {
    return 'the network: no request is answered; --request-timeout says how long to wait for an answer';
  }
  if (failed > 0.01) {
    const why = failedBy === undefined ? '' : ` (${failedBy})`;
    return `the network: ${percent(failed)} of the requests fail${why}; --request-timeout says how long to wait for an answer`;
  }
  const most = formatBitRate(peakBytesPerSecond);
  return `the network: ${most} is the most that passed, requests queue; use a faster line, not more --concurrency`;
}

function percent(share: number): string {
  return `${share < 0.0995 ? (share * 100).toFixed(1).replace(/\.0$/, '') : Math.round(share * 100)} %`;
}

/** What to do about a limit that refuses writes, in a few words. */
export function throttleAdvice(cause: ThrottleCause, billing: Billing | undefined): string {
  const parts = throttledParts(cause, 'and');
  switch (cause.limit) {
    case 'capacity':
      return capacityAdvice(cause, parts, billing);
    case 'on-demand-maximum':
      return `raise MaxWriteRequestUnits of ${parts} (aws dynamodb update-table --on-demand-throughput), or lower --wps`;
    case 'partition':
      return 'a partition takes 1,000 write units a second: dump the rows in another order, so that neighbours differ in their partition key';
    case 'account':
      return 'ask for more in Service Quotas (write units of all tables in the region), or lower --wps';
  }
}

/** What `billing` allows: an on-demand table has no capacity that could be raised, a rehearsal only what was made up. */
function capacityAdvice(cause: ThrottleCause, parts: string, billing: Billing | undefined): string {
  if (billing === 'rehearsal') return 'raise --memory-wcu, or lower --wps';
  if (billing === 'on-demand') {
    return `an on-demand table grows under load, up to twice its peak within 30 minutes: lower --wps until then, or raise the warm throughput of ${parts} (aws dynamodb update-table --warm-throughput)`;
  }
  const raise = `raise the capacity of ${parts} (--raise-wcu, aws dynamodb update-table), or lower --wps`;
  return cause.index === undefined ? raise : `an index that is too small throttles the writes of its table: ${raise}`;
}
