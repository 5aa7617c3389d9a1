import type { RunSummary } from '../domain/run-summary.ts';
import type { VerifyReport } from '../domain/verify-report.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import type { CapacityReport } from '../report/capacity-state.ts';
import type { Plan, PlanProgress } from '../report/plan/plan-text.ts';
import type { Preflight } from '../report/plan/preflight-text.ts';
import type { VerifyFigures, VerifyPreflight } from '../report/verify-text.ts';
import type { ProcessUsage, RunContext } from '../report/watch/run-context.ts';
import type { RunStatus } from '../report/watch/run-status.ts';

/** What an import needs of the process it runs in. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly pid: number;
  /** Arguments behind the program's name, kept in the run directory for people to read. */
  readonly argv: readonly string[];
  stdin(): AsyncIterable<Uint8Array>;
  /** Called once, after the preflight and before the first write. Resolves false when the operator says no. */
  confirm(facts: Preflight): Promise<boolean>;
  /** The listeners to attach to the run; called once, when the run is known. */
  observe(run: RunContext): RunObserver;
  /** What is told, and with which exit code, where a second signal ends the process at once; undefined: nothing. */
  lastWords?(words: LastWords | undefined): void;
  /** Aborted by the first signal; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** What the process has used so far. */
  usage(): ProcessUsage;
  warn(message: string): void;
  random(): number;
  /** Where the tokens go with `repository: 'own'`. */
  readonly repository?: TokenRepository;
};

export type LastWords = { readonly message: string; readonly hint: string; readonly exitCode: number };

/** Runs one import, from options to summary. Throws ImportError for what stops it before the first row. */
export type ComposeImport = (
  options: ImportOptions,
  surroundings: Surroundings,
) => Promise<{
  readonly summary: RunSummary;
  /** Those that a resumed run was started with; undefined where they are those given. */
  readonly options?: ImportOptions;
}>;

/** What a change of capacity by itself needs of it. */
export type CapacitySurroundings = Pick<Surroundings, 'env' | 'cwd' | 'pid' | 'signal' | 'warn'> & {
  /** What happens, for those who watch. */
  tell(text: string): void;
  /** Resolves false when the operator says no. */
  confirm(text: string): Promise<boolean>;
};

/** Shows, sets or puts back the capacity of a table. Throws ImportError; rejects with the reason where the signal aborts. */
export type ComposeCapacity = (options: ImportOptions, surroundings: CapacitySurroundings) => Promise<CapacityReport>;
/** What a verification needs of the process. */
export type VerifySurroundings = Pick<
  Surroundings,
  'env' | 'cwd' | 'pid' | 'argv' | 'stdin' | 'signal' | 'warn' | 'random'
> & {
  /** Called once, before the first read. */
  preflight(facts: VerifyPreflight): void;
  /** Called once, before the rows are read. */
  observe(clock: Clock, figures: () => VerifyFigures): void;
};

/** Compares a source with the table. Throws ImportError for what stops it before the first read. */
export type ComposeVerify = (options: ImportOptions, surroundings: VerifySurroundings) => Promise<VerifyReport>;

/** What a plan needs of it: it asks nothing and has no run. */
export type PlanSurroundings = Pick<Surroundings, 'env' | 'cwd' | 'argv' | 'stdin' | 'signal' | 'warn'> & {
  /** Called once, before the rows are read. */
  observe(progress: PlanProgress): void;
};

/** Reads and maps the whole source and writes nothing. Throws ImportError; rejects with the reason where the signal aborts. */
export type ComposePlan = (options: ImportOptions, surroundings: PlanSurroundings) => Promise<Plan>;

/** What looking at a run needs of the process. */
export type RunPlace = Pick<Surroundings, 'cwd' | 'pid'>;

export type ComposeStatus = (
  folder: string,
  place: RunPlace,
) => Promise<{ readonly status: RunStatus; readonly nowMs: number }>;

/** Draws the report of a run anew, and returns its path. */
export type ComposeReport = (folder: string, place: RunPlace) => Promise<string>;
