/** How long something held, in all. */
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
