import type { Bottleneck } from '../../domain/run-summary.ts';
import { failedShare, isUnanswered, type RunTotals, refusedShare } from '../../domain/run-totals.ts';
import type { TableInfo } from '../../domain/table.ts';
import { type ThrottleCause, throttledParts } from '../../domain/write-result.ts';
import { formatBitRate, formatCount, formatMs } from '../format.ts';
import type { RunCounted } from './run-stats.ts';

/** What the run was told. */
export type JudgedRun = {
  /** Write units a second that were asked for; null: no limit. */
  readonly askedRate: number | null;
  readonly concurrency: number;
  readonly maxAhead: number;
  readonly billing?: Billing | undefined;
};

/** How the table is paid for, which tells what can be done if it throttles. */
export type Billing = TableInfo['billing'] | 'rehearsal';

/** How fast a run may go. */
export type Pace = {
  /** Permits a second granted now, and those asked for; null: no limit. */
  readonly rateLimit: number | null;
  readonly askedRate: number | null;
  /** True if an index was slowed down below its own limit. */
  readonly indexSlowed: boolean;
};

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
