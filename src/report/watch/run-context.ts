import type { ImportFigures, StoredBytes } from '../../domain/import-figures.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import type { RunFigures } from './run-figures.ts';

/** What the process has used since it started. */
export type ProcessUsage = {
  /** Time in which its one thread was not idle. */
  readonly loopBusyMs: number;
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
};

/** Figures of this moment that no event carries. */
export type LiveFigures = ImportFigures &
  StoredBytes &
  TrafficTotals &
  ProcessUsage & {
    /** In ms since 1970; undefined where they do not expire, or it is not known. */
    readonly credentialsExpireMs?: number | undefined;
  };

/** What a listener knows of the run it listens to. */
export type RunContext = {
  readonly runId: string;
  readonly runDir?: string;
  /** Names for messages, by `fileIndex`. */
  readonly sources: readonly string[];
  readonly clock: Clock;
  /** How the run stands now; to be asked a few times a second at most. */
  readonly figures: () => RunFigures;
};

/** A listener with something to put away at the end: timers, a line on the screen. */
export type RunListener = RunObserver & { close(): void };
