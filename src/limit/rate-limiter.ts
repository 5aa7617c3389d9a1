import type { Clock } from '../ports/clock.ts';
import type { Lease } from '../ports/token-repository.ts';

const burstSeconds = 0.02;

/** Permits that may be taken at once after an idle moment. */
export function burstAt(ratePerSecond: number, smallestBurst: number): number {
  return Math.max(smallestBurst, ratePerSecond * burstSeconds);
}

type Waiter = {
  readonly permits: number;
  readonly indexPermits: readonly number[] | undefined;
  readonly canBeSplit: boolean;
  readonly lease: Pick<Lease, 'holds'> | undefined;
  readonly resolve: (granted: boolean) => void;
};

/**
 * Grants permits (write units) at a rate, in order of arrival. The table and each of its global indexes have a bucket;
 * permits of all of them are taken together or not at all, so that the tightest governs. A bucket without a rate grants
 * everything at once. Buckets are numbered: 0 is the table's, 1 that of the first index.
 * @example if (await limiter.acquire(batch.writeUnits)) await repository.write(batch);
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #buckets: (TokenBucket | undefined)[];
  readonly #smallestBurst: number;
  #waiters: Waiter[] = [];
  readonly #waited = new TimeSpent();
  #cancelTimer: (() => void) | undefined;
  #stopped = false;
  #granted = 0;
  readonly #grantedByIndex: number[];

  /** `smallestBurst`: permits of a full batch, which is never split to fit the burst. */
  constructor(
    clock: Clock,
    ratePerSecond: number | undefined,
    smallestBurst: number,
    indexRates: readonly (number | undefined)[] = [],
  ) {
    this.#clock = clock;
    this.#smallestBurst = smallestBurst;
    this.#grantedByIndex = indexRates.map(() => 0);
    this.#buckets = [ratePerSecond, ...indexRates].map((rate) => this.#bucket(rate));
  }

  /** Permits a second of the table; undefined if there is no limit. */
  get ratePerSecond(): number | undefined {
    return this.#buckets[0]?.ratePerSecond;
  }

  /** Permits of the table granted since the start. */
  get granted(): number {
    return this.#granted;
  }

  /** The same for each index. */
  get grantedByIndex(): readonly number[] {
    return this.#grantedByIndex;
  }

  /** Batches that wait for permits. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** How long at least one batch waited, since the start. */
  get waitedMs(): number {
    return this.#waited.totalMs(this.#clock.nowMs());
  }

  /** Takes the permits if they are available and nothing else waits; otherwise takes none and returns false. */
  tryAcquire(permits: number, indexPermits?: readonly number[]): boolean {
    return !this.#stopped && this.#waiters.length === 0 && this.#take(permits, indexPermits);
  }

  /**
   * Resolves true once the permits are taken, or false without them: if the limiter was stopped, if a batch that can be
   * split waits for more than a batch may now hold, or if its lease has lapsed when its turn comes.
   */
  acquire(
    permits: number,
    indexPermits?: readonly number[],
    canBeSplit = false,
    lease?: Pick<Lease, 'holds'>,
  ): Promise<boolean> {
    if (this.#stopped || lease?.holds === false) return Promise.resolve(false);
    if (this.tryAcquire(permits, indexPermits)) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#waiters.push({ permits, indexPermits, canBeSplit, lease, resolve });
      if (this.#waiters.length > 1) return;
      this.#waited.begin(this.#clock.nowMs());
      this.#wakeLater();
    });
  }

  /** Takes permits that were consumed above the estimate, for which later batches wait. */
  charge(permits: number, bucket = 0): void {
    this.#buckets[bucket]?.charge(permits, this.#clock.nowMs());
  }

  /** Undefined lifts the limit. */
  setRate(ratePerSecond: number | undefined, bucket = 0): void {
    const nowMs = this.#clock.nowMs();
    const known = this.#buckets[bucket];
    if (known !== undefined && ratePerSecond !== undefined) {
      known.setRate(ratePerSecond, this.#burst(ratePerSecond), nowMs);
    } else {
      this.#buckets[bucket] = this.#bucket(ratePerSecond);
      // No burst has accrued without a limit.
      if (ratePerSecond !== undefined) this.charge(this.#burst(ratePerSecond), bucket);
    }
    this.#wake();
  }

  /** Releases, without permits, batches that can be split and wait for more permits of a bucket than this. */
  sendBack(maxPermits: number, bucket = 0): void {
    const isTooLarge = ({ permits, indexPermits, canBeSplit }: Waiter) =>
      canBeSplit && (bucket === 0 ? permits : (indexPermits?.[bucket - 1] ?? 0)) > maxPermits;
    const tooLarge = this.#waiters.filter(isTooLarge);
    if (tooLarge.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !isTooLarge(waiter));
    for (const { resolve } of tooLarge) resolve(false);
    this.#wake();
  }

  /** Releases everything that waits, without permits. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#waited.end(this.#clock.nowMs());
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(false);
  }

  #bucket(ratePerSecond: number | undefined): TokenBucket | undefined {
    if (ratePerSecond === undefined) return undefined;
    return new TokenBucket(ratePerSecond, this.#burst(ratePerSecond), this.#clock.nowMs());
  }

  #burst(ratePerSecond: number): number {
    return burstAt(ratePerSecond, this.#smallestBurst);
  }

  #take(permits: number, indexPermits: readonly number[] | undefined): boolean {
    const nowMs = this.#clock.nowMs();
    if (this.#waitMs(permits, indexPermits, nowMs) > 0) return false;
    this.#buckets[0]?.charge(permits, nowMs);
    this.#granted += permits;
    indexPermits?.forEach((units, i) => {
      this.#buckets[i + 1]?.charge(units, nowMs);
      this.#grantedByIndex[i]! += units;
    });
    return true;
  }

  /** Milliseconds until every bucket has its permits. An index that a batch does not touch does not hold it up. */
  #waitMs(permits: number, indexPermits: readonly number[] | undefined, nowMs: number): number {
    let longestMs = this.#buckets[0]?.waitMs(permits, nowMs) ?? 0;
    indexPermits?.forEach((units, i) => {
      if (units > 0) longestMs = Math.max(longestMs, this.#buckets[i + 1]?.waitMs(units, nowMs) ?? 0);
    });
    return longestMs;
  }

  #wake(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      const hasLapsed = first.lease?.holds === false;
      if (!hasLapsed && !this.#take(first.permits, first.indexPermits)) break;
      this.#waiters.shift();
      first.resolve(!hasLapsed);
    }
    if (this.#waiters.length > 0) {
      this.#wakeLater();
    } else {
      this.#cancelTimer?.();
      this.#waited.end(this.#clock.nowMs());
    }
  }

  #wakeLater(): void {
    this.#cancelTimer?.();
    const { permits, indexPermits } = this.#waiters[0]!;
    const delayMs = this.#waitMs(permits, indexPermits, this.#clock.nowMs());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#wake());
  }
}

