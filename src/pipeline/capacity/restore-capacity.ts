import { utcText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { TableInfo } from '../../domain/table.ts';
import { type CapacityDebt, capacityParts, partName, type RaisedPart } from '../../domain/write-capacity.ts';
import { holds } from '../../limit/plan-raise.ts';
import { decreaseAllowedAtMs, type ForeignPart, planRestore } from '../../limit/plan-restore.ts';
import type { DebtStore } from '../../ports/run-stores.ts';
import { bringAbout, type CapacityWork } from './apply-changes.ts';
import { allUnits, foreignText, restoredText } from './capacity-words.ts';
import { resumeScaling } from './resume-scaling.ts';

export type Restored = {
  /** What could not be put back; undefined where nothing is owed any longer. */
  readonly owed?: CapacityDebt;
  /** Why not, and from when on it can be done, by the wall clock. */
  readonly fault?: ImportError;
  readonly allowedAtMs?: number;
  /** Left alone: it is not what the run set. */
  readonly foreign: readonly ForeignPart[];
};

/** A change that was asked for is seen by then. */
const doubtMs = 10_000;

/**
 * Puts back what is owed and still is as the run left it, then lets auto scaling go on. What fails stays in the store.
 * Throws ImportError only where the store can't be written.
 */
export async function restoreCapacity(work: CapacityWork, debt: CapacityDebt, store: DebtStore): Promise<Restored> {
  let lowered = await lower(work, debt.parts);
  // Also after something was lowered: that may have been an earlier figure than the one asked for last.
  if (mayShowLate(debt, lowered) && (await passDoubts(work, debt))) lowered = await lower(work, debt.parts);
  // Looked at too early, auto scaling whose suspension shows late would seem to be left as it was.
  if (work.signal?.aborted) return { owed: debt, foreign: [] };
  const scaling = await resumeScaling(work, debt);
  const { owed, foreign, allowedAtMs } = lowered;
  for (const part of foreign) work.tell('foreign', foreignText(part));
  const fault = lowered.fault ?? scaling.fault;
  if (owed.length === 0 && scaling.owed.length === 0) {
    await store.clear();
    return { foreign };
  }
  const rest = { ...debt, parts: owed, scaling: scaling.owed };
  await store.save(rest);
  return {
    owed: rest,
    ...(fault !== undefined && { fault }),
    ...(allowedAtMs !== undefined && { allowedAtMs }),
    foreign,
  };
}

function mayShowLate({ mayShowLate: what }: CapacityDebt, { showedLast }: Lowered): boolean {
  return what !== 'nothing' && !(what === 'last-request' && showedLast);
}

type Lowered = {
  /** Whether each part was found as it was last asked for. */
  readonly showedLast: boolean;
  readonly owed: readonly RaisedPart[];
  readonly foreign: readonly ForeignPart[];
  readonly fault?: ImportError;
  readonly allowedAtMs?: number;
};

/** In one request where the service takes it; else each part by itself, since each has a limit of its own. */
async function lower(work: CapacityWork, parts: readonly RaisedPart[]): Promise<Lowered> {
  const together = await lowerTogether(work, parts);
  if (together.owed.length < 2 || together.allowedAtMs === undefined) return together;
  const apart: Lowered[] = [];
  for (const part of together.owed) apart.push(await lowerTogether(work, [part]));
  const fault = apart.find((lowered) => lowered.fault !== undefined)?.fault;
  const times = apart.flatMap(({ allowedAtMs }) => allowedAtMs ?? []);
  return {
    showedLast: together.showedLast,
    owed: apart.flatMap(({ owed }) => owed),
    foreign: [...together.foreign, ...apart.flatMap(({ foreign }) => foreign)],
    ...(fault !== undefined && { fault }),
    ...(times.length > 0 && { allowedAtMs: Math.max(...times) }),
  };
}

async function lowerTogether(work: CapacityWork, parts: readonly RaisedPart[]): Promise<Lowered> {
  let foreign: readonly ForeignPart[] = [];
  let lowered: readonly RaisedPart[] = [];
  let isFirstLook = true;
  let showedLast = false;
  try {
    const brought = await bringAbout(work, async (table) => {
      if (isFirstLook) showedLast = holds(table, parts.map(lastAsked));
      isFirstLook = false;
      const plan = planRestore(table, parts);
      foreign = plan.foreign;
      if (plan.changes.length > 0) {
        lowered = parts.filter(({ index }) => plan.changes.some((change) => change.index === index));
        work.tell('restoring', `putting back ${allUnits(plan.changes, table)}`);
      }
      return plan.changes;
    });
    if (brought.kind === 'too-soon') return { showedLast, owed: lowered, foreign, ...decreaseRefused(work, brought) };
    if (brought.kind === 'stopped') return { showedLast, owed: parts, foreign };
    for (const part of lowered) work.tell('restored', restoredText(part));
    return { showedLast, owed: [], foreign };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    if (error.code === 'table-missing') return { showedLast, owed: [], foreign };
    return { showedLast, owed: parts, foreign, fault: error };
  }
}

function lastAsked({ index, raisedWriteUnits }: RaisedPart) {
  return { index, writeUnits: raisedWriteUnits };
}

/** What the service says of a decrease that it does not take yet. */
type TooSoon = { readonly table: TableInfo; readonly changes: readonly { readonly index: string | undefined }[] };

export function decreaseRefused(
  work: CapacityWork,
  { table, changes, allowedAtMs }: TooSoon & { allowedAtMs: number | undefined },
) {
  const refused = capacityParts(table).filter(({ index }) => changes.some((change) => change.index === index));
  const names = refused.map(({ index }) => partName(index)).join(', ');
  const atMs = allowedAtMs ?? decreaseAllowedAtMs(refused, work.clock.wallMs(), true);
  const fault = new ImportError(
    'capacity-owed',
    `AWS refuses to lower ${names} for now: a day in UTC has four decreases, then one an hour`,
    { hint: `It can be done from ${utcText(atMs)} on.` },
  );
  return { allowedAtMs: atMs, fault };
}

/** What was asked for a moment ago may not show yet; true where that was waited for. */
async function passDoubts({ clock, signal, tell }: CapacityWork, debt: CapacityDebt): Promise<boolean> {
  // Another machine's clock may be ahead.
  const leftMs = Math.min(doubtMs, Date.parse(debt.since) + doubtMs - clock.wallMs());
  if (!(leftMs > 0)) return false;
  tell('waiting', `what was raised a moment ago may not show yet: looking again in ${Math.ceil(leftMs / 1000)} s`);
  await clock.sleep(leftMs, signal);
  return true;
}
