/** The importer's time, which tests replace so that they need not wait. */
export type Clock = {
  /** Monotonic milliseconds with fractions; the zero is arbitrary. */
  nowMs(): number;
  /** Milliseconds since 1970 in UTC. */
  wallMs(): number;
  /** Calls `callback` once, after at least `delayMs`. The returned function cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`, or at once when `signal` aborts; never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
};
