import type { Bottleneck } from '../../domain/run-summary.ts';
import type { ThrottleCause } from '../../domain/write-result.ts';
import { formatBitRate, formatCount, formatMs } from '../format.ts';
import { failedShare, isMute, type RunTotals, refusedShare, type SpanFacts } from './find-bottleneck.ts';
import { throttleAdvice } from './throttle-advice.ts';

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
