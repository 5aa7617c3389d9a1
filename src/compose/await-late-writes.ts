import { systemClock } from '../adapters/system/system-clock.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import type { RunFolder } from './run-folder.ts';

/** Whether no write of the process before can come late any more. */
export type WritesBefore = 'settled' | 'unsettled';

/**
 * Waits where the process before may have left writes under way: nothing is known of them when it was killed. A signal
 * ends the wait, and leaves it to the next resume.
 */
export async function awaitLateWrites(
  { progress }: RunFolder,
  { settleMs }: ImportOptions,
  { warn, signal }: Surroundings,
): Promise<WritesBefore> {
  if (progress?.settled === true) return 'settled';
  warn(`waiting ${settleMs / 1000} s, so that no write of the process before can come late`);
  await systemClock.sleep(settleMs, signal);
  return signal.aborted ? 'unsettled' : 'settled';
}
