import type { ImportOptions } from '../cli/import-options.ts';
import type { IfExists } from '../domain/if-exists.ts';
import type { PreflightFacts } from '../report/preflight.ts';
import type { ImportPreview } from '../report/preview.ts';
import type { MappedRows, OpenedRows } from './open-rows.ts';
import type { Target } from './open-target.ts';
import type { PreparedRaise } from './prepare-raise.ts';
import type { RunFolder } from './run-folder.ts';

/** What the operator is shown before the first write. */
export function preflightFacts(
  options: ImportOptions,
  { table, rate, endpoint, region, raise }: Target,
  { source, format }: OpenedRows,
  { columns, keyNames }: MappedRows,
  ifExists: IfExists,
  run: RunFolder,
  preview: ImportPreview,
): PreflightFacts {
  return {
    runId: run.runId,
    repository: options.repository,
    tableName: table?.name ?? options.table,
    ...(table !== undefined && { tableInfo: raise?.found ?? table, account: table.account }),
    ...(raise?.isNeeded && { raise: raiseFacts(raise) }),
    endpoint,
    ifExists,
    ...((table?.region ?? region) !== undefined && { region: (table?.region ?? region)! }),
    keyNames,
    rateLimit: { writeUnitsPerSecond: rate.writeUnitsPerSecond ?? null, chosen: rate.chosen },
    indexRateLimits: rate.indexes.flatMap(({ name, writeUnitsPerSecond, chosen }) =>
      writeUnitsPerSecond === undefined ? [] : [{ name, writeUnitsPerSecond, chosen }],
    ),
    sources: source.files.map(({ name, storedBytes }) => ({ name, ...(storedBytes !== undefined && { storedBytes }) })),
    format,
    columns: columns.map(({ sourceName, name, type }) => ({ sourceName, name, type })),
    preview,
    ...(run.progress !== undefined && { resumed: { rowsDone: run.progress.mark.ordinal } }),
    ...(run.directory !== undefined && { runDir: run.directory.path }),
    settings: options.settings,
  };
}

function raiseFacts({ parts, scaling }: PreparedRaise): NonNullable<PreflightFacts['raise']> {
  return {
    parts: parts.map(({ index, beforeWriteUnits, raisedWriteUnits }) => ({
      ...(index !== undefined && { index }),
      before: beforeWriteUnits,
      raised: raisedWriteUnits,
    })),
    suspendsAutoScaling: scaling.length > 0,
  };
}
