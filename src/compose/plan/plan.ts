import { systemClock } from '../../adapters/system/system-clock.ts';
import type { SourceMeasure } from '../../domain/source-measure.ts';
import { knownValue } from '../../domain/table.ts';
import { writeCost } from '../../domain/write-result.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { tooManyRejects } from '../../pipeline/reject-policy.ts';
import { importAdvice } from '../../report/plan/plan-advice.ts';
import type { Plan, PlanOutcome } from '../../report/plan/plan-text.ts';
import { notChecked, sideEffects } from '../../report/plan/side-effects.ts';
import { resolveIfExists } from '../if-exists.ts';
import { type OpenedRows, openRows } from '../source/open-rows.ts';
import { openSource } from '../source/open-source.ts';
import type { PlanSurroundings } from '../surroundings.ts';
import { estimateImport } from './estimate-import.ts';
import { openMeter } from './open-meter.ts';
import { lookAtTable, type PlanTarget } from './plan-target.ts';

/** What an import with these options would be. Throws ImportError as the import would before its first write. */
export async function composePlan(options: ImportOptions, world: PlanSurroundings): Promise<Plan> {
  const source = await openSource(options, world);
  const rows = await openRows(options, source, undefined, world);
  const target = await lookAtTable(options, world, rows.definesKey);
  const mapped = rows.mapTo(target.table);
  resolveIfExists(options, mapped);
  const ttlAttribute = knownValue(target.attachments.ttlAttribute);
  const meter = await openMeter(options, { rows, mapped, target, ttlAttribute, signal: world.signal });
  world.observe({ clock: systemClock, figures: () => ({ rowsRead: meter.rowsRead, ...rows.bytesRead() }) });
  return planOf(options, await meter.measure(), { rows, target, keyNames: mapped.keyNames });
}

const exitCodes: Readonly<Record<PlanOutcome, number>> = {
  ready: 0,
  'ready-with-rejects': 5,
  'too-many-rejects': 3,
  'unexpected-row-count': 4,
};

type Known = { readonly rows: OpenedRows; readonly target: PlanTarget; readonly keyNames: readonly string[] };

function planOf(options: ImportOptions, measured: SourceMeasure, { rows, target, keyNames }: Known): Plan {
  const { expectRows, concurrency, batchSize, ifExists } = options;
  const { table, rate, attachments } = target;
  const outcome = outcomeOf(options, measured.rows);
  const { importable } = measured.rows;
  const estimate = estimateImport({ ...measured, rows: importable }, { options, ...target });
  return {
    version: 1,
    ...{ outcome, exitCode: exitCodes[outcome] },
    source: options.sources,
    format: rows.format,
    repository: options.repository,
    table: table?.name ?? options.table,
    tableInfo: table ?? null,
    keyNames,
    ...measured,
    columns: measured.columns.map((column) => {
      const sourceType = rows.sqlTypes.get(column.sourceName);
      return { ...column, ...(sourceType !== undefined && { sourceType }) };
    }),
    rate: {
      ...{ limit: rate.writeUnitsPerSecond ?? null, chosen: rate.chosen },
      indexes: rate.indexes.map(({ name, writeUnitsPerSecond, chosen }) => {
        return { name, limit: writeUnitsPerSecond ?? null, chosen };
      }),
    },
    cost: writeCost(ifExists, { rows: importable, writeUnits: measured.writeUnits }, batchSize),
    ...{ estimate, concurrency },
    sideEffects: sideEffects(table, attachments, measured, importable),
    notChecked: notChecked(attachments),
    advice: importAdvice(table, target.tableIsMissing, importable, estimate),
    ...(expectRows !== undefined && { expectedRows: expectRows }),
  };
}

function outcomeOf({ maxRejects, expectRows }: ImportOptions, { read, rejected }: SourceMeasure['rows']): PlanOutcome {
  if (expectRows !== undefined && expectRows !== read) return 'unexpected-row-count';
  if (tooManyRejects(maxRejects, rejected, read) !== undefined) return 'too-many-rejects';
  return rejected > 0 ? 'ready-with-rejects' : 'ready';
}