/** Permits that may be missing because times are rounded: a timer for them could fire before the clock has moved. */
const rounding = 1e-4;

/**
 * Permits that accrue at a rate up to a burst. A request above the burst passes once the bucket is full, and leaves it
 * below zero, so that in any window of t seconds at most rate × t + max(burst, largest request) is taken.
 */
export class TokenBucket {
  #ratePerSecond: number;
  #burst: number;
  #level: number;
  #atMs: number;

  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#level = burst;
    this.#atMs = nowMs;
  }

  get ratePerSecond(): number {
    return this.#ratePerSecond;
  }

  /** Milliseconds until the permits are available, if nothing else takes any meanwhile. */
  waitMs(permits: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = Math.min(permits, this.#burst) - this.#level;
    return missing <= rounding ? 0 : (missing / this.#ratePerSecond) * 1000;
  }

  /** Takes the permits, available or not. */
  charge(permits: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#level -= permits;
  }

  setRate(ratePerSecond: number, burst: number, nowMs: number): void {
    this.#refill(nowMs);
    // Used permits stay used: otherwise a large request could follow a full burst when the burst shrinks.
    this.#level += burst - this.#burst;
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return;
    this.#level = Math.min(this.#burst, this.#level + (elapsedMs / 1000) * this.#ratePerSecond);
    this.#atMs = nowMs;
  }
}

/** Adds up how long something lasted. */
export class TimeSpent {
  #totalMs = 0;
  #sinceMs: number | undefined;

  begin(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  end(nowMs: number): void {
    this.#totalMs = this.totalMs(nowMs);
    this.#sinceMs = undefined;
  }

  totalMs(nowMs: number): number {
    return this.#totalMs + (this.#sinceMs === undefined ? 0 : nowMs - this.#sinceMs);
  }
}

/** First ceiling and largest ceiling of a delay. */
const firstMs = 50;
const largestMs = 5_000;

/**
 * Full jitter: a delay drawn evenly from 0 up to a ceiling that doubles with each attempt.
 * @param attempt the attempt that failed, from 1
 * @param random gives numbers in [0, 1)
 */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(largestMs, firstMs * 2 ** (attempt - 1));
}
