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

  /** Takes the permits if they are available; otherwise takes none and returns false. */
  tryTake(permits: number, nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#missing(permits) > rounding) return false;
    this.#level -= permits;
    return true;
  }

  /** Milliseconds until `tryTake` would succeed, if nothing else takes permits meanwhile. */
  waitMs(permits: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = this.#missing(permits);
    return missing <= rounding ? 0 : (missing / this.#ratePerSecond) * 1000;
  }

  /** Takes permits that were used without being asked for. */
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

  #missing(permits: number): number {
    return Math.min(permits, this.#burst) - this.#level;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return;
    this.#level = Math.min(this.#burst, this.#level + (elapsedMs / 1000) * this.#ratePerSecond);
    this.#atMs = nowMs;
  }
}
