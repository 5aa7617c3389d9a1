import { systemClock } from '../../adapters/system/system-clock.ts';
import { exitCodes, ImportError, type ImportErrorCode } from '../../domain/import-error.ts';
import type { SourceMeasure } from '../../domain/source-measure.ts';
import { knownValue, uncheckedAttachments } from '../../domain/table.ts';
import { writeCost } from '../../domain/write-result.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { tooManyDeletes, tooManyRejects } from '../../pipeline/row-fates.ts';
import { chooseWay, type LoadWay } from '../../report/load-ways.ts';
import type { ImportEstimate } from '../../report/plan/estimate-text.ts';
import type { Plan, PlanOutcome } from '../../report/plan/plan-text.ts';
import { notChecked, sideEffects } from '../../report/plan/plan-warnings.ts';
import { openTarget } from '../open-target.ts';
import { type OpenedRows, openRows } from '../source/open-rows.ts';
import { type OpenedSource, withSource } from '../source/open-source.ts';
import { skipExpired } from '../source/skip-expired.ts';
import type { PlanSurroundings } from '../surroundings.ts';
import { estimateImport, type KnownTable, openSourceMeter } from './estimate-import.ts';

/** Previews an import with these options. Throws ImportError as the import would before its first write. */
export async function composePlan(options: ImportOptions, surroundings: PlanSurroundings): Promise<Plan> {
  return withSource(options, surroundings, undefined, (source) => planFrom(source, options, surroundings));
}

async function planFrom(source: OpenedSource, options: ImportOptions, surroundings: PlanSurroundings): Promise<Plan> {
  const rows = await openRows(options, source, undefined, surroundings);
  const target = await describeTarget(options, surroundings, rows.definesKey);
  const ttlAttribute = knownValue(target.attachments.ttlAttribute);
  const mapped = await skipExpired(
    options,
    rows.mapTo(target.table),
    async () => target.attachments.ttlAttribute,
    systemClock.wallMs(),
  );
  const meter = await openSourceMeter(options, rows, mapped, target.rate, ttlAttribute, surroundings.signal);
  surroundings.observe({ clock: systemClock, figures: () => ({ rowsRead: meter.rowsRead, ...rows.bytesRead() }) });
  return planOf(options, await meter.measure(), rows, target, mapped.keyNames);
}

const exitCodeOfOutcome: Readonly<Record<PlanOutcome, number>> = {
  ready: exitCodes.done,
  'ready-with-rejects': exitCodes.someRows,
  'too-many-rejects': exitCodes.tooManyRejects,
  'too-many-deletes': exitCodes.tooManyRejects,
  'unexpected-row-count': exitCodes.failed,
};

function planOf(
  options: ImportOptions,
  measured: SourceMeasure,
  rows: OpenedRows,
  target: PlanTarget,
  keyNames: readonly string[],
): Plan {
  const { expectRows, concurrency, batchSize, ifExists } = options;
  const { table, rate, attachments } = target;
  const outcome = outcomeOf(options, measured.rows);
  const { importable } = measured.rows;
  const estimate = estimateImport({ ...measured, rows: importable }, target, options);
  return {
    version: 1,
    outcome,
    exitCode: exitCodeOfOutcome[outcome],
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
      limit: rate.writeUnitsPerSecond ?? null,
      chosen: rate.chosen,
      indexes: rate.indexes.map(({ name, writeUnitsPerSecond, chosen }) => {
        return { name, limit: writeUnitsPerSecond ?? null, chosen };
      }),
    },
    cost: writeCost(ifExists, { rows: importable, writeUnits: measured.writeUnits }, batchSize),
    estimate,
    concurrency,
    ...(measured.expired !== undefined && { savedByExpiry: savedByExpiry(measured.expired, target, options) }),
    sideEffects: sideEffects(table, attachments, measured, importable),
    notChecked: notChecked(attachments),
    ...(options.repository !== 'memory' && { advice: adviceOn(measured, target, estimate) }),
    ...(expectRows !== undefined && { expectedRows: expectRows }),
  };
}

function adviceOn(
  { rows, writeUnits }: SourceMeasure,
  { table, tableIsMissing, attachments }: PlanTarget,
  estimate: ImportEstimate,
): LoadWay {
  const quota = knownValue(attachments.quotas)?.tableWriteUnits;
  return chooseWay({ rows: rows.importable, writeUnits, table, tableIsMissing, quota, estimate });
}

/** What the writes of rows that are skipped would have cost. */
function savedByExpiry(
  { rows, writeUnits, indexUnits }: NonNullable<SourceMeasure['expired']>,
  target: PlanTarget,
  options: ImportOptions,
): NonNullable<Plan['savedByExpiry']> {
  const { cost, times } = estimateImport({ rows, writeUnits, indexUnits, bodyBytes: 0 }, target, options);
  return { usdOnDemand: cost.onDemand.totalUsd, seconds: times[0]?.seconds ?? null };
}

function outcomeOf(
  { maxRejects, maxDeletes, expectRows }: ImportOptions,
  { read, rejected, deletes = 0 }: SourceMeasure['rows'],
): PlanOutcome {
  if (expectRows !== undefined && expectRows !== read) return 'unexpected-row-count';
  if (tooManyRejects(maxRejects, rejected, read) !== undefined) return 'too-many-rejects';
  if (tooManyDeletes(maxDeletes, deletes, read) !== undefined) return 'too-many-deletes';
  return rejected > 0 ? 'ready-with-rejects' : 'ready';
}

type PlanTarget = KnownTable & { readonly tableIsMissing: boolean };

/** Faults that a plan survives without the table, if the key is known. */
const survivable: ReadonlySet<ImportErrorCode> = new Set([
  'table-missing',
  'access-denied',
  'endpoint-unreachable',
  'service-refused',
  'credentials-missing',
  'credentials-expired',
  'region-missing',
]);

/** Describes the table, and warns if it cannot. Throws ImportError if the plan has no key without the table. */
async function describeTarget(
  options: ImportOptions,
  surroundings: PlanSurroundings,
  keyIsDefined: boolean,
): Promise<PlanTarget> {
  try {
    const target = await openTarget(options, surroundings);
    try {
      const { table, rate, region } = target;
      return {
        table,
        present: target.raise?.found ?? table,
        tableIsMissing: false,
        rate,
        region,
        attachments: await target.attachments(),
      };
    } finally {
      await target.close();
    }
  } catch (error) {
    if (!(error instanceof ImportError) || !survivable.has(error.code)) throw error;
    if (options.key === undefined && !keyIsDefined) throw withKeyAsRemedy(error);
    surroundings.warn(`planned without the table: ${error.message}`);
    return withoutTable(options, error.code === 'table-missing');
  }
}

function withoutTable({ wps, region }: ImportOptions, tableIsMissing: boolean): PlanTarget {
  const rate =
    wps?.kind === 'units'
      ? { writeUnitsPerSecond: wps.value, chosen: '--wps; the table was not looked at', indexes: [] }
      : { writeUnitsPerSecond: undefined, chosen: 'not known, as the table was not looked at', indexes: [] };
  const attachments = uncheckedAttachments(tableIsMissing ? 'needs the table' : 'needs a look at the table');
  return { table: undefined, present: undefined, tableIsMissing, rate, region, attachments };
}

function withKeyAsRemedy({ code, message, hint, cause }: ImportError): ImportError {
  const remedy = 'plan without the table by naming its key: --key NAME';
  return new ImportError(code, message, { hint: hint === undefined ? remedy : `${hint}; or ${remedy}`, cause });
}
