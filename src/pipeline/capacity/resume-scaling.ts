import { ImportError } from '../../domain/import-error.ts';
import { allSuspended, type CapacityDebt, partName, type ScalingTarget } from '../../domain/write-capacity.ts';
import { type CapacityWork, patiently } from './apply-changes.ts';

/** Compare and set, too: only what is still suspended as the run left it goes on. */
export async function resumeScaling(
  work: CapacityWork,
  { scaling, parts }: CapacityDebt,
): Promise<{ owed: readonly ScalingTarget[]; fault?: ImportError }> {
  if (scaling.length === 0) return { owed: [] };
  const owed: ScalingTarget[] = [];
  let fault: ImportError | undefined;
  const indexes = new Set([...parts, ...scaling].flatMap(({ index }) => index ?? []));
  const found = await work.capacity.scaling([...indexes]);
  for (const target of scaling) {
    const now = found.kind === 'known' ? found.targets.find(({ index }) => index === target.index) : target;
    if (now === undefined || (found.kind === 'known' && !isOurs(now))) continue;
    try {
      const ask = () => work.capacity.suspendScaling(target.index, target.suspended);
      const isDone = await patiently(work, () => ask().then(() => true));
      if (isDone === undefined) owed.push(target);
      else work.tell('restored', `auto scaling of ${partName(target.index)} goes on`);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      fault ??= error;
      owed.push(target);
    }
  }
  return { owed, ...(fault !== undefined && { fault }) };
}

function isOurs({ suspended }: ScalingTarget): boolean {
  const { scaleIn, scaleOut, scheduled } = allSuspended;
  return suspended.scaleIn === scaleIn && suspended.scaleOut === scaleOut && suspended.scheduled === scheduled;
}
