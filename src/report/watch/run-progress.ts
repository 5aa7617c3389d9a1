import type { Clock } from '../../ports/clock.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import { formatDuration } from '../format.ts';
import { recentSeconds } from './judge-run.ts';
import type { Snapshot } from './run-context.ts';

/** Rows are done in leaps, so the time left is judged over a longer time. */
const etaWindowMs = 30_000;
/** Over this time the limit holds, also if answers arrive in bunches. */
const limitWindowMs = 60_000;
/** A run that has not reached its rate by then is held back by something. */
const rampUpMs = 30_000;
const reachedShare = 0.9;

/** How far a run is, and how fast in the last seconds. Its windows begin after a pause and after a change of the limit. */
export class RunProgress {
  readonly #rowsWanted: number | undefined;
  readonly #units = recentRate(recentSeconds * 1000);
  readonly #unitsOfMinute = recentRate(limitWindowMs);
  readonly #rows = recentRate(recentSeconds * 1000);
  readonly #done = recentRate(etaWindowMs);
  #limit: number | null = null;
  #limits: { readonly lowest: number; readonly highest: number } | undefined;
  #rampUpFromMs: number | undefined;

  /** `rowsWanted`: after which reading ends; undefined if the whole source is read. */
  constructor(rowsWanted: number | undefined) {
    this.#rowsWanted = rowsWanted;
  }

  on(event: RunEvent, nowMs: number): void {
    if (event.kind === 'unpaused') this.#restart(nowMs);
    if (event.kind === 'capacity-changed' && event.change === 'raised') this.#restart(nowMs);
    if (event.kind === 'rate-changed' && event.isLimit) {
      const { ratePerSecond, index } = event;
      const rises = index === undefined && this.#limit !== null && (ratePerSecond ?? Infinity) > this.#limit;
      this.#restart(rises ? nowMs : undefined);
    }
  }

  /** Begins to count; a raise before the first row is to be followed by a ramp-up. */
  begin(nowMs: number): void {
    this.#restart(this.#rampUpFromMs === undefined ? undefined : nowMs);
  }

