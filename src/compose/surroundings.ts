import type { Clock } from '../ports/clock.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import type { PlanProgress } from '../report/plan/plan-text.ts';
import type { Preflight } from '../report/plan/preflight.ts';
import type { VerifyFigures, VerifyPreflight } from '../report/verify-text.ts';
import type { ProcessUsage, RunContext } from '../report/watch/run-context.ts';

/** What an import needs of the process it runs in. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly pid: number;
  /** Arguments after the program's name, kept in the run directory for people to read. */
  readonly argv: readonly string[];
  stdin(): AsyncIterable<Uint8Array>;
  /** Asks the operator for a password without showing it; undefined if nobody can be asked. */
  askPassword?(question: string): Promise<string | undefined>;
  /** Called once, after the preflight and before the first write. Resolves false if the operator says no. */
  confirm(preflight: Preflight): Promise<boolean>;
  /** Called once there is a run, with its directory if it has one. */
  began?(runDir: string | undefined): void;
  /** The listeners to attach to the run; called once, when the run is known. */
  observe(run: RunContext): RunObserver;
  /** What to print, and the exit code, if a second signal ends the process at once; undefined: nothing. */
  lastWords?(words: LastWords | undefined): void;
  /** Aborted by the first signal; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** What the process has used so far. */
  usage(): ProcessUsage;
  warn(message: string): void;
  random(): number;
  /** The destination of the tokens with `repository: 'own'`. */
  readonly repository?: TokenRepository;
};

export type LastWords = { readonly message: string; readonly hint: string; readonly exitCode: number };

/** What a conversion needs of the process: it asks nothing. */
export type ConvertSurroundings = Omit<Surroundings, 'confirm'>;

/** What a change of capacity needs of the process. */
export type CapacitySurroundings = Pick<Surroundings, 'env' | 'cwd' | 'pid' | 'signal' | 'warn'> & {
  /** Shows what happens. */
  tell(text: string): void;
  /** Resolves false if the operator says no. */
  confirm(text: string): Promise<boolean>;
};

/** What a verification needs of the process. */
export type VerifySurroundings = Omit<PlanSurroundings, 'observe'> &
  Pick<Surroundings, 'pid'> & {
    /** Called once, before the first read. */
    preflight(preflight: VerifyPreflight): void;
    /** Called once, before the rows are read. */
    observe(clock: Clock, figures: () => VerifyFigures): void;
  };

/** What a plan needs of the process: it asks nothing and has no run. */
export type PlanSurroundings = Pick<
  Surroundings,
  'env' | 'cwd' | 'argv' | 'stdin' | 'signal' | 'warn' | 'random' | 'askPassword'
> & {
  /** Called once, before the rows are read. */
  observe(progress: PlanProgress): void;
};

/** What looking at a run needs of the process. */
export type RunPlace = Pick<Surroundings, 'cwd' | 'pid'>;

/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it aborts: a pipe may be silent for ever. Work
 * that is still waiting then is abandoned.
 */
export function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
