import type { CapacityEnding } from '../domain/run-summary.ts';
import type { ScalingTarget } from '../domain/table.ts';
import { formatCount, formatNoun, labelled, pageOf, partLabel, printable, wrappedText } from './format.ts';

/** What `import-tokens capacity` found, or left. The JSON of `--json`, schema version 1. */
export type CapacityReport = {
  readonly version: 1;
  readonly exitCode: number;
  readonly table: string;
  readonly arn: string;
  readonly billing: 'provisioned' | 'on-demand';
  /** The table first, without an `index`. */
  readonly parts: readonly CapacityPartState[];
  /** Null where it could not be looked at. */
  readonly autoScaling: readonly ScalingTarget[] | null;
  readonly autoScalingNotChecked?: string;
  /** Run directories whose runs left this table raised. */
  readonly unrestored: readonly { readonly restoreCommand: string }[];
  /** What was restored, or not. */
  readonly capacity?: CapacityEnding;
};

export type CapacityPartState = {
  readonly index?: string;
  readonly status: string;
  /** A second; null on demand. */
  readonly writeUnits: number | null;
  readonly readUnits: number | null;
  /** What it takes at once, a second; null if the table does not say. */
  readonly warmWriteUnits: number | null;
  readonly decreasesToday: number;
  /** ISO 8601 in UTC; null: now, as far as can be told. */
  readonly nextDecreaseAt: string | null;
};

/** For standard output. Ends with a line break. `columns`: where there is a terminal to wrap for. */
export function capacityText(report: CapacityReport, columns = Infinity): string {
  const { table, arn, billing, parts, unrestored } = report;
  return pageOf([
    `Table ${printable(table)}, ${billing}`,
    labelled('arn', arn),
    ...parts.map((part) => wrappedText(part.index === undefined ? 'table' : 'index', partText(part), columns)),
    wrappedText('auto scaling', scalingText(report), columns),
    ...unrestored.flatMap(({ restoreCommand }) => [
      'A run left this table raised; to restore it:',
      `  ${restoreCommand}`,
    ]),
    ...capacityLines(report.capacity),
  ]);
}

function partText(part: CapacityPartState): string {
  const { index, status, writeUnits, readUnits, warmWriteUnits, decreasesToday, nextDecreaseAt } = part;
  const name = index === undefined ? '' : `${index}: `;
  const warm = warmWriteUnits === null ? '' : `, warm for ${formatCount(warmWriteUnits)} write units a second`;
  if (writeUnits === null || readUnits === null) return `${name}${status}, no provisioned units${warm}`;
  const decreases = decreasesToday === 0 ? '' : `, ${formatNoun(decreasesToday, 'decrease')} today`;
  const next = nextDecreaseAt === null ? '' : `, the next from ${nextDecreaseAt} on`;
  return `${name}${status}, ${formatCount(writeUnits)} write and ${formatCount(readUnits)} read units a second${decreases}${next}${warm}`;
}

function scalingText({ autoScaling, autoScalingNotChecked }: CapacityReport): string {
  if (autoScaling === null) return `not checked (${autoScalingNotChecked})`;
  if (autoScaling.length === 0) return 'none of the write units';
  return autoScaling
    .map(({ index, minWriteUnits, maxWriteUnits, suspended: { scaleIn, scaleOut, scheduled } }) => {
      const off = [scaleIn && 'in', scaleOut && 'out', scheduled && 'scheduled'].filter(Boolean);
      const state = off.length === 0 ? '' : `, suspended: ${off.join(', ')}`;
      return `${partLabel(index)} ${formatCount(minWriteUnits)} to ${formatCount(maxWriteUnits)} write units${state}`;
    })
    .join('; ');
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
    ...(state === 'still-raised' && because !== undefined ? [labelled('', because)] : []),
    ...(allowedAt === undefined ? [] : [labelled('', `it can be restored after ${allowedAt}`)]),
    ...(restoreCommand === undefined ? [] : ['To restore the capacity:', `  ${restoreCommand}`]),
    ...(awsCommand === undefined ? [] : ['or, from any machine:', `  ${awsCommand}`]),
  ];
}

function stateText(state: CapacityEnding['state']): string {
  if (state === 'restored') return 'restored: ';
  return state === 'kept' ? 'still raised, as asked: ' : 'STILL RAISED: ';
}
