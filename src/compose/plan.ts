import { resolve } from 'node:path';
import { openFileSource } from '../adapters/file/file-source.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { PlanSurroundings } from '../cli/surroundings.ts';
import type { SourceMeasure } from '../domain/source-measure.ts';
import { tooManyRejects } from '../pipeline/reject-policy.ts';
import type { Plan, PlanOutcome } from '../report/plan.ts';
import { openMeter } from './open-meter.ts';
import { type OpenedRows, openRows } from './open-rows.ts';
import { openTarget, type Target } from './open-target.ts';

/** What an import with these options would be. Throws ImportError as the import would before its first write. */
export async function composePlan(options: ImportOptions, world: PlanSurroundings): Promise<Plan> {
  const source = await openFileSource(
    options.sources.map((path) => (path === '-' ? path : resolve(world.cwd, path))),
    world.stdin,
  );
  const rows = await openRows(options, source, undefined);
  const target = await openTarget(options, world);
  await target.close();
  const mapped = rows.mapTo(target.table);
  const meter = await openMeter(options, { rows, mapped, target, signal: world.signal });
  world.observe({ clock: systemClock, figures: () => ({ rowsRead: meter.rowsRead, ...rows.bytesRead() }) });
  return planOf(options, await meter.measure(), { rows, target, keyNames: mapped.keyNames });
}

const exitCodes: Readonly<Record<PlanOutcome, number>> = { ready: 0, 'ready-with-rejects': 5, 'too-many-rejects': 3 };

type Known = { readonly rows: OpenedRows; readonly target: Target; readonly keyNames: readonly string[] };

function planOf(options: ImportOptions, measured: SourceMeasure, { rows, target, keyNames }: Known): Plan {
  const { read, rejected } = measured.rows;
  const stops = tooManyRejects(options.maxRejects, rejected, read) !== undefined;
  const outcome = stops ? 'too-many-rejects' : rejected > 0 ? 'ready-with-rejects' : 'ready';
  const limit = target.rate.writeUnitsPerSecond ?? null;
  return {
    version: 1,
    ...{ outcome, exitCode: exitCodes[outcome] },
    source: options.sources,
    format: rows.format,
    repository: options.repository,
    table: target.table?.name ?? options.table,
    keyNames,
    ...measured,
    columns: measured.columns.map((column) => {
      const sourceType = rows.sqlTypes.get(column.sourceName);
      return { ...column, ...(sourceType !== undefined && { sourceType }) };
    }),
    rate: {
      ...{ limit, chosen: target.rate.chosen },
      indexes: target.rate.indexes.map(({ name, writeUnitsPerSecond, chosen }) => {
        return { name, limit: writeUnitsPerSecond ?? null, chosen };
      }),
    },
    durationSeconds: limit === null ? null : measured.writeUnits / limit,
  };
}