  note(now: Snapshot, nowMs: number): void {
    this.#limit = limitOf(now);
    if (this.#limit !== null) {
      const { lowest, highest } = this.#limits ?? { lowest: this.#limit, highest: this.#limit };
      this.#limits = { lowest: Math.min(lowest, this.#limit), highest: Math.max(highest, this.#limit) };
    }
    this.#units.add(nowMs, now.writeUnits);
    this.#unitsOfMinute.add(nowMs, now.writeUnits);
    this.#rows.add(nowMs, now.rowsDone);
    this.#done.add(nowMs, this.fraction(now) ?? 0);
    const perSecond = this.#units.perSecond() ?? 0;
    const isReached = perSecond >= (this.#limit ?? 0) * reachedShare;
    const isOver = nowMs - (this.#rampUpFromMs ?? nowMs) >= rampUpMs;
    if (perSecond > 0 && (isReached || isOver)) this.#rampUpFromMs = undefined;
  }

  get limits(): { readonly lowest: number; readonly highest: number } | undefined {
    return this.#limits;
  }

  get isRampingUp(): boolean {
    return this.#rampUpFromMs !== undefined;
  }

  /** Undefined until it can be told. Answers that arrive in a bunch do not look like a rate above the limit. */
  get writeUnitsPerSecond(): number | undefined {
    const perSecond = this.#units.perSecond();
    if (perSecond === undefined || this.#limit === null) return perSecond;
    const seconds = this.#unitsOfMinute.seconds();
    const overTime = ((this.#unitsOfMinute.perSecond() ?? 0) * seconds) / (seconds + recentSeconds);
    return Math.min(perSecond, Math.max(this.#limit, overTime));
  }

  /** Undefined if it cannot be told, and as long as nothing gets through. */
  etaSeconds(now: Snapshot): number | undefined {
    const fraction = this.fraction(now);
    const perSecond = this.#done.perSecond();
    const isStill = this.#rows.perSecond() === 0 && this.#units.perSecond() === 0;
    if (fraction === 1) return 0;
    if (fraction === undefined || perSecond === undefined || perSecond <= 0 || isStill) return undefined;
    return now.pausedFor === undefined ? (1 - fraction) / perSecond : undefined;
  }

  /** Share that is done, 0 to 1. What is read is not done: a slow table has the rows of all connections before it. */
  fraction({ storedBytesRead, storedBytesTotal, rowsRead, rowsDone }: Snapshot): number | undefined {
    const ofWanted = this.#rowsWanted === undefined ? undefined : rowsDone / this.#rowsWanted;
    if (!storedBytesTotal) return ofWanted === undefined ? undefined : Math.min(1, ofWanted);
    const ofSource = (storedBytesRead / storedBytesTotal) * (rowsRead === 0 ? 1 : rowsDone / rowsRead);
    return Math.min(1, Math.max(ofSource, ofWanted ?? 0));
  }

  /** Rows that will have been done in the end; an estimate from the bytes of the source has three digits. */
  rowsExpected(now: Snapshot): { readonly count: number; readonly isExact: boolean } | undefined {
    const { storedBytesRead, storedBytesTotal, rowsRead } = now;
    const wanted = this.#rowsWanted;
    const isRead = storedBytesTotal !== undefined && storedBytesRead >= storedBytesTotal;
    if (isRead) return { count: Math.min(rowsRead, wanted ?? rowsRead), isExact: true };
    const bySource =
      storedBytesTotal === undefined || storedBytesRead === 0 || rowsRead === 0
        ? undefined
        : (rowsRead / storedBytesRead) * storedBytesTotal;
    if (wanted !== undefined && wanted <= (bySource ?? wanted)) return { count: wanted, isExact: true };
    return bySource === undefined ? undefined : { count: Number(bySource.toPrecision(3)), isExact: false };
  }

  #restart(rampUpFromMs: number | undefined): void {
    for (const rate of [this.#units, this.#unitsOfMinute, this.#rows, this.#done]) rate.restart();
    this.#rampUpFromMs = rampUpFromMs;
  }
}

/** Write units a second above which the rate never rises; null: no limit. */
export function limitOf({ limitPerSecond, ratePerSecond }: Snapshot): number | null {
  return limitPerSecond ?? ratePerSecond ?? null;
}

/** Figures a second over the last `windowMs`, from totals told now and then. */
type RecentRate = {
  add(atMs: number, total: number): void;
  /** Undefined until the totals span a second. */
  perSecond(): number | undefined;
  /** Seconds that the totals span. */
  seconds(): number;
  /** Forgets what was before, such as a pause: the next total begins the window. */
  restart(): void;
};

/** Below this a burst looks like a rate. */
const shortestSpanSeconds = 1;

/** The first total tells where the count begins. Memory is bounded by how often it is told within the window. */
export function recentRate(windowMs: number): RecentRate {
  let samples: { readonly atMs: number; readonly total: number }[] = [];

  function seconds(): number {
    const [first, last] = [samples[0], samples.at(-1)];
    return first === undefined || last === undefined ? 0 : (last.atMs - first.atMs) / 1000;
  }

  return {
    seconds,
    add(atMs, total) {
      samples.push({ atMs, total });
      // One sample from before the window stays, so that the window is spanned whole.
      const firstInside = samples.findIndex((sample) => sample.atMs > atMs - windowMs);
      if (firstInside > 1) samples = samples.slice(firstInside - 1);
    },
    perSecond() {
      const span = seconds();
      return span < shortestSpanSeconds ? undefined : (samples.at(-1)!.total - samples[0]!.total) / span;
    },
    restart() {
      samples = [];
    },
  };
}

/** `62 %` and `ETA 3 s`; undefined if they cannot be told. */
type ProgressTexts = { readonly done: string | undefined; readonly eta: string | undefined };

const shareWindowMs = 10_000;

/** How far a work is, by the share of it that is done, 0 to 1; the time left comes from the calls before. */
export function shareProgress(clock: Clock): (share: number | undefined) => ProgressTexts {
  const shares = recentRate(shareWindowMs);
  return (share) => {
    if (share === undefined) return { done: undefined, eta: undefined };
    shares.add(clock.nowMs(), share);
    const perSecond = shares.perSecond();
    const left = perSecond ? (1 - share) / perSecond : 0;
    return {
      done: `${Math.floor(share * 100)} %`,
      eta: left < 1 ? undefined : `ETA ${formatDuration(Math.round(left))}`,
    };
  };
}
