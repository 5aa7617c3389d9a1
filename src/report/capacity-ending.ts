import type { CapacityEnding, RunSummary } from '../domain/run-summary.ts';
import { formatCount } from './format.ts';
import { labelled, partLabel } from './page.ts';

/** The exit code of a run that ended with capacity still raised against its wish. */
const owedExitCode = 6;

/** The summary with what became of the capacity; what is owed goes before all but a bug. */
export function withCapacity(summary: RunSummary, capacity: CapacityEnding | undefined): RunSummary {
  if (capacity === undefined) return summary;
  const exitCode = capacity.state === 'owed' && summary.exitCode !== 1 ? owedExitCode : summary.exitCode;
  return { ...summary, exitCode, capacity };
}

/** The summary of a run that was complete but for its debt. */
export function withCapacitySettled(summary: RunSummary, capacity: CapacityEnding): RunSummary {
  const exitCode = summary.outcome === 'completed-with-rejects' ? 5 : 0;
  return withCapacity(
    { ...summary, exitCode: summary.exitCode === owedExitCode ? exitCode : summary.exitCode },
    capacity,
  );
}

/** What became of the capacity, for a page. */
export function capacityLines(capacity: CapacityEnding | undefined): readonly string[] {
  if (capacity === undefined) return [];
  const { state, raised, leftAlone, because, allowedAt, restoreCommand, awsCommand } = capacity;
  const parts = raised.map(({ index, before, raised: units }) =>
    state === 'restored'
      ? `${partLabel(index)} ${formatCount(before)}`
      : `${partLabel(index)} ${formatCount(units)}, before ${formatCount(before)}`,
  );
  const others = leftAlone.map(({ index, found }) => {
    const now = found === null ? 'without provisioned units' : `at ${formatCount(found)}`;
    return `${partLabel(index)} is ${now}, which is someone else's doing: left alone`;
  });
  const lines = [...(parts.length === 0 ? [] : [`${stateText(state)}${parts.join('; ')}`]), ...others];
  return [
    ...lines.map((line, index) => labelled(index === 0 ? 'capacity' : '', line)),
    ...(state === 'owed' && because !== undefined ? [labelled('', because)] : []),
    ...(allowedAt === undefined ? [] : [labelled('', `it can be put back from ${allowedAt} on`)]),
    ...(restoreCommand === undefined ? [] : ['To put the capacity back:', `  ${restoreCommand}`]),
    ...(awsCommand === undefined ? [] : ['or, from any machine:', `  ${awsCommand}`]),
  ];
}

function stateText(state: CapacityEnding['state']): string {
  if (state === 'restored') return 'put back: ';
  return state === 'kept' ? 'still raised, as asked: ' : 'STILL RAISED: ';
}
