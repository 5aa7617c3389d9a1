import type { Bottleneck } from '../../domain/run-summary.ts';
import { delta, failedShare, isUnanswered, type RunTotals, refusedShare } from '../../domain/run-totals.ts';

import type { RunEvent } from '../../ports/run-observer.ts';
import { bottleneckAdvice, type JudgedRun, type Pace } from './bottleneck-advice.ts';
import type { Snapshot } from './run-context.ts';

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
