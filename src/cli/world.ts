import { randomInt } from 'node:crypto';
import type { LastWords, Surroundings } from '../compose/surroundings.ts';
import { exitCodes, isAbort, type StopSignal } from '../domain/import-error.ts';
import type { ProcessUsage } from '../report/watch/run-context.ts';
import type { Screen, TextOutput } from '../report/watch/screen.ts';

/** Loads the work of each command, only when it is run, so that `--help` answers at once. */
export type Compositions = {
  import(): Promise<Pick<typeof import('../compose/import.ts'), 'composeImport'>>;
  endCommand(): Promise<Pick<typeof import('../compose/run/import-summary.ts'), 'runEndCommand'>>;
  convert(): Promise<Pick<typeof import('../compose/convert/convert.ts'), 'composeConvert'>>;
  plan(): Promise<Pick<typeof import('../compose/plan/plan.ts'), 'composePlan'>>;
  verify(): Promise<Pick<typeof import('../compose/verify/verify.ts'), 'composeVerify'>>;
  capacity(): Promise<Pick<typeof import('../compose/capacity/capacity.ts'), 'composeCapacity'>>;
  runReport(): Promise<
    Pick<typeof import('../compose/run/read-run.ts'), 'composeReport' | 'keepVerification'> &
      Pick<
        typeof import('../compose/run/show-run.ts'),
        'composeRuns' | 'composeStatus' | 'watchStatus' | 'reportShards'
      >
  >;
};

/** What the command line needs of its process. */
export type World = {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly pid: number;
  isFile(path: string): boolean;
  /** What runs the program: `Node v24.1.0 on linux-x64`. */
  readonly runtime: string;
  readonly stdin: {
    readonly isTerminal: boolean;
    bytes(): AsyncIterable<Uint8Array>;
    /** The next line, or undefined at the end of input or when `signal` aborts. */
    readLine(signal: AbortSignal): Promise<string | undefined>;
    /** The same of a terminal, which does not show what is typed. */
    readHiddenLine(signal: AbortSignal): Promise<string | undefined>;
  };
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  random(): number;
  /** Resources that the process has used so far. */
  usage(): ProcessUsage;
  /** Listens to the signals that stop an import; the returned function ends it. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** For settings that the AWS SDK reads only from the environment. */
  setEnv(name: string, value: string): void;
  /** Ends the process at once. */
  exitNow(exitCode: number): void;
};

export function writeFault(message: string, hint: string | undefined, world: World): void {
  world.stderr.write(`error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
}

/** Returns a function that reads what this process has used so far. */
export function usageMeter(readMemory: () => NodeJS.MemoryUsage = process.memoryUsage): () => ProcessUsage {
  let memory = { rss: 0, heapUsed: 0 };
  return () => {
    const { user, system } = process.cpuUsage();
    try {
      memory = readMemory();
    } catch {
      // Reading needs a free file descriptor (EMFILE); for a chart the previous figures will do.
    }
    const loopBusyMs = performance.eventLoopUtilization().active;
    const { rss: residentBytes, heapUsed: heapBytes } = memory;
    return { loopBusyMs, cpuMs: (user + system) / 1000, residentBytes, heapBytes };
  };
}

/** The process as an import sees it inside another program: it asks nothing and shows nothing. */
export function embedded(
  repository: NonNullable<Surroundings['repository']>,
  signal: AbortSignal | undefined,
  on: ReturnType<Surroundings['observe']>['on'],
  warn: Surroundings['warn'],
): Surroundings {
  const stop = new AbortController();
  // The pipeline expects the name of a signal; an abort is like Ctrl-C.
  const interrupt = () => stop.abort('SIGINT');
  if (signal?.aborted) interrupt();
  else signal?.addEventListener('abort', interrupt, { once: true });
  return {
    env: process.env,
    cwd: process.cwd(),
    pid: process.pid,
    argv: [],
    stdin: () => process.stdin,
    confirm: async () => true,
    observe: () => ({ on }),
    signal: stop.signal,
    warn,
    usage: usageMeter(),
    random: () => randomInt(2 ** 32) / 2 ** 32,
    repository,
  };
}

type StopWords = {
  /** What happens after the first signal; undefined where the work ends at once. */
  meanwhile(): string | undefined;
  /** Follows `stopped by SIGINT` in the error: ` before the first write`. */
  stopped(): string;
  /** What to do then. */
  readonly hint?: string;
  /** What the second signal leaves undone. */
  lastWords?(): LastWords | undefined;
};

/**
 * Runs `work`. The first signal aborts it cleanly, with the signal's name as the reason; a second one exits the process.
 * Resolves with the exit code.
 */
export async function untilSignal(
  world: World,
  screen: Pick<Screen, 'warn' | 'close'>,
  { meanwhile, stopped, hint, lastWords }: StopWords,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  const unlisten = world.onStopSignal((signal) => {
    if (stop.signal.aborted) {
      screen.close();
      const words = lastWords?.();
      if (words !== undefined) writeFault(words.message, words.hint, world);
      world.exitNow(words?.exitCode ?? exitCodes[signal]);
      return;
    }
    const again = signal === 'SIGINT' ? 'press Ctrl-C again' : 'a second signal';
    const what = meanwhile();
    if (what !== undefined) screen.warn(`stopping on ${signal}: ${what}; ${again} to exit at once`);
    stop.abort(signal);
  });
  try {
    return await work(stop.signal);
  } catch (error) {
    screen.close();
    if (!isAbort(error, stop.signal)) throw error;
    const signal = stop.signal.reason as StopSignal;
    writeFault(`stopped by ${signal}${stopped()}`, hint, world);
    return exitCodes[signal];
  } finally {
    unlisten();
  }
}
