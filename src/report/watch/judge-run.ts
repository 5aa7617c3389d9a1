import type { Bottleneck } from '../../domain/run-summary.ts';
import { partName } from '../../domain/write-capacity.ts';
import type { ThrottleCause } from '../../domain/write-result.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import { formatBitRate, formatCount, formatMs } from '../format.ts';
import {
  failedShare,
  findBottleneck,
  isMute,
  type RunTotals,
  refusedShare,
  type SpanFacts,
} from './find-bottleneck.ts';
import type { Moment } from './run-sample.ts';

/** What the run was told. */
type JudgedRun = {
  /** Write units a second that were asked for; null: no limit. */
  readonly askedRate: number | null;
  readonly concurrency: number;
  readonly maxAhead: number;
};

export type Verdict = { readonly bottleneck: Bottleneck; readonly advice: string };

/** What holds the run back is judged over so many seconds, latencies too. */
export const recentSeconds = 5;

/** Says what holds a run back, of late and for most of its time. */
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

  /** Of the time between the two moments, the last `durationMs` of which are new, with this lowest latency; 0: none. */
  judge(from: Moment, to: Moment, durationMs: number, lowestMs: number): Verdict {
    if (lowestMs > 0) this.#lowestEverMs = Math.min(this.#lowestEverMs || lowestMs, lowestMs);
    this.#lowestMs = [...this.#lowestMs.slice(1 - recentSeconds), lowestMs];
    // What connections take at once when they open is a burst, no rate: hence no time shorter than the window.
    const seconds = Math.max((to.totals.atMs - from.totals.atMs) / 1000, recentSeconds);
    this.#peakBytesPerSecond = Math.max(this.#peakBytesPerSecond, (to.live.bytesSent - from.live.bytesSent) / seconds);
    const bottleneck = findBottleneck(from.totals, to.totals, this.#facts(to));
    this.#secondsHeldBy.set(bottleneck, (this.#secondsHeldBy.get(bottleneck) ?? 0) + durationMs / 1000);
    return { bottleneck, advice: this.#advice(bottleneck, from, to) };
  }

  /** Of most of the time, between the moments of beginning and end. */
  verdict(from: Moment, to: Moment): Verdict {
    let bottleneck: Bottleneck = 'none';
    for (const [kind, seconds] of this.#secondsHeldBy) {
      if (seconds > (this.#secondsHeldBy.get(bottleneck) ?? 0)) bottleneck = kind;
    }
    return { bottleneck, advice: this.#advice(bottleneck, from, to) };
  }

  #advice(bottleneck: Bottleneck, from: Moment, to: Moment): string {
    const { concurrency, maxAhead } = this.#run;
    const { throttledBy, throttleCause, failedBy, latencyMs } = to.counted;
    return bottleneckAdvice(bottleneck, from.totals, to.totals, {
      ...this.#facts(to),
      ...{ concurrency, maxAhead, throttledBy, throttleCause, failedBy, p50Ms: latencyMs.p50 },
    });
  }

  #facts({ live }: Moment): SpanFacts {
    const known = this.#lowestMs.filter((ms) => ms > 0);
    return {
      rateLimit: live.ratePerSecond ?? null,
      askedRate: live.limitPerSecond ?? this.#run.askedRate,
      indexSlowed: this.#slowedIndexes.size > 0,
      lowestMs: known.length === 0 ? 0 : Math.min(...known),
      lowestEverMs: this.#lowestEverMs,
      peakBytesPerSecond: this.#peakBytesPerSecond,
    };
  }
}

/** What the advice names beside the figures of the span. */
type AdviceFacts = SpanFacts & {
  readonly concurrency: number;
  readonly maxAhead: number;
  /** Latency of half of the requests. */
  readonly p50Ms: number;
  /** The service's words that came with most throttles, and with most failures. */
  readonly throttledBy: string | undefined;
  readonly failedBy: string | undefined;
  readonly throttleCause?: ThrottleCause | undefined;
};

/** So many times its median, the mean latency is not that of a request like the others. */
const skewed = 1.5;
/** `--concurrency` takes no more. */
const mostConcurrency = 1024;

/** One line: what holds the run back, and what to do about it. Empty where nothing does. */
export function bottleneckAdvice(kind: Bottleneck, from: RunTotals, to: RunTotals, facts: AdviceFacts): string {
  switch (kind) {
    case 'limit':
      return `the limit of ${formatCount(facts.rateLimit ?? 0)} write units a second, so all is well; --wps or the rate file sets it`;
    case 'table':
      return tableAdvice(from, to, facts);
    case 'connections': {
      const better = betterConcurrency(from, to, facts);
      const all = `the connections: all ${formatCount(facts.concurrency)} are busy, at ${formatMs(meanLatencyMs(from, to, facts))} a request`;
      return better > facts.concurrency
        ? `${all}; try --concurrency ${better}`
        : `${all}, more than --concurrency takes`;
    }
    case 'network':
      return networkAdvice(from, to, facts);
    case 'cpu':
      return 'the CPU: a process uses one core, and it is busy; divide the source between processes, and --wps among them';
    case 'source':
      return 'the source: the next rows are waited for; a faster disk or pipe would help, a higher --wps would not';
    case 'max-ahead':
      return `rows that are not done: those behind them wait; --max-ahead ${facts.maxAhead * 2} would read further`;
    case 'none':
      return '';
  }
}

function tableAdvice(from: RunTotals, to: RunTotals, facts: AdviceFacts): string {
  const { throttledBy, throttleCause, rateLimit, askedRate } = facts;
  const refused = refusedShare(from, to);
  const what = throttledBy === undefined ? 'the table' : `the table (${throttledBy})`;
  const slowed =
    rateLimit !== null && askedRate !== null && rateLimit < askedRate
      ? `slowed down from ${formatCount(askedRate)} to ${formatCount(rateLimit)} write units a second`
      : `${percent(refused)} of what is sent is refused`;
  const remedy = throttleCause === undefined ? 'raise its capacity, or lower --wps' : throttleAdvice(throttleCause);
  return `${what}: ${slowed}; ${remedy}`;
}

function networkAdvice(from: RunTotals, to: RunTotals, facts: AdviceFacts): string {
  if (isMute(from, to))
    return `the network: no request is answered; --request-timeout says how long to wait for an answer`;
  const failed = failedShare(from, to);
  if (failed > 0.01) {
    const why = facts.failedBy === undefined ? '' : ` (${facts.failedBy})`;
    return `the network: ${percent(failed)} of the requests fail${why}; --request-timeout says how long to wait for an answer`;
  }
  const most = formatBitRate(facts.peakBytesPerSecond);
  return `the network: ${most} is the most that passed, requests queue; use a faster line, not more --concurrency`;
}

/** Little's law: what is in flight is the rate times the latency; a fifth more, since latency varies. */
function betterConcurrency(from: RunTotals, to: RunTotals, facts: AdviceFacts): number {
  const { askedRate, concurrency } = facts;
  const requests = to.requestsSent - from.requestsSent;
  const permits = to.permits - from.permits;
  if (askedRate === null || requests === 0 || permits === 0) return Math.min(mostConcurrency, concurrency * 2);
  const needed = Math.round(((askedRate * requests) / permits) * (meanLatencyMs(from, to, facts) / 1000) * 1.2);
  return Math.min(mostConcurrency, Math.max(needed, concurrency + 1));
}

/** Of requests that keep all connections busy: a few slow ones hold them as long as many quick ones. */
function meanLatencyMs(from: RunTotals, to: RunTotals, { p50Ms, concurrency }: AdviceFacts): number {
  const requests = to.requestsSent - from.requestsSent;
  const meanMs = requests === 0 ? 0 : ((to.atMs - from.atMs) * concurrency) / requests;
  return meanMs > p50Ms * skewed ? meanMs : p50Ms;
}

function percent(share: number): string {
  return `${share < 0.0995 ? (share * 100).toFixed(1).replace(/\.0$/, '') : Math.round(share * 100)} %`;
}

/** What to do about a limit that refuses writes, in a few words. */
export function throttleAdvice({ limit, index }: ThrottleCause): string {
  const where = partName(index);
  switch (limit) {
    case 'capacity':
      return index === undefined
        ? 'raise its capacity (--raise-wcu, aws dynamodb update-table), or lower --wps'
        : `an index that is too small throttles the writes of its table: raise the capacity of ${where}`;
    case 'on-demand-maximum':
      return `raise MaxWriteRequestUnits of ${where} (aws dynamodb update-table --on-demand-throughput), or lower --wps`;
    case 'partition':
      return 'a partition takes 1,000 write units a second: dump the rows in another order, so that neighbours differ in their partition key';
    case 'account':
      return 'ask for more in Service Quotas (write units of all tables in the region), or lower --wps';
  }
}
