import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  capacityParts,
  isActive,
  notReady,
  type ProvisionChange,
  partName,
  type TableInfo,
  type WarmChange,
} from '../../domain/table.ts';
import { holds } from '../../limit/plan-capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import type { TableCapacity, UpdateResult } from '../../ports/table-capacity.ts';

type CapacityEvent = Extract<RunEvent, { kind: 'capacity-changed' }>;

/** How a change of capacity is made: where, by which clock, and who is told. */
export type CapacityWork = {
  readonly capacity: TableCapacity;
  readonly clock: Clock;
  /** How long the table may stay UPDATING. */
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly tell: (change: CapacityEvent['change'], text: string) => void;
};

/** What became of the changes; `too-soon`: the service allows no more decreases for now. */
export type Applied =
  | { readonly kind: 'done'; readonly table: TableInfo }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'too-soon';
      readonly table: TableInfo;
      readonly changes: readonly ProvisionChange[];
      readonly allowedAtMs: number | undefined;
    };

/** Pauses between two polls: the first, and the longest. */
const firstPauseMs = 200;
const longestPauseMs = 5_000;
const tellEveryMs = 10_000;
/** How long an endpoint that does not answer is retried. */
const unreachableMs = 60_000;
/** A table that stays ACTIVE this long with other figures than were asked for has been changed by someone else. */
const strayMs = 30_000;

/**
 * Makes the changes that `plan` asks for, plans again with the table as it is then until there are none, and waits until
 * they have taken effect. Throws ImportError; `stalled` if the table is UPDATING for too long.
 * @param asking wraps each request
 */
export async function applyChanges(
  work: CapacityWork,
  plan: (table: TableInfo) => Promise<readonly ProvisionChange[]>,
  asking: (ask: () => Promise<UpdateResult>) => Promise<UpdateResult> = (ask) => ask(),
): Promise<Applied> {
  let asked: readonly ProvisionChange[] = [];
  const hasWhatIsAsked = (table: TableInfo) => holds(table, asked);
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const table = await untilActive(work, hasWhatIsAsked);
    if (table === undefined) return { kind: 'stopped' };
    const changes = await plan(table);
    if (changes.length === 0) return { kind: 'done', table };
    const result = await retryUnreachable(work, () => asking(() => work.capacity.update(changes)));
    if (result === undefined) return { kind: 'stopped' };
    if (result.kind === 'too-soon') return { ...result, table, changes };
    asked = result.kind === 'taken' ? changes : [];
    if (result.kind === 'busy') await work.clock.sleep(pauseMs, work.signal);
  }
}

/**
 * Raises the warm throughput that `plan` asks for, in one request, and resolves with the table once it has it. A request
 * costs money, so only one that the service did not take is made again. Undefined if the signal aborts. Throws ImportError.
 */
export async function warmUp(
  work: CapacityWork,
  plan: (table: TableInfo) => readonly WarmChange[],
): Promise<TableInfo | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const table = await untilActive(work);
    if (table === undefined) return undefined;
    const changes = plan(table);
    if (changes.length === 0) return table;
    const result = await retryUnreachable(work, () => work.capacity.warm(changes));
    if (result === undefined) return undefined;
    if (result.kind === 'taken') return untilActive(work, (now) => plan(now).length === 0);
    await work.clock.sleep(pauseMs, work.signal);
  }
}

/** Resolves with the table once it is ACTIVE and has what was asked for; undefined if the signal aborts. */
export async function untilActive(
  work: CapacityWork,
  hasWhatIsAsked: (table: TableInfo) => boolean = () => true,
): Promise<TableInfo | undefined> {
  const { clock, signal, tell, timeoutMs } = work;
  const startMs = clock.nowMs();
  let tellAtMs = startMs;
  let activeSinceMs: number | undefined;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const table = await retryUnreachable(work, () => work.capacity.describe());
    if (table === undefined) return undefined;
    const nowMs = clock.nowMs();
    activeSinceMs = isActive(table) ? (activeSinceMs ?? nowMs) : undefined;
    if (activeSinceMs !== undefined && hasWhatIsAsked(table)) return table;
    refuseHopeless(table);
    if (activeSinceMs !== undefined && nowMs - activeSinceMs > strayMs) throw strayed(table);
    if (nowMs - startMs >= timeoutMs) throw stillUpdating(table, nowMs - startMs);
    if (nowMs >= tellAtMs) {
      tell('waiting', waitingText(table, nowMs - startMs));
      tellAtMs = nowMs + tellEveryMs;
    }
    await clock.sleep(pauseMs, signal);
    if (signal?.aborted) return undefined;
  }
}

/** Retries for a minute while the endpoint does not answer; undefined if the signal aborts. */
export async function retryUnreachable<T>(
  { clock, signal, tell }: CapacityWork,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  const untilMs = clock.nowMs() + unreachableMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    if (signal?.aborted) return undefined;
    try {
      return await ask();
    } catch (error) {
      const unreachable = error instanceof ImportError && error.code === 'endpoint-unreachable';
      if (!unreachable || clock.nowMs() + pauseMs > untilMs) throw error;
      if (pauseMs === firstPauseMs) tell('waiting', `${error.message}: retrying for a minute`);
    }
    await clock.sleep(pauseMs, signal);
  }
}

function refuseHopeless(table: TableInfo): void {
  if (table.status === 'ACTIVE' || table.status === 'UPDATING' || table.status === 'CREATING') return;
  throw notReady(table, 'Wait until the table is ACTIVE: only then its capacity can be changed.');
}

function strayed(table: TableInfo): ImportError {
  return new ImportError(
    'service-refused',
    `table ${table.name} is ACTIVE, but does not have the requested write units: someone else changed its capacity`,
    { hint: 'Check with import-tokens capacity show, and try again.' },
  );
}

function stillUpdating(table: TableInfo, waitedMs: number): ImportError {
  return new ImportError('stalled', waitingText(table, waitedMs), {
    hint: 'Wait until it is ACTIVE (import-tokens capacity show), or allow more time with --stall-timeout.',
  });
}

function waitingText(table: TableInfo, waitedMs: number): string {
  const busy = capacityParts(table).filter(({ status }) => status !== 'ACTIVE');
  const what = busy.length === 0 ? 'the capacity is being changed' : busy.map(partStatus).join(', ');
  const seconds = Math.round(waitedMs / 1000);
  return seconds === 0 ? `${what}: waiting` : `${what}: waiting for ${seconds} s so far`;
}

function partStatus({ index, status }: { readonly index: string | undefined; readonly status: string }): string {
  return `${partName(index)} is ${status}`;
}

/** `index "by-user" from 20 to 20,000 write units a second`. */
export function partUnits({ index, writeUnits }: ProvisionChange, table: TableInfo): string {
  const found = capacityParts(table).find((part) => part.index === index)?.provisionedWriteUnits;
  return `${partName(index)} from ${formatCount(found ?? 0)} to ${formatCount(writeUnits)} write units a second`;
}

export function allUnits(changes: readonly ProvisionChange[], table: TableInfo): string {
  return changes.map((change) => partUnits(change, table)).join(', ');
}
