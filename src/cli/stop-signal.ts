import { type StopSignal, signalExitCodes } from './exit-code.ts';
import type { LastWords } from './surroundings.ts';
import type { World } from './world.ts';
import { writeFault } from './write-fault.ts';

/** A work that the first signal stops cleanly, and the second at once, with the whole process. */
type StoppableWork = {
  /** Aborted by the first signal; the reason is the signal's name. */
  readonly signal: AbortSignal;
  unlisten(): void;
};

type StopTexts = {
  /** What comes of the first signal, `what is in flight ends first`; undefined where it ends at once. */
  meanwhile(): string | undefined;
  warn(message: string): void;
  /** Leaves the terminal clean before the process ends. */
  close(): void;
  /** What the second signal leaves undone. */
  lastWords?(): LastWords | undefined;
};

export function stopOnSignal(world: World, { meanwhile, warn, close, lastWords }: StopTexts): StoppableWork {
  const stop = new AbortController();
  const unlisten = world.onStopSignal((signal) => {
    if (stop.signal.aborted) {
      close();
      const words = lastWords?.();
      if (words !== undefined) writeFault(words.message, words.hint, world);
      world.exitNow(words?.exitCode ?? signalExitCodes[signal]);
      return;
    }
    const again = signal === 'SIGINT' ? 'press Ctrl-C again' : 'a second signal';
    const what = meanwhile();
    if (what !== undefined) warn(`stopping on ${signal}: ${what}; ${again} to exit at once`);
    stop.abort(signal);
  });
  return { signal: stop.signal, unlisten };
}

/** True for what is thrown because the signal came. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error as Error)?.name === 'AbortError');
}

/** What the shell is told of a work that a signal stopped. */
export function signalExitCode(signal: AbortSignal): number {
  return signalExitCodes[signal.reason as StopSignal];
}
