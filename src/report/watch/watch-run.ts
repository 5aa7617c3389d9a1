import type { RejectGroup } from '../../domain/run-summary.ts';
import { delta, noTotals, type RunTotals, roundTotals, sum } from '../../domain/run-totals.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunEvent, RunObserver } from '../../ports/run-observer.ts';
import { type JudgedRun, type Judgement, RunJudge, recentSeconds } from './judge-run.ts';
import { type LiveFigures, mergeSamples, type RunFigures, type RunSample, type Snapshot } from './run-context.ts';
import { limitOf, RunProgress } from './run-progress.ts';
import { countRun, type RunCounted, type RunStats } from './run-stats.ts';

type WatchedRun = JudgedRun & {
  readonly clock: Clock;
  readonly live: () => LiveFigures;
  /** Names of the files, by file index. */
  readonly sources?: readonly string[];
  /** What the processes before this one counted. */
  readonly earlier?: RunTotals | undefined;
  readonly earlierRejects?: readonly RejectGroup[] | undefined;
  /** Rows after which reading ends, where that is told. */
  readonly rowsWanted?: number | undefined;
  /** Called with every sample: once a second, and at the end. */
  readonly onSample?: ((sample: RunSample) => void) | undefined;
};

const sampleEveryMs = 1000;

/** Watches one run: counts its events, takes a sample every second, and says what holds it back. */
export class RunWatch implements RunObserver {
  readonly #run: WatchedRun;
  readonly #stats: RunStats;
  readonly #progress: RunProgress;
  readonly #judge: RunJudge;
  #begunMs: number;
  #start: Snapshot;
  #snapshots: Snapshot[];
  #samples: RunSample[] = [];
  #mostInFlight = 0;
  #recent: Judgement = { bottleneck: 'none', advice: '' };
  #cancel: () => void = () => {};
  #sampling = false;

  constructor(run: WatchedRun) {
    this.#run = run;
    this.#stats = countRun(run.sources, run.earlierRejects);
    this.#progress = new RunProgress(run.rowsWanted);
    this.#judge = new RunJudge(run);
    this.#begunMs = run.clock.nowMs();
    this.#start = this.#snapshot();
    this.#snapshots = [this.#start];
    this.#noteProgress(this.#start);
  }

  /** From here on it samples: what was before, such as waiting for capacity, is not part of the run. */
  begin(): void {
    this.#sampling = true;
    this.#begunMs = this.#run.clock.nowMs();
    this.#start = this.#snapshot();
    this.#snapshots = [this.#start];
    this.#progress.begin(this.#begunMs);
    this.#noteProgress(this.#start);
    this.#cancel();
    this.#cancel = this.#run.clock.setTimer(sampleEveryMs, () => this.#tick());
  }

  on(event: RunEvent): void {
    this.#stats.on(event);
    this.#judge.on(event);
    this.#progress.on(event, this.#run.clock.nowMs());
  }

  /** The lowest and the highest limit so far; undefined if there was none. */
  limits(): { readonly lowest: number; readonly highest: number } | undefined {
    return this.#progress.limits;
  }

  counted(): RunCounted {
    return this.#stats.counted();
  }

  /** How the run stands; to be asked a few times a second at most. */
  figures(): RunFigures {
    const now = this.#snapshot();
    this.#noteProgress(now);
    this.#mostInFlight = Math.max(this.#mostInFlight, now.inFlight);
    const { clock, concurrency, earlier = noTotals } = this.#run;
    const thisProcess = roundTotals(delta(this.#start, now));
    const recent = this.#samples.length === 0 ? undefined : this.#samples.reduce(mergeSamples);
    const progress = this.#progress;
    return {
      atMs: clock.wallMs(),
      thisProcess,
      wholeRun: roundTotals(sum(earlier, thisProcess)),
      rows: { read: now.rowsRead, ...now.fates, pending: now.rowsRead - now.rowsDone },
      pausedFor: now.pausedFor,
      rejects: now.rejects,
      storedBytesRead: now.storedBytesRead,
      storedBytesTotal: now.storedBytesTotal,
      fraction: maybeRounded(progress.fraction(now), 4),
      rowsExpected: progress.rowsExpected(now),
      etaSeconds: maybeRounded(progress.etaSeconds(now), 1),
      credentialsExpireMs: now.credentialsExpireMs,
      rateLimit: limitOf(now),
      isRampingUp: progress.isRampingUp,
      writeUnitsPerSecond: maybeRounded(progress.writeUnitsPerSecond, 1),
      bytesPerSecond: recent === undefined ? 0 : Math.round((recent.bytesSent / recent.durationMs) * 1000),
      inFlight: now.inFlight,
      concurrency,
      latencyMs: { p50: rounded(recent?.p50Ms ?? 0, 2), p99: rounded(recent?.p99Ms ?? 0, 2) },
      ...this.#recent,
    };
  }

  /** What held the run back for most of its time. */
  judgement(): Judgement {
    return this.#judge.judgeWhole(this.#start, this.#snapshot());
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
    const before = this.#snapshots.at(-1)!;
    const now = this.#snapshot();
    const stretch = delta(before, now);
    if (stretch.durationMs <= 0) return;
    const latencies = this.#stats.takeLatencies();
    this.#snapshots = [...this.#snapshots.slice(-recentSeconds), now];
    this.#recent = this.#judge.judge(this.#snapshots[0]!, now, stretch.durationMs, latencies.min);
    const sample: RunSample = {
      ...stretch,
      endMs: this.#run.clock.wallMs(),
      rateLimit: now.ratePerSecond ?? null,
      inFlight: Math.max(this.#mostInFlight, now.inFlight),
      p50Ms: latencies.p50,
      p90Ms: latencies.p90,
      p99Ms: latencies.p99,
      residentBytes: now.residentBytes,
      heapBytes: now.heapBytes,
      bottleneck: this.#recent.bottleneck,
    };
    this.#mostInFlight = 0;
    this.#samples = [...this.#samples.slice(1 - recentSeconds), sample];
    this.#run.onSample?.(sample);
  }

  #snapshot(): Snapshot {
    const durationMs = this.#run.clock.nowMs() - this.#begunMs;
    return { ...this.#run.live(), ...this.#stats.counted(), durationMs };
  }

  #noteProgress(now: Snapshot): void {
    this.#progress.note(now, this.#run.clock.nowMs());
  }
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function maybeRounded(value: number | undefined, decimals: number): number | undefined {
  return value === undefined ? undefined : rounded(value, decimals);
}
