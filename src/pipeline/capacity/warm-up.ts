import { ImportError } from '../../domain/import-error.ts';
import type { TableInfo } from '../../domain/table.ts';
import { capacityParts, isActive, type WarmChange } from '../../domain/write-capacity.ts';
import { type CapacityWork, retryUnreachable, untilActive } from './apply-changes.ts';

const firstPauseMs = 200;
const longestPauseMs = 5_000;
const tellEveryMs = 10_000;

/**
 * Raises what `plan` asks for, in one request, and polls until the table has it: a request costs money, so only one that
 * the service did not take is made again. Undefined if the signal aborts. Throws ImportError; `stalled` if it takes too long.
 */
export async function warmUp(
  work: CapacityWork,
  plan: (table: TableInfo) => readonly WarmChange[],
): Promise<TableInfo | undefined> {
  const { clock, signal, tell, timeoutMs } = work;
  const startMs = clock.nowMs();
  let tellAtMs = startMs;
  let isTaken = false;
  let table = await untilActive(work);
  for (let pauseMs = firstPauseMs; table !== undefined; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const changes = plan(table);
    const isIdle = isActive(table) && capacityParts(table).every(({ isWarming }) => isWarming !== true);
    if (changes.length === 0 && isIdle) return table;
    if (!isTaken && isIdle) {
      const result = await retryUnreachable(work, () => work.capacity.warm(changes));
      if (result === undefined) return undefined;
      isTaken = result.kind === 'taken';
    }
    const waitedMs = clock.nowMs() - startMs;
    if (waitedMs >= timeoutMs) throw stillWarming(table, waitedMs);
    if (clock.nowMs() >= tellAtMs) {
      tell('waiting', `the warm throughput is being raised: waiting for ${Math.round(waitedMs / 1000)} s so far`);
      tellAtMs = clock.nowMs() + tellEveryMs;
    }
    await clock.sleep(pauseMs, signal);
    if (signal?.aborted) return undefined;
    table = await retryUnreachable(work, () => work.capacity.describe());
  }
  return undefined;
}

function stillWarming({ name }: TableInfo, waitedMs: number): ImportError {
  const seconds = Math.round(waitedMs / 1000);
  return new ImportError('stalled', `table ${name} does not have its warm throughput after ${seconds} s`, {
    hint: 'Check with import-tokens capacity show, or allow more time with --stall-timeout.',
  });
}
