import { randomInt } from 'node:crypto';
import type { composeCapacity } from '../compose/capacity/capacity.ts';
import type { composeConvert } from '../compose/convert/convert.ts';
import type { composeImport } from '../compose/import.ts';
import type { composePlan } from '../compose/plan/plan.ts';
import type { runEndCommand } from '../compose/run/end-command.ts';
import type { composeRuns } from '../compose/run/list-runs.ts';
import type { composeReport, keepVerification } from '../compose/run/read-run.ts';
import type { reportShards } from '../compose/run/read-shards.ts';
import type { composeStatus, watchStatus } from '../compose/run/show-run.ts';
import type { Surroundings } from '../compose/surroundings.ts';
import type { composeVerify } from '../compose/verify/verify.ts';
import type { StopSignal } from '../domain/import-error.ts';
import type { TerminalLook } from '../report/watch/live-view.ts';
import type { ProcessUsage } from '../report/watch/run-context.ts';

/** Loads the work of each command, only when it is run, so that `--help` answers at once. */
export type Compositions = {
  readonly import: () => Promise<{ readonly composeImport: typeof composeImport }>;
  readonly endCommand: () => Promise<{ readonly runEndCommand: typeof runEndCommand }>;
  readonly verify: () => Promise<{ readonly composeVerify: typeof composeVerify }>;
  readonly capacity: () => Promise<{ readonly composeCapacity: typeof composeCapacity }>;
  readonly runReport: () => Promise<{
    readonly composeStatus: typeof composeStatus;
    readonly composeReport: typeof composeReport;
    readonly reportShards: typeof reportShards;
    readonly composeRuns: typeof composeRuns;
    readonly watchStatus: typeof watchStatus;
    readonly keepVerification: typeof keepVerification;
  }>;
  readonly convert: () => Promise<{ readonly composeConvert: typeof composeConvert }>;
  readonly plan: () => Promise<{ readonly composePlan: typeof composePlan }>;
};

/** Output of text. It never fails: a closed pipe or a vanished terminal must not stop an import. */
export type TextOutput = {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly look: TerminalLook;
  /** Width and height now; 80 and 24 where unknown. */
  columns(): number;
  rows(): number;
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

type Embedding = {
  readonly repository: NonNullable<Surroundings['repository']>;
  readonly signal: AbortSignal | undefined;
  readonly on: ReturnType<Surroundings['observe']>['on'];
  readonly warn: (message: string) => void;
};

/** The process as an import sees it inside another program: it asks nothing and shows nothing. */
export function embedded({ repository, signal, on, warn }: Embedding): Surroundings {
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
