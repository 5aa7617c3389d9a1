import { systemClock } from '../../adapters/system/system-clock.ts';
import { costOf, latencyToHoldMs, type PricedPart, slowestPart, trafficOf } from '../../domain/import-estimate.ts';
import { capacityParts, type TableAttachments, type TableInfo } from '../../domain/table.ts';
import type { ChosenRates } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { RowMapper } from '../../pipeline/map-row.ts';
import { SourceMeter } from '../../pipeline/plan/measure-source.ts';
import type { AwsPlace } from '../../report/aws-commands.ts';
import type { ImportEstimate } from '../../report/plan/estimate-text.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import {
  fasterPace,
  limitsOf,
  neededUnits,
  type PartDemand,
  partDemands,
  partLabel,
  raisedUnits,
  rampOf,
} from './table-limits.ts';

/** What an import writes, counted or estimated from a sample. */
type ImportLoad = {
  readonly rows: number;
  readonly writeUnits: number;
  /** Of each global index, in the table's order. */
  readonly indexUnits: readonly number[];
  readonly bodyBytes: number;
};

/** What is known of the table that an import is estimated for. */
export type KnownTable = {
  readonly table: TableInfo | undefined;
  /** The table as it is now, before `--raise-wcu` changes it. */
  readonly present: TableInfo | undefined;
  readonly rate: ChosenRates;
  readonly attachments: TableAttachments;
  readonly region: string | undefined;
};

const shares = [100, 50, 25];

export function estimateImport(load: ImportLoad, known: KnownTable, options: ImportOptions): ImportEstimate {
  const { table, attachments } = known;
  const { wps, reserve, concurrency, prices } = options;
  const parts = partDemands(load, known.rate, table, wps);
  const slowest = slowestPart(parts);
  const seconds = slowest?.seconds;
  const unitsPerSecond = seconds === undefined || seconds === 0 ? undefined : load.writeUnits / seconds;
  const traffic =
    seconds === undefined || unitsPerSecond === undefined
      ? null
      : trafficOf({ ...load, seconds, unitsPerSecond, batchSize: rowsARequest(options), tableName: options.table });
  const place = placeOf(known, options);
  const ramp = rampOf(parts, table);
  const faster = fasterPace(parts, table, reserve, seconds, place);
  return {
    times: seconds === undefined ? [] : shares.map((percent) => ({ percent, seconds: (seconds * 100) / percent })),
    ...(ramp !== undefined && { ramp }),
    heldBackBy: slowest === undefined ? null : partLabel(slowest.index),
    traffic,
    latencyToHoldMs: traffic === null ? null : latencyToHoldMs(concurrency, traffic.requestsPerSecond),
    limits: limitsOf(parts, table, attachments, reserve, place),
    ...(faster !== undefined && { faster }),
    cost: costOf(
      parts.map((part) => pricedPart(part, known.present, options)),
      faster?.seconds ?? seconds,
      table?.replicaRegions?.length ?? 0,
      prices,
    ),
  };
}

/** Conditional writes are single puts. */
function rowsARequest({ ifExists, batchSize }: ImportOptions): number {
  return ifExists.kind === 'replace' ? batchSize : 1;
}

function pricedPart(
  part: PartDemand,
  present: TableInfo | undefined,
  { reserve, raiseWcu }: ImportOptions,
): PricedPart {
  const { index, writeUnits, askedPerSecond } = part;
  const isProvisioned = present?.billing === 'provisioned';
  const found = present && capacityParts(present).find((one) => one.index === index);
  // The cheaper of the two: provisioned for good, or raised for the run.
  const needed =
    askedPerSecond === undefined || !isProvisioned
      ? askedPerSecond
      : Math.min(neededUnits(askedPerSecond, reserve), raisedUnits(part, reserve));
  // A raise gives table and indexes the same figure.
  const provisioned = raiseWcu !== undefined && isProvisioned ? raiseWcu : needed;
  return {
    ...(index !== undefined && { index }),
    writeUnits,
    neededUnitsPerSecond: provisioned === undefined ? undefined : Math.ceil(provisioned),
    presentUnitsPerSecond: isProvisioned ? (found?.provisionedWriteUnits ?? 0) : 0,
  };
}

function placeOf({ table, region }: KnownTable, { table: tableName, profile, endpointUrl }: ImportOptions): AwsPlace {
  return { tableName, region: table?.region ?? region, profile, endpointUrl };
}

/** If no rate is set, keys are judged by what a table takes by default. */
const defaultTableUnitsPerSecond = 40_000;
/** A longer window of rows tells no more about their keys. */
const mostWindowRows = 100_000;

/** Measures rows as an import with these options would map them. */
export async function openSourceMeter(
  options: ImportOptions,
  { blocks, names }: Pick<OpenedRows, 'blocks' | 'names'>,
  mapped: MappedRows,
  rate: ChosenRates,
  ttlAttribute: string | undefined,
  signal: AbortSignal,
): Promise<SourceMeter> {
  const { skipRows, maxRows, maxAhead, showValues } = options;
  const { compileItemText } = await import('../../adapters/dynamodb/item/item-text.ts');
  const { writeUnitsPerSecond = defaultTableUnitsPerSecond, indexes } = rate;
  return new SourceMeter({
    blocks,
    skipRows,
    maxRows,
    signal,
    mapper: new RowMapper({ ...mapped, encoder: compileItemText(mapped.columns) }),
    mapping: mapped,
    sourceNames: names,
    writeUnitsPerSecond,
    indexUnitsPerSecond: indexes.map((index) => index.writeUnitsPerSecond ?? writeUnitsPerSecond),
    windowRows: Math.min(maxAhead, mostWindowRows),
    showValues,
    ttlAttribute,
    nowSeconds: systemClock.wallMs() / 1000,
  });
}
