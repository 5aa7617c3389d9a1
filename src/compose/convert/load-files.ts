import { isS3Url, parseS3Url } from '../../adapters/s3/s3-url.ts';
import { unitsOf } from '../../domain/amount.ts';
import type { NextStep } from '../../domain/run-summary.ts';
import type { KeyAttribute } from '../../domain/table.ts';
import { loadSteps } from '../../report/load-ways.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { shownPath } from '../shell-command.ts';
import type { ConvertSurroundings } from '../surroundings.ts';
import type { ConvertTarget } from './convert-target.ts';

/** How AWS loads the files of the run into a table. */
export function loadFiles(
  { options, runId }: RunFolder,
  { table, region }: ConvertTarget,
  key: readonly KeyAttribute[],
  surroundings: ConvertSurroundings,
): readonly NextStep[] {
  const { wps, profile, endpointUrl } = options;
  const to = options.to!;
  const units = wps && unitsOf(wps, table?.provisionedWriteUnits ?? 0);
  return loadSteps(placeOf(to, surroundings), {
    place: { tableName: options.table, region: table?.region ?? region ?? options.region, profile, endpointUrl },
    ...{ key, table, runId },
    // A share of a table on demand, or of one that is not described, is not known.
    unitsPerSecond: units === 0 ? undefined : units,
  });
}

function placeOf(to: string, surroundings: ConvertSurroundings) {
  if (!isS3Url(to)) return { folder: shownPath(to, surroundings) };
  const { bucket, key: prefix } = parseS3Url(to);
  return { bucket, prefix };
}
