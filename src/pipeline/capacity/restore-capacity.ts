import { formatCount, utcText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import {
  allSuspended,
  type CapacityRaise,
  capacityParts,
  partName,
  type RaisedPart,
  type ScalingTarget,
} from '../../domain/table.ts';
import { decreaseAllowedAtMs, holds, type LeftAlonePart, planRestore } from '../../limit/plan-capacity.ts';
import type { RaiseStore } from '../../ports/run-stores.ts';
import { type Applied, allUnits, applyChanges, type CapacityWork, retryUnreachable } from './apply-changes.ts';

export type Restored = {
  /** What could not be restored; undefined if everything was. */
  readonly unrestored?: CapacityRaise;
  /** Why not, and when the service allows it (wall clock, ms). */
  readonly fault?: ImportError;
  readonly allowedAtMs?: number;
  /** Parts that someone else has changed since. */
  readonly leftAlone: readonly LeftAlonePart[];
};

/** A change that was requested shows within this time. */
const showsWithinMs = 10_000;

/**
 * Lowers the parts that still are as the run left them, then resumes auto scaling. What fails stays in the store.
 * Throws ImportError only if the store cannot be written.
 */
export async function restoreCapacity(work: CapacityWork, raise: CapacityRaise, store: RaiseStore): Promise<Restored> {
  let lowered = await lower(work, raise.parts);
  // Also if something was lowered: that may have been an earlier figure than the last one requested.
  if (mayShowLate(raise, lowered) && (await waitUntilShown(work, raise))) lowered = await lower(work, raise.parts);
  // Auto scaling whose suspension shows late would look untouched if it was checked too early.
  if (work.signal?.aborted) return { unrestored: raise, leftAlone: [] };
  const scaling = await resumeScaling(work, raise);
  const { unrestored, leftAlone, allowedAtMs } = lowered;
  for (const part of leftAlone) work.tell('left-alone', leftAloneText(part));
  const fault = lowered.fault ?? scaling.fault;
  if (unrestored.length === 0 && scaling.unrestored.length === 0) {
    await store.clear();
    return { leftAlone };
  }
  const rest = { ...raise, parts: unrestored, scaling: scaling.unrestored };
  await store.save(rest);
  return {
    unrestored: rest,
    ...(fault !== undefined && { fault }),
    ...(allowedAtMs !== undefined && { allowedAtMs }),
    leftAlone,
  };
}

function mayShowLate({ mayShowLate: what }: CapacityRaise, { showedLast }: Lowered): boolean {
  return what !== 'nothing' && !(what === 'last-request' && showedLast);
}

type Lowered = {
  /** Whether each part had the figure that was requested last. */
  readonly showedLast: boolean;
  readonly unrestored: readonly RaisedPart[];
  readonly leftAlone: readonly LeftAlonePart[];
  readonly fault?: ImportError;
  readonly allowedAtMs?: number;
};

/** In one request if the service accepts it, else part by part, since each part has its own limit of decreases. */
async function lower(work: CapacityWork, parts: readonly RaisedPart[]): Promise<Lowered> {
  const together = await lowerTogether(work, parts);
  if (together.unrestored.length < 2 || together.allowedAtMs === undefined) return together;
  const apart: Lowered[] = [];
  for (const part of together.unrestored) apart.push(await lowerTogether(work, [part]));
  const fault = apart.find((lowered) => lowered.fault !== undefined)?.fault;
  const times = apart.flatMap(({ allowedAtMs }) => allowedAtMs ?? []);
  return {
    showedLast: together.showedLast,
    unrestored: apart.flatMap(({ unrestored }) => unrestored),
    leftAlone: [...together.leftAlone, ...apart.flatMap(({ leftAlone }) => leftAlone)],
    ...(fault !== undefined && { fault }),
    ...(times.length > 0 && { allowedAtMs: Math.max(...times) }),
  };
}

async function lowerTogether(work: CapacityWork, parts: readonly RaisedPart[]): Promise<Lowered> {
  let leftAlone: readonly LeftAlonePart[] = [];
  let lowered: readonly RaisedPart[] = [];
  let isFirstLook = true;
  let showedLast = false;
  try {
    const applied = await applyChanges(work, async (table) => {
      if (isFirstLook) showedLast = holds(table, parts.map(lastAsked));
      isFirstLook = false;
      const plan = planRestore(table, parts);
      leftAlone = plan.leftAlone;
      if (plan.changes.length > 0) {
        lowered = parts.filter(({ index }) => plan.changes.some((change) => change.index === index));
        work.tell('restoring', `restoring ${allUnits(plan.changes, table)}`);
      }
      return plan.changes;
    });
    if (applied.kind === 'too-soon')
      return { showedLast, unrestored: lowered, leftAlone, ...decreaseRefused(work, applied) };
    if (applied.kind === 'stopped') return { showedLast, unrestored: parts, leftAlone };
    for (const part of lowered) work.tell('restored', restoredText(part));
    return { showedLast, unrestored: [], leftAlone };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    if (error.code === 'table-missing') return { showedLast, unrestored: [], leftAlone };
    return { showedLast, unrestored: parts, leftAlone, fault: error };
  }
}

function lastAsked({ index, raisedWriteUnits }: RaisedPart) {
  return { index, writeUnits: raisedWriteUnits };
}

/** Why a decrease was refused, and when it will be accepted (wall clock, ms). */
export function decreaseRefused(
  { clock }: CapacityWork,
  { table, changes, allowedAtMs }: Extract<Applied, { kind: 'too-soon' }>,
) {
  const refused = capacityParts(table).filter(({ index }) => changes.some((change) => change.index === index));
  const names = refused.map(({ index }) => partName(index)).join(', ');
  const atMs = allowedAtMs ?? decreaseAllowedAtMs(refused, clock.wallMs(), true);
  const fault = new ImportError(
    'capacity-not-restored',
    `AWS refuses to lower ${names} for now: it allows four decreases a day (UTC), then one an hour`,
    { hint: `Try again after ${utcText(atMs)}.` },
  );
  return { allowedAtMs: atMs, fault };
}

/** A recent request may not have taken effect yet; true if that was waited for. */
async function waitUntilShown({ clock, signal, tell }: CapacityWork, raise: CapacityRaise): Promise<boolean> {
  // The clock of another machine may be ahead.
  const leftMs = Math.min(showsWithinMs, Date.parse(raise.since) + showsWithinMs - clock.wallMs());
  if (!(leftMs > 0)) return false;
  tell('waiting', `a recent raise may not have taken effect yet: checking again in ${Math.ceil(leftMs / 1000)} s`);
  await clock.sleep(leftMs, signal);
  return true;
}

/** Resumes only the targets that still are suspended as the run left them. */
async function resumeScaling(
  work: CapacityWork,
  { scaling, parts }: CapacityRaise,
): Promise<{ unrestored: readonly ScalingTarget[]; fault?: ImportError }> {
  if (scaling.length === 0) return { unrestored: [] };
  const unrestored: ScalingTarget[] = [];
  let fault: ImportError | undefined;
  const indexes = new Set([...parts, ...scaling].flatMap(({ index }) => index ?? []));
  const found = await work.capacity.scaling([...indexes]);
  for (const target of scaling) {
    const now = found.kind === 'known' ? found.targets.find(({ index }) => index === target.index) : target;
    if (now === undefined || (found.kind === 'known' && !isSuspendedByRun(now))) continue;
    try {
      const ask = () => work.capacity.suspendScaling(target.index, target.suspended);
      const isDone = await retryUnreachable(work, () => ask().then(() => true));
      if (isDone === undefined) unrestored.push(target);
      else work.tell('restored', `auto scaling of ${partName(target.index)} is resumed`);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      fault ??= error;
      unrestored.push(target);
    }
  }
  return { unrestored, ...(fault !== undefined && { fault }) };
}

function isSuspendedByRun({ suspended }: ScalingTarget): boolean {
  const { scaleIn, scaleOut, scheduled } = allSuspended;
  return suspended.scaleIn === scaleIn && suspended.scaleOut === scaleOut && suspended.scheduled === scheduled;
}

function restoredText({ index, beforeWriteUnits }: RaisedPart): string {
  return `${partName(index)} is restored to ${formatCount(beforeWriteUnits)} write units a second`;
}

function leftAloneText({ index, foundWriteUnits, raisedWriteUnits, beforeWriteUnits }: LeftAlonePart): string {
  const found =
    foundWriteUnits === undefined ? 'has no provisioned units now' : `has ${formatCount(foundWriteUnits)} now`;
  return (
    `${partName(index)} ${found}, not the ${formatCount(raisedWriteUnits)} write units that this run set: someone else ` +
    `changed it, so it is left alone (before the run it had ${formatCount(beforeWriteUnits)})`
  );
}
