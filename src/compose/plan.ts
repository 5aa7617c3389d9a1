import { resolve } from 'node:path';
import { openFileSource } from '../adapters/file/file-source.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { PlanSurroundings } from '../cli/surroundings.ts';
import { RowMapper } from '../pipeline/map-row.ts';
import { SourceMeter } from '../pipeline/measure-source.ts';
import { tooManyRejects } from '../pipeline/reject-policy.ts';
import type { Plan, PlanOutcome } from '../report/plan.ts';
import { openRows } from './open-rows.ts';
import { openTarget } from './open-target.ts';

const exitCodes: Readonly<Record<PlanOutcome, number>> = { ready: 0, 'ready-with-rejects': 5, 'too-many-rejects': 3 };

/** What an import with these options would be. Throws ImportError as the import would before its first write. */
export async function composePlan(options: ImportOptions, world: PlanSurroundings): Promise<Plan> {
  const { sources, skipRows, maxRows, maxRejects } = options;
  const source = await openFileSource(
    sources.map((path) => (path === '-' ? path : resolve(world.cwd, path))),
    world.stdin,
  );
  const rows = await openRows(options, source, undefined);
  const target = await openTarget(options, world);
  await target.close();
  const mapped = rows.mapTo(target.table);
  const { compileItemText } = await import('../adapters/dynamodb/item-text.ts');
  const mapper = new RowMapper({ ...mapped, encoder: compileItemText(mapped.columns) });
  const meter = new SourceMeter({ blocks: rows.blocks, mapper, skipRows, maxRows, signal: world.signal });
  world.observe({ clock: systemClock, figures: () => ({ rowsRead: meter.rowsRead, ...rows.bytesRead() }) });
  const measured = await meter.measure();
  const { read, rejected } = measured.rows;
  const stops = tooManyRejects(maxRejects, rejected, read) !== undefined;
  const outcome = stops ? 'too-many-rejects' : rejected > 0 ? 'ready-with-rejects' : 'ready';
  const limit = target.rate.writeUnitsPerSecond ?? null;
  return {
    version: 1,
    ...{ outcome, exitCode: exitCodes[outcome] },
    source: sources,
    format: rows.format,
    repository: options.repository,
    table: target.table?.name ?? options.table,
    keyNames: mapped.keyNames,
    ...measured,
    rate: { limit, chosen: target.rate.chosen },
    durationSeconds: limit === null ? null : measured.writeUnits / limit,
  };
}
