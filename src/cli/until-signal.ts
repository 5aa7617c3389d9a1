import type { LastWords } from '../compose/surroundings.ts';
import { exitCodes, isAbort, type StopSignal } from '../domain/import-error.ts';
import type { Screen } from '../report/watch/screen.ts';
import { type World, writeFault } from './world.ts';

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
