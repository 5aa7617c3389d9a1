import { resolve } from 'node:path';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { loadVerifyState } from '../../adapters/file/run/verify-state.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { RunStatus, VerifyStatus } from '../../report/watch/run-status.ts';
import { judgeShards, type ShardsStatus } from '../../report/watch/shards-status.ts';
import type { RunPlace } from '../surroundings.ts';
import { readRun, storedReport } from './read-run.ts';
import { readShards } from './read-shards.ts';

/** The status of a run with the time now, that of shards, or the report of a verification. Throws ImportError `run-dir` if it holds none. */
export async function composeStatus(
  folder: string,
  place: RunPlace,
): Promise<
  | { readonly status: RunStatus; readonly nowMs: number }
  | { readonly shards: ShardsStatus }
  | { readonly verification: VerifyStatus }
> {
  const verification = await readVerification(resolve(place.cwd, folder), place);
  if (verification !== undefined) return { verification };
  const shards = await readShards(folder, place);
  if (shards !== undefined) return { shards };
  return { status: await readRun(folder, place), nowMs: systemClock.wallMs() };
}

/** The status of the run or the shards in a folder once a second, until none is running. Throws ImportError as `composeStatus` does. */
export async function* watchStatus(
  folder: string,
  place: RunPlace,
): AsyncGenerator<Awaited<ReturnType<typeof composeStatus>>> {
  for (;;) {
    const seen = await composeStatus(folder, place);
    yield seen;
    if (!isRunning(seen)) return;
    await systemClock.sleep(1000);
  }
}

function isRunning(seen: Awaited<ReturnType<typeof composeStatus>>): boolean {
  if ('shards' in seen) return judgeShards(seen.shards).state === 'running';
  return ('verification' in seen ? seen.verification : seen.status).state === 'running';
}

async function readVerification(folder: string, { pid }: RunPlace): Promise<VerifyStatus | undefined> {
  const state = await loadVerifyState(folder);
  if (state === undefined) return undefined;
  const [holder, report] = await Promise.all([
    holderOf(folder, pid, processIdentity),
    storedReport(folder).catch(() => undefined),
  ]);
  const ended = state.finished === true || report !== undefined;
  return {
    runDir: folder,
    state: holder === 'alive' ? 'running' : ended ? 'ended' : 'stopped',
    sources: state.source.map(({ name }) => name),
    rowsRead: report?.rows.read ?? state.progress?.mark.ordinal,
    report,
  };
}
