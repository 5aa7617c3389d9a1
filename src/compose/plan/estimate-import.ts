import { costOf, latencyToHoldMs, type PricedPart, slowestPart, trafficOf } from '../../domain/import-estimate.ts';
import type { TableAttachments, TableInfo } from '../../domain/table.ts';
import { capacityParts } from '../../domain/write-capacity.ts';
import type { ChosenRates } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { AwsPlace } from '../../report/aws-commands.ts';
import type { ImportEstimate } from '../../report/plan/estimate-text.ts';
import { fasterPace } from './faster-pace.ts';
import { type LoadedPart, loadedParts, neededUnits, partLabel, raisedUnits } from './loaded-parts.ts';
import { limitsOf } from './table-limits.ts';

/** What is to be imported, counted or judged by a sample. */
type ImportLoad = {
  readonly rows: number;
  readonly writeUnits: number;
  /** Of each global index, in their order. */
  readonly indexUnits: readonly number[];
  readonly bodyBytes: number;
};

type EstimateSetup = {
  readonly options: ImportOptions;
  readonly table: TableInfo | undefined;
  /** The table as it is now, where `--raise-wcu` would make it another. */
  readonly present: TableInfo | undefined;
  readonly rate: ChosenRates;
  readonly attachments: TableAttachments;
  readonly region: string | undefined;
};

const shares = [100, 50, 25];

export function estimateImport(load: ImportLoad, setup: EstimateSetup): ImportEstimate {
  const { options, table, attachments } = setup;
  const parts = loadedParts(load, setup.rate, table, options.wps);
  const slowest = slowestPart(parts);
  const seconds = slowest?.seconds;
  const unitsPerSecond = seconds === undefined || seconds === 0 ? undefined : load.writeUnits / seconds;
  const traffic =
    seconds === undefined || unitsPerSecond === undefined
      ? null
      : trafficOf({ ...load, seconds, unitsPerSecond, batchSize: rowsARequest(options), tableName: options.table });
  const place = placeOf(setup);
  const faster = fasterPace(parts, { table, reserve: options.reserve, seconds, place });
  return {
    times: seconds === undefined ? [] : shares.map((percent) => ({ percent, seconds: (seconds * 100) / percent })),
    heldBackBy: slowest === undefined ? null : partLabel(slowest.index),
    traffic,
    latencyToHoldMs: traffic === null ? null : latencyToHoldMs(options.concurrency, traffic.requestsPerSecond),
    limits: limitsOf(parts, { table, attachments, reserve: options.reserve, place }),
    ...(faster !== undefined && { faster }),
    cost: costOf({
      parts: parts.map((part) => pricedPart(part, setup)),
      seconds: faster?.seconds ?? seconds,
      replicas: table?.replicaRegions?.length ?? 0,
      prices: options.prices,
    }),
  };
}

/** Writes on a condition go one by one. */
function rowsARequest({ ifExists, batchSize }: ImportOptions): number {
  return ifExists.kind === 'replace' ? batchSize : 1;
}

function pricedPart(part: LoadedPart, { present, options: { reserve, raiseWcu } }: EstimateSetup): PricedPart {
  const { index, writeUnits, askedPerSecond } = part;
  const isProvisioned = present?.billing === 'provisioned';
  const found = present && capacityParts(present).find((one) => one.index === index);
  // For good, or raised for the run: what is less.
  const needed =
    askedPerSecond === undefined || !isProvisioned
      ? askedPerSecond
      : Math.min(neededUnits(askedPerSecond, reserve), raisedUnits(part, reserve));
  // A raise is of table and indexes alike.
  const provisioned = raiseWcu !== undefined && isProvisioned ? raiseWcu : needed;
  return {
    ...(index !== undefined && { index }),
    writeUnits,
    neededUnitsPerSecond: provisioned === undefined ? undefined : Math.ceil(provisioned),
    presentUnitsPerSecond: isProvisioned ? (found?.provisionedWriteUnits ?? 0) : 0,
  };
}

function placeOf({ options, table, region }: EstimateSetup): AwsPlace {
  const { profile, endpointUrl } = options;
  return { tableName: options.table, region: table?.region ?? region, profile, endpointUrl };
}
