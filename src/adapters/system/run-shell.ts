import { spawn } from 'node:child_process';
import type { Clock } from '../../ports/clock.ts';

type ShellLimits = {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends the command when it aborts; one that is aborted already does not. */
  readonly signal: AbortSignal;
};

/** Between SIGTERM and SIGKILL. */
const graceMs = 2000;

/**
 * Runs a command by the shell, without standard input; both of its outputs go to standard error. When it takes too long
 * it is ended, with the processes it started. Resolves with what went wrong, in words; undefined if it exits with 0.
 */
export async function runShell(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  { clock, timeoutMs, signal }: ShellLimits,
): Promise<string | undefined> {
  // A process group of its own can be ended as a whole.
  const child = spawn('/bin/sh', ['-c', command], { env, stdio: ['ignore', 2, 2], detached: true });
  let endedFor: string | undefined;
  let cancelKill = () => {};
  const end = (reason: string) => {
    endedFor ??= reason;
    signalGroup(child.pid, 'TERM');
    cancelKill();
    cancelKill = clock.setTimer(graceMs, () => signalGroup(child.pid, 'KILL'));
  };
  const cancelTimeout = clock.setTimer(timeoutMs, () => end(`it was ended after ${timeoutMs / 1000} s`));
  const stop = () => end(`it was ended on ${signal.reason}`);
  if (!signal.aborted) signal.addEventListener('abort', stop, { once: true });
  try {
    const ending = await new Promise<string | undefined>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('exit', (code, killedBy) =>
        resolve(code === 0 ? undefined : code === null ? `it was ended by ${killedBy}` : `its exit code is ${code}`),
      );
    });
    return endedFor ?? ending;
  } finally {
    cancelTimeout();
    signal.removeEventListener('abort', stop);
    // What the shell started may have ignored SIGTERM.
    if (endedFor !== undefined) signalGroup(child.pid, 'KILL');
    cancelKill();
  }
}

/** By a shell, since Node sends signals to groups only through `process`. */
function signalGroup(pid: number | undefined, name: 'TERM' | 'KILL'): void {
  if (pid === undefined) return;
  const args = ['-c', `kill -s ${name} -- -${pid} 2>/dev/null`];
  spawn('/bin/sh', args, { stdio: 'ignore' }).on('error', () => {});
}
