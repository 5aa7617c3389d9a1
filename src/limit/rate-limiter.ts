import type { Clock } from '../ports/clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** Write units that may be sent at once after an idle moment. */
const burstSeconds = 0.02;

/** Permits that may be taken at once after an idle moment. */
export function burstAt(ratePerSecond: number, smallestBurst: number): number {
  return Math.max(smallestBurst, ratePerSecond * burstSeconds);
}

type Waiter = { readonly permits: number; readonly resolve: (granted: boolean) => void };

/**
 * Grants permits (write units) at a rate, in the order of arrival. Without a rate it grants all at once.
 * @example if (await limiter.acquire(batch.writeUnits)) await repository.write(batch);
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket | undefined;
  readonly #smallestBurst: number;
  readonly #waiters: Waiter[] = [];
  #cancelTimer: (() => void) | undefined;
  #stopped = false;
  #granted = 0;

  /** `smallestBurst`: permits of a full batch, which is never split to fit the burst. */
  constructor(clock: Clock, ratePerSecond: number | undefined, smallestBurst: number) {
    this.#clock = clock;
    this.#smallestBurst = smallestBurst;
    this.#bucket =
      ratePerSecond === undefined
        ? undefined
        : new TokenBucket(ratePerSecond, this.#burst(ratePerSecond), clock.nowMs());
  }

  /** Permits a second; undefined where there is no limit. */
  get ratePerSecond(): number | undefined {
    return this.#bucket?.ratePerSecond;
  }

  /** Permits granted since the start. */
  get granted(): number {
    return this.#granted;
  }

  /** Batches that wait for permits. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Resolves true with the permits taken, or false once the limiter was stopped. */
  acquire(permits: number): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    if (this.#waiters.length === 0 && this.#take(permits)) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#waiters.push({ permits, resolve });
      if (this.#waiters.length === 1) this.#wakeLater();
    });
  }

  /** Takes permits that the table consumed above the estimate; later batches wait for them. */
  charge(permits: number): void {
    this.#bucket?.charge(permits, this.#clock.nowMs());
  }

  setRate(ratePerSecond: number): void {
    this.#bucket?.setRate(ratePerSecond, this.#burst(ratePerSecond), this.#clock.nowMs());
    this.#wake();
  }

  /** Lets go all that wait, without permits. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(false);
  }

  #burst(ratePerSecond: number): number {
    return burstAt(ratePerSecond, this.#smallestBurst);
  }

  #take(permits: number): boolean {
    const taken = this.#bucket === undefined || this.#bucket.tryTake(permits, this.#clock.nowMs());
    if (taken) this.#granted += permits;
    return taken;
  }

  #wake(): void {
    while (this.#waiters.length > 0 && this.#take(this.#waiters[0]!.permits)) this.#waiters.shift()!.resolve(true);
    if (this.#waiters.length > 0) this.#wakeLater();
  }

  #wakeLater(): void {
    this.#cancelTimer?.();
    const delayMs = this.#bucket?.waitMs(this.#waiters[0]!.permits, this.#clock.nowMs()) ?? 0;
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#wake());
  }
}
