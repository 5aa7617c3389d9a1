import type { Batch } from '../domain/token.ts';
import { type ThrottleCause, throttleCauseText } from '../domain/write-result.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import { AdaptiveRate } from './adaptive-rate.ts';
import type { ChosenRates } from './choose-rate.ts';
import { burstAt, RateLimiter } from './rate-limiter.ts';

/** Steps up are this far apart, and so many latencies, so that each is judged before the next is taken. */
const stepEveryMs = 500;
const stepLatencies = 4;
/** So long a limit that the table named is taken for that of items handed back, which come without a reason. */
const namedForMs = 10_000;

/** What a batch may hold, so that one request does not take permits of many seconds at once. */
type BatchUnits = {
  readonly maxTokens: number;
  readonly maxBodyBytes: number;
  maxWriteUnits: number;
  maxIndexUnits?: number[];
};

type PaceSetup = {
  readonly clock: Clock;
  readonly observer: RunObserver;
  readonly rates: ChosenRates;
  readonly maxTokens: number;
  readonly maxBodyBytes: number;
  /** Permits of a full batch, where one may hold less than that; else those of `maxTokens`. */
  readonly smallestBurst?: number;
};

/**
 * How fast the run goes: limits for the table and each index, held by the limiter, and below them the rate that each of
 * them takes. Buckets are numbered as the limiter's.
 */
export class Pace {
  readonly limiter: RateLimiter;
  readonly batchLimits: BatchUnits;
  readonly #clock: Clock;
  readonly #observer: RunObserver;
  readonly #smallestBurst: number;
  readonly #indexNames: readonly string[];
  readonly #rates: readonly AdaptiveRate[];
  readonly #limits: number[];
  readonly #acceptedUnits: number[];
  /** When each was last named by the table, and as what. */
  readonly #named = new Map<number, { readonly atMs: number; readonly cause: ThrottleCause }>();
  #cancelStep: (() => void) | undefined;
  #latencyMs = 0;

