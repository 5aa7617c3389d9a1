import type { Clock } from '../../ports/clock.ts';
import type { RunEvent, RunObserver } from '../../ports/run-observer.ts';
import { RunJudge, recentSeconds, type Verdict } from './judge-run.ts';
import { recentRate } from './recent-rate.ts';
import type { LiveFigures, RunFigures } from './run-context.ts';
import { type Moment, mergeSamples, type RunSample, sampleBetween, totalsAt } from './run-sample.ts';
import { countRun, type RunCounted } from './run-stats.ts';

type WatchedRun = {
  readonly clock: Clock;
  readonly live: () => LiveFigures;
  /** Write units a second that were asked for; null: no limit. */
  readonly askedRate: number | null;
  readonly concurrency: number;
  readonly maxAhead: number;
  /** Rows after which reading ends, where that is told. */
  readonly rowsWanted?: number | undefined;
  /** Called with every sample: once a second, and at the end. */
  readonly onSample?: ((sample: RunSample) => void) | undefined;
};

const sampleEveryMs = 1000;
/** Rows are done in leaps, so what is left is judged over a longer time. */
const etaWindowMs = 30_000;

/** Watches one run: counts its events, takes a sample every second, and says what holds it back. */
export class RunWatch implements RunObserver {
  readonly #run: WatchedRun;
  readonly #stats = countRun();
  readonly #units = recentRate(recentSeconds * 1000);
  readonly #done = recentRate(etaWindowMs);
  readonly #judge: RunJudge;
  #start: Moment;
  #moments: Moment[];
  #samples: RunSample[] = [];
  #mostInFlight = 0;
  #recent: Verdict = { bottleneck: 'none', advice: '' };
  #cancel: () => void = () => {};
  #sampling = false;

  constructor(run: WatchedRun) {
    this.#run = run;
    this.#judge = new RunJudge(run);
    this.#start = this.#moment();
    this.#moments = [this.#start];
    this.#noteRates(this.#start);
  }

  /** From here on it samples: what was before, such as waiting for capacity, is not part of the run. */
  begin(): void {
    this.#sampling = true;
    this.#start = this.#moment();
    this.#moments = [this.#start];
    this.#cancel();
    this.#cancel = this.#run.clock.setTimer(sampleEveryMs, () => this.#tick());
  }

  on(event: RunEvent): void {
    this.#stats.on(event);
    this.#judge.on(event);
  }

  counted(): RunCounted {
    return this.#stats.counted();
  }

  /** How the run stands; to be asked a few times a second at most. */
  figures(): RunFigures {
    const now = this.#moment();
    this.#noteRates(now);
    this.#mostInFlight = Math.max(this.#mostInFlight, now.live.inFlight);
    const { live, counted } = now;
    const recent = this.#samples.length === 0 ? undefined : this.#samples.reduce(mergeSamples);
    const fraction = this.#fraction(live);
    const perSecond = this.#done.perSecond();
    return {
      atMs: this.#run.clock.wallMs(),
      elapsedSeconds: rounded((now.totals.atMs - this.#start.totals.atMs) / 1000, 1),
      rowsRead: live.rowsRead,
      rowsDone: live.rowsDone,
      rowsWritten: counted.rowsWritten,
      rejected: counted.rejected,
      requests: counted.requests,
      pausedFor: counted.pausedFor,
      storedBytesRead: live.storedBytesRead,
      storedBytesTotal: live.storedBytesTotal,
      fraction: maybeRounded(fraction, 4),
      etaSeconds:
        fraction === undefined || !(perSecond !== undefined && perSecond > 0)
          ? undefined
          : rounded((1 - fraction) / perSecond, 1),
      credentialsExpireMs: live.credentialsExpireMs,
      rateLimit: live.ratePerSecond ?? null,
      writeUnits: counted.writeUnits,
      writeUnitsPerSecond: maybeRounded(this.#units.perSecond(), 1),
      bytesPerSecond: recent === undefined ? 0 : Math.round((recent.bytesSent / recent.durationMs) * 1000),
      inFlight: live.inFlight,
      concurrency: this.#run.concurrency,
      latencyMs: { p50: rounded(recent?.p50Ms ?? 0, 2), p99: rounded(recent?.p99Ms ?? 0, 2) },
      connectionsOpened: live.connectionsOpened,
      bytesSent: live.bytesSent,
      ...this.#recent,
    };
  }

  /** What held the run back for most of its time. */
  verdict(): Verdict {
    return this.#judge.verdict(this.#start, this.#moment());
  }

  /** Takes the last sample. */
  close(): void {
    if (!this.#sampling) return;
    this.#sampling = false;
    this.#cancel();
    this.#sample();
  }

  #tick(): void {
    this.#sample();
    this.#cancel = this.#run.clock.setTimer(sampleEveryMs, () => this.#tick());
  }

  #sample(): void {
    const before = this.#moments.at(-1)!;
    const now = this.#moment();
    const durationMs = now.totals.atMs - before.totals.atMs;
    if (durationMs <= 0) return;
    const latencies = this.#stats.takeLatencies();
    const inFlight = Math.max(this.#mostInFlight, now.live.inFlight);
    this.#mostInFlight = 0;
    this.#moments = [...this.#moments.slice(-recentSeconds), now];
    this.#recent = this.#judge.judge(this.#moments[0]!, now, durationMs, latencies.min);
    const { bottleneck } = this.#recent;
    const sample = sampleBetween(before, now, { endMs: this.#run.clock.wallMs(), latencies, inFlight, bottleneck });
    this.#samples = [...this.#samples.slice(1 - recentSeconds), sample];
    this.#run.onSample?.(sample);
  }

  #moment(): Moment {
    const live = this.#run.live();
    const counted = this.#stats.counted();
    return { live, counted, totals: totalsAt(this.#run.clock.nowMs(), live, counted) };
  }

  #noteRates({ live, counted, totals }: Moment): void {
    this.#units.add(totals.atMs, counted.writeUnits);
    this.#done.add(totals.atMs, this.#fraction(live) ?? 0);
  }

  /** What is read is not done: a slow table has the rows of all connections before it. */
  #fraction({ storedBytesRead, storedBytesTotal, rowsRead, rowsDone }: LiveFigures): number | undefined {
    if (!storedBytesTotal) return undefined;
    const ofSource = (storedBytesRead / storedBytesTotal) * (rowsRead === 0 ? 1 : rowsDone / rowsRead);
    const { rowsWanted } = this.#run;
    return Math.min(1, Math.max(ofSource, rowsWanted === undefined ? 0 : rowsDone / rowsWanted));
  }
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function maybeRounded(value: number | undefined, decimals: number): number | undefined {
  return value === undefined ? undefined : rounded(value, decimals);
}
