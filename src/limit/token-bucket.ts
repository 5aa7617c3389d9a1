/**
 * Permits that accrue at a rate up to a burst. A request above the burst is let through once the bucket is full and
 * leaves a debt, so that in any window of t seconds at most rate × t + max(burst, largest request) is taken.
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

  /** Takes the permits where they are there; otherwise takes none and returns false. */
  tryTake(permits: number, nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#level < Math.min(permits, this.#burst)) return false;
    this.#level -= permits;
    return true;
  }

  /** Milliseconds until `tryTake` would succeed, if nothing else takes permits meanwhile. */
  waitMs(permits: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = Math.min(permits, this.#burst) - this.#level;
    return missing <= 0 ? 0 : (missing / this.#ratePerSecond) * 1000;
  }

  /** Takes permits that were used without having been asked for. */
  charge(permits: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#level -= permits;
  }

  setRate(ratePerSecond: number, burst: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#level = Math.min(this.#level, burst);
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return;
    this.#level = Math.min(this.#burst, this.#level + (elapsedMs / 1000) * this.#ratePerSecond);
    this.#atMs = nowMs;
  }
}
