import { parseTableArn } from '../../domain/table.ts';
import type { IfExists } from '../../domain/write-result.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { ImportPreview, Preflight } from '../../report/plan/preflight-text.ts';
import { raisedInShort } from '../capacity/capacity-ending.ts';
import type { Target } from '../open-target.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { RunFolder } from './run-folder.ts';

type KnownFacts = {
  readonly options: ImportOptions;
  readonly target: Target;
  readonly rows: OpenedRows;
  readonly mapped: MappedRows;
  readonly ifExists: IfExists;
  readonly run: RunFolder;
  readonly preview: ImportPreview;
};

/** What the operator is shown before the first write. */
export function preflightFacts({ options, target, rows, mapped, ifExists, run, preview }: KnownFacts): Preflight {
  const { table, rate, endpoint, region, raise, origins } = target;
  const { columns, keyNames } = mapped;
  const account = table?.account ?? parseTableArn(options.table)?.account;
  return {
    runId: run.runId,
    repository: options.repository,
    tableName: table?.name ?? options.table,
    ...(table !== undefined && { tableInfo: raise?.found ?? table }),
    ...(account !== undefined && { account }),
    ...(raise?.isNeeded && {
      raise: { parts: raise.parts.map(raisedInShort), suspendsAutoScaling: raise.scaling.length > 0 },
    }),
    endpoint,
    ifExists,
    ...((table?.region ?? region) !== undefined && { region: (table?.region ?? region)! }),
    ...(origins?.region !== undefined && { regionFrom: origins.region }),
    ...(origins !== undefined && { credentials: origins.credentials }),
    keyNames,
    rateLimit: { writeUnitsPerSecond: rate.writeUnitsPerSecond ?? null, chosen: rate.chosen },
    indexRateLimits: rate.indexes.flatMap(({ name, writeUnitsPerSecond, chosen }) =>
      writeUnitsPerSecond === undefined ? [] : [{ name, writeUnitsPerSecond, chosen }],
    ),
    sources: rows.source.files.map(({ name, storedBytes }) => ({
      name,
      ...(storedBytes !== undefined && { storedBytes }),
    })),
    format: rows.format,
    columns: columns.map(({ sourceName, name, type }) => ({ sourceName, name, type })),
    preview,
    ...(run.progress !== undefined && { resumed: { rowsDone: run.progress.mark.ordinal } }),
    ...(run.directory !== undefined && { runDir: run.directory.path }),
    settings: options.settings,
  };
}
