import { systemClock } from '../../adapters/system/system-clock.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Surroundings } from '../surroundings.ts';
import type { RunFolder } from './run-folder.ts';

/** Whether no write of the process before can come late any more. */
export type WritesBefore = 'settled' | 'unsettled';

/**
 * Waits where the process before may have left writes under way: nothing is known of them when it was killed. A signal
 * ends the wait, and leaves it to the next resume.
 */
export async function awaitLateWrites(
  { progress, settleBeforeMs }: RunFolder,
  { settleMs, given }: ImportOptions,
  { warn, signal }: Surroundings,
): Promise<WritesBefore> {
  if (progress?.settled === true) return 'settled';
  const waitMs = given.includes('settleMs') ? settleMs : Math.max(settleMs, settleBeforeMs);
  warn(`waiting ${waitMs / 1000} s, so that no write of the process before can come late`);
  await systemClock.sleep(waitMs, signal);
  return signal.aborted ? 'unsettled' : 'settled';
}
