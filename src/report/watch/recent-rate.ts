/** Figures a second over the last `windowMs`, from totals told now and then. */
type RecentRate = {
  add(atMs: number, total: number): void;
  /** Undefined until two totals are known. */
  perSecond(): number | undefined;
};

/** The first total tells where the count begins. Memory is bounded by how often it is told within the window. */
export function recentRate(windowMs: number): RecentRate {
  let samples: { readonly atMs: number; readonly total: number }[] = [];
  return {
    add(atMs, total) {
      samples.push({ atMs, total });
      // One sample from before the window stays, so that the window is spanned whole.
      const firstInside = samples.findIndex((sample) => sample.atMs > atMs - windowMs);
      if (firstInside > 1) samples = samples.slice(firstInside - 1);
    },
    perSecond() {
      const first = samples[0];
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
      return (last.total - first.total) / ((last.atMs - first.atMs) / 1000);
    },
  };
}
