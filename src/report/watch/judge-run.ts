import type { Bottleneck } from '../../domain/run-summary.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import { bottleneckAdvice } from './bottleneck-advice.ts';
import { findBottleneck, type SpanFacts } from './find-bottleneck.ts';
import type { Moment } from './run-moment.ts';

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
