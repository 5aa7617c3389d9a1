import type { composeCapacity } from '../compose/capacity/capacity.ts';
import type { composeImport } from '../compose/import.ts';
import type { composePlan } from '../compose/plan/plan.ts';
import type { composeReport, composeStatus } from '../compose/run/read-run.ts';
import type { composeVerify } from '../compose/verify/verify.ts';
import type { StopSignal } from '../domain/exit-code.ts';
import type { TerminalLook } from '../report/watch/live-view.ts';
import type { ProcessUsage } from '../report/watch/run-context.ts';

/** How the work of each command is loaded: only where it is run, so that `--help` answers at once. */
export type Compositions = {
  readonly import: () => Promise<{ readonly composeImport: typeof composeImport }>;
  readonly verify: () => Promise<{ readonly composeVerify: typeof composeVerify }>;
  readonly capacity: () => Promise<{ readonly composeCapacity: typeof composeCapacity }>;
  readonly runReport: () => Promise<{
    readonly composeStatus: typeof composeStatus;
    readonly composeReport: typeof composeReport;
  }>;
  readonly plan: () => Promise<{ readonly composePlan: typeof composePlan }>;
};

/** Text going out; it never fails, since a closed pipe or a vanished terminal stops no import. */
export type TextOutput = {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly look: TerminalLook;
  /** Width and height now; 80 and 24 where they cannot be known. */
  columns(): number;
  rows(): number;
};

/** The process, as the command line sees it. */
export type World = {
  /** Arguments behind the program's name. */
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
    /** The next line, or undefined where there is none or `signal` aborts. */
    readLine(signal: AbortSignal): Promise<string | undefined>;
  };
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  random(): number;
  /** What the process has used so far. */
  usage(): ProcessUsage;
  /** Listens to the signals that stop; the returned function ends it. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** For what the AWS SDK reads nowhere else. */
  setEnv(name: string, value: string): void;
  /** Ends the process at once. */
  exitNow(exitCode: number): void;
};

export function writeFault(message: string, hint: string | undefined, world: World): void {
  world.stderr.write(`error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
}
