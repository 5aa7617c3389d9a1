import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';

/** Figures of this moment that no event carries. */
export type LiveFigures = {
  /** Rows read since the start of the import, over resumes. */
  readonly rowsRead: number;
  /** Batches out now. */
  readonly inFlight: number;
  readonly storedBytesRead: number;
  /** Undefined where a source has no size, as standard input. */
  readonly storedBytesTotal: number | undefined;
  readonly connectionsOpened: number;
  readonly bytesSent: number;
};

/** What a listener knows of the run it listens to. */
export type RunContext = {
  readonly runId: string;
  readonly runDir?: string;
  /** Names for messages, by `fileIndex`. */
  readonly sources: readonly string[];
  /** Write units a second; null: no limit. */
  readonly rateLimit: number | null;
  readonly clock: Clock;
  readonly stats: () => LiveFigures;
};

/** A listener with something to put away at the end: timers, a line on the screen. */
export type RunListener = RunObserver & { close(): void };