  constructor({ clock, observer, rates, maxTokens, maxBodyBytes, smallestBurst = maxTokens }: PaceSetup) {
    this.#smallestBurst = smallestBurst;
    this.#clock = clock;
    this.#observer = observer;
    this.#indexNames = rates.indexes.map(({ name }) => name);
    this.#limits = limitsOf(rates);
    this.#rates = this.#limits.map((limit) => new AdaptiveRate(limit, clock.nowMs()));
    this.#acceptedUnits = this.#limits.map(() => 0);
    const [table, ...indexes] = this.#limits.map(finite);
    this.limiter = new RateLimiter(clock, table, smallestBurst, indexes);
    this.batchLimits = { maxTokens, maxBodyBytes, maxWriteUnits: largestBatch(this.#limits[0]!, smallestBurst) };
    if (indexes.length > 0) {
      this.batchLimits.maxIndexUnits = this.#limits.slice(1).map((limit) => largestBatch(limit, smallestBurst));
    }
  }

  /**
   * Write units of the table that may be sent a second, all in all: an index that takes less holds the table back by as
   * much as its share of the items. Undefined where there is no limit.
   */
  get ratePerSecond(): number | undefined {
    return this.#allInAll(this.#rates.map((rate) => rate.ratePerSecond));
  }

  /** The same of the limits, whatever the table takes of them. */
  get limitPerSecond(): number | undefined {
    return this.#allInAll(this.#limits);
  }

  /** The table took these; `sentMs` says when the attempt was sent. */
  accepted({ writeUnits, indexUnits }: Batch, sentMs: number): void {
    this.#latencyMs += (this.#clock.nowMs() - sentMs - this.#latencyMs) / 16;
    this.#accept(0, writeUnits, sentMs);
    indexUnits?.forEach((units, i) => {
      if (units > 0) this.#accept(i + 1, units, sentMs);
    });
  }

  /** The table refused these, or handed them back without saying why. */
  refused(refused: Batch, sentMs: number, causes: readonly ThrottleCause[] = []): void {
    const nowMs = this.#clock.nowMs();
    const named = causes.map((cause) => ({ cause, bucket: this.#bucketOf(cause) }));
    for (const { bucket, cause } of named) this.#named.set(bucket, { atMs: nowMs, cause });
    for (const { bucket, cause } of named.length > 0 ? named : [this.#infer(nowMs)]) {
      const units = bucket === 0 ? refused.writeUnits : (refused.indexUnits?.[bucket - 1] ?? 0);
      if (this.#rates[bucket]!.refused(units, sentMs, nowMs)) this.#apply(bucket, throttleCauseText(cause), cause);
    }
  }

  /** Other limits from now on; a rate that was slowed stays so, and rises by itself. An index not named keeps its own. */
  setLimits(rates: ChosenRates, reason = rates.chosen): void {
    const byName = new Map(rates.indexes.map((index) => [index.name, index]));
    const parts = [rates, ...this.#indexNames.map((name) => byName.get(name))];
    for (const [bucket, part] of parts.entries()) {
      const limit = part === undefined ? this.#limits[bucket]! : (part.writeUnitsPerSecond ?? Number.POSITIVE_INFINITY);
      if (limit === this.#limits[bucket]) continue;
      this.#limits[bucket] = limit;
      this.#rates[bucket]!.setLimit(limit);
      this.#apply(bucket, bucket === 0 ? reason : part!.chosen, undefined, true);
    }
  }

  /** No step is taken any more. */
  stop(): void {
    this.#cancelStep?.();
  }

  #allInAll(perSecond: readonly number[]): number | undefined {
    const governed = perSecond.map((rate, bucket) => {
      const units = this.#acceptedUnits[bucket]!;
      return units > 0 ? (rate * this.#acceptedUnits[0]!) / units : Number.POSITIVE_INFINITY;
    });
    return finite(Math.min(perSecond[0]!, ...governed));
  }

  #accept(bucket: number, units: number, sentMs: number): void {
    this.#acceptedUnits[bucket]! += units;
    this.#rates[bucket]!.accepted(units, sentMs);
  }

  #bucketOf({ index }: ThrottleCause): number {
    return index === undefined ? 0 : Math.max(0, this.#indexNames.indexOf(index) + 1);
  }

  /** What was named a moment ago, else what is used the most of what it has. */
  #infer(nowMs: number): { bucket: number; cause: ThrottleCause } {
    let latest: { atMs: number; bucket: number; cause: ThrottleCause } | undefined;
    for (const [bucket, { atMs, cause }] of this.#named) {
      if (nowMs - atMs <= namedForMs && (latest === undefined || atMs > latest.atMs)) latest = { atMs, bucket, cause };
    }
    if (latest !== undefined) return { bucket: latest.bucket, cause: { ...latest.cause, inferred: true } };
    const shares = this.#rates.map((rate) => rate.acceptedPerSecond / rate.ratePerSecond);
    const bucket = shares.reduce((most, share, i) => (share > shares[most]! ? i : most), 0);
    return { bucket, cause: { limit: 'capacity', ...this.#indexOf(bucket), inferred: true } };
  }

  #indexOf(bucket: number): { readonly index?: string } {
    const index = this.#indexNames[bucket - 1];
    return index === undefined ? {} : { index };
  }

  #apply(bucket: number, reason: string, cause?: ThrottleCause, isLimit = false): void {
    const { ratePerSecond } = this.#rates[bucket]!;
    this.limiter.setRate(finite(ratePerSecond), bucket);
    const largest = largestBatch(ratePerSecond, this.#smallestBurst);
    if (bucket === 0) this.batchLimits.maxWriteUnits = largest;
    else this.batchLimits.maxIndexUnits![bucket - 1] = largest;
    this.limiter.sendBack(largest, bucket);
    this.#observer.on({
      kind: 'rate-changed',
      ratePerSecond: finite(ratePerSecond) ?? null,
      ...{ slowed: this.#rates[bucket]!.isSlowed, isLimit },
      ...this.#indexOf(bucket),
      ...(cause !== undefined && { cause }),
      reason,
    });
    if (this.#rates.some((rate) => rate.isSlowed)) this.#stepLater();
  }

  #stepLater(): void {
    const delayMs = Math.max(stepEveryMs, stepLatencies * this.#latencyMs);
    this.#cancelStep ??= this.#clock.setTimer(delayMs, () => {
      this.#cancelStep = undefined;
      const nowMs = this.#clock.nowMs();
      for (const [bucket, rate] of this.#rates.entries()) {
        if (rate.rise(nowMs)) this.#apply(bucket, 'little is refused');
      }
      if (this.#rates.some((rate) => rate.isSlowed)) this.#stepLater();
    });
  }
}

/** The table's, then those of the indexes; infinite where there is none. */
function limitsOf({ writeUnitsPerSecond, indexes }: ChosenRates): number[] {
  const limits = [writeUnitsPerSecond, ...indexes.map((index) => index.writeUnitsPerSecond)];
  return limits.map((limit) => limit ?? Number.POSITIVE_INFINITY);
}

function finite(rate: number): number | undefined {
  return rate === Number.POSITIVE_INFINITY ? undefined : rate;
}

/**
 * Write units of a batch at most: more than 5 % of the rate would be a burst of its own, and one that needs the whole
 * burst would lose what accrues while its timer is late.
 */
function largestBatch(rate: number, smallestBurst: number): number {
  if (rate === Number.POSITIVE_INFINITY) return rate;
  return Math.max(1, Math.min(rate * 0.05, burstAt(rate, smallestBurst) - rate * 0.005));
}
