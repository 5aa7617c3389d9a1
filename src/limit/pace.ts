import type { Batch } from '../domain/token.ts';
import { type ThrottleCause, throttleCauseText } from '../domain/write-result.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import { AdaptiveRate } from './adaptive-rate.ts';
import type { ChosenRates } from './choose-rate.ts';
import { burstAt, RateLimiter } from './rate-limiter.ts';

/** Time between steps up, and the least number of latencies, so that each is judged before the next is taken. */
const stepEveryMs = 500;
const stepLatencies = 4;
/** Items are handed back without a reason: for this long, a limit that the table named is assumed to be the reason. */
const namedForMs = 10_000;

/** A part that uses this share of what the fullest part uses may be meant as well. */
const tiedShare = 0.95;

/** What a batch may hold, so that one request does not take the permits of many seconds. */
type BatchUnits = {
  readonly maxTokens: number;
  readonly maxBodyBytes: number;
  maxWriteUnits: number;
  maxIndexUnits?: number[];
};

/**
 * How fast a run writes: the limits of the table and each index, which the limiter enforces, and below them the rate that
 * each of them takes. Buckets are numbered as in the limiter.
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
  /** By bucket: when the table last named it as the reason, and how. */
  readonly #named = new Map<number, { readonly atMs: number; readonly cause: ThrottleCause }>();
  #cancelStep: (() => void) | undefined;
  #latencyMs = 0;

  /** `smallestBurst`: permits of a full batch, if batches may hold fewer tokens; `maxTokens` by default. */
  constructor({
    clock,
    observer,
    rates,
    maxTokens,
    maxBodyBytes,
    smallestBurst = maxTokens,
  }: {
    readonly clock: Clock;
    readonly observer: RunObserver;
    readonly rates: ChosenRates;
    readonly maxTokens: number;
    readonly maxBodyBytes: number;
    readonly smallestBurst?: number;
  }) {
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
   * Write units of the table a second, after what each index permits for its share of the items. Undefined if there is no
   * limit.
   */
  get ratePerSecond(): number | undefined {
    return this.#allInAll(this.#rates.map((rate) => rate.ratePerSecond));
  }

  /** The same for the limits, whatever rate the table takes. */
  get limitPerSecond(): number | undefined {
    return this.#allInAll(this.#limits);
  }

  /** Notes what the table accepted. `sentMs`: when the attempt was sent. */
  accepted({ writeUnits, indexUnits }: Batch, sentMs: number): void {
    this.#latencyMs += (this.#clock.nowMs() - sentMs - this.#latencyMs) / 16;
    this.#accept(0, writeUnits, sentMs);
    indexUnits?.forEach((units, i) => {
      if (units > 0) this.#accept(i + 1, units, sentMs);
    });
  }

  /** Notes what the table refused, or handed back without a reason. */
  refused(refused: Batch, sentMs: number, causes: readonly ThrottleCause[] = []): void {
    const nowMs = this.#clock.nowMs();
    const named = causes.map((cause) => ({ cause, bucket: this.#bucketOf(cause) }));
    for (const { bucket, cause } of named) this.#named.set(bucket, { atMs: nowMs, cause });
    for (const { bucket, cause } of named.length > 0 ? named : [this.#infer(nowMs)]) {
      const units = bucket === 0 ? refused.writeUnits : (refused.indexUnits?.[bucket - 1] ?? 0);
      if (this.#rates[bucket]!.refused(units, sentMs, nowMs)) this.#apply(bucket, throttleCauseText(cause), cause);
    }
  }

  /** Changes the limits. A slowed rate rises by itself. An index without a new limit keeps its own. */
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

  /** Takes no further steps. */
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

  /** The limit that was named a moment ago, else the one with the highest share in use. */
  #infer(nowMs: number): { bucket: number; cause: ThrottleCause } {
    let latest: { atMs: number; bucket: number; cause: ThrottleCause } | undefined;
    for (const [bucket, { atMs, cause }] of this.#named) {
      if (nowMs - atMs <= namedForMs && (latest === undefined || atMs > latest.atMs)) latest = { atMs, bucket, cause };
    }
    if (latest !== undefined) return { bucket: latest.bucket, cause: { ...latest.cause, inferred: true } };
    const shares = this.#rates.map((rate) => rate.acceptedPerSecond / rate.ratePerSecond);
    const most = Math.max(...shares);
    const [bucket = 0, ...ties] = shares.flatMap((share, i) => (share >= most * tiedShare ? [i] : []));
    const alternatives = ties.map((tied) => this.#indexOf(tied));
    const cause = { limit: 'capacity', ...this.#indexOf(bucket), inferred: true } as const;
    return { bucket, cause: ties.length === 0 ? cause : { ...cause, alternatives } };
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
      slowed: this.#rates[bucket]!.isSlowed,
      isLimit,
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

/** The limit of the table, then those of the indexes; infinite if there is none. */
function limitsOf({ writeUnitsPerSecond, indexes }: ChosenRates): number[] {
  const limits = [writeUnitsPerSecond, ...indexes.map((index) => index.writeUnitsPerSecond)];
  return limits.map((limit) => limit ?? Number.POSITIVE_INFINITY);
}

function finite(rate: number): number | undefined {
  return rate === Number.POSITIVE_INFINITY ? undefined : rate;
}

/**
 * Maximum write units of a batch: more than 5 % of the rate would be a burst in itself, and a batch that needs the whole
 * burst would lose what accrues while its timer is late.
 */
function largestBatch(rate: number, smallestBurst: number): number {
  if (rate === Number.POSITIVE_INFINITY) return rate;
  return Math.max(1, Math.min(rate * 0.05, burstAt(rate, smallestBurst) - rate * 0.005));
}
