/** Prices in US dollars, and their source. */
export type Prices = {
  readonly usdPerMillionUnits: number;
  readonly usdPerUnitHour: number;
  readonly source: string;
};

export const listPrices: Prices = {
  usdPerMillionUnits: 0.625,
  usdPerUnitHour: 0.00065,
  source: 'list prices of us-east-1 as of 2026-08',
};

/** The table or one of its indexes, as it is charged. */
export type PricedPart = {
  /** Undefined for the table. */
  readonly index?: string;
  /** Total that the import consumes. */
  readonly writeUnits: number;
  /** To be provisioned while the import runs; undefined if no rate is set. */
  readonly neededUnitsPerSecond: number | undefined;
  /** Provisioned already, and charged whether used or not; 0 on demand. */
  readonly presentUnitsPerSecond: number;
};

type PartCost = { readonly index?: string; readonly usd: number };

type ProvisionedCost = {
  /** Rounded up. */
  readonly hours: number;
  readonly parts: readonly (PartCost & { readonly unitsPerSecond: number })[];
  readonly totalUsd: number;
  /** The part above what is provisioned now. */
  readonly extraUsd: number;
};

/** The cost of an import in both billing modes. Totals include every region that the table is replicated to. */
export type ImportCost = {
  readonly prices: Prices;
  /** Copies of the table, including itself. */
  readonly regions: number;
  readonly onDemand: { readonly parts: readonly PartCost[]; readonly totalUsd: number };
  /** Null if no rate is set, so that the hours are not known. */
  readonly provisioned: ProvisionedCost | null;
};

/** `seconds`: undefined if no rate is set. */
export function costOf(
  parts: readonly PricedPart[],
  seconds: number | undefined,
  replicas: number,
  prices: Prices,
): ImportCost {
  const regions = 1 + replicas;
  const onDemand = parts.map(({ index, writeUnits }) => ({
    ...(index !== undefined && { index }),
    usd: cents((regions * writeUnits * prices.usdPerMillionUnits) / 1_000_000),
  }));
  return {
    prices,
    regions,
    onDemand: { parts: onDemand, totalUsd: cents(sum(onDemand.map(({ usd }) => usd))) },
    provisioned: seconds === undefined ? null : provisionedCost(parts, seconds, regions, prices),
  };
}

function provisionedCost(
  priced: readonly PricedPart[],
  seconds: number,
  regions: number,
  { usdPerUnitHour }: Prices,
): ProvisionedCost {
  const hours = Math.max(1, Math.ceil(seconds / 3600));
  const price = (unitsPerSecond: number) => cents(regions * hours * unitsPerSecond * usdPerUnitHour);
  const parts = priced.map(({ index, neededUnitsPerSecond = 0, presentUnitsPerSecond }) => {
    const unitsPerSecond = Math.max(neededUnitsPerSecond, presentUnitsPerSecond);
    return { ...(index !== undefined && { index }), unitsPerSecond, usd: price(unitsPerSecond) };
  });
  const present = priced.map(({ presentUnitsPerSecond }) => price(presentUnitsPerSecond));
  const totalUsd = cents(sum(parts.map(({ usd }) => usd)));
  return { hours, parts, totalUsd, extraUsd: cents(totalUsd - sum(present)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

/** Write units that an import consumes of the table or one of its indexes, and its rate there. */
export type PartLoad = {
  /** Undefined for the table. */
  readonly index?: string;
  readonly writeUnits: number;
  /** Undefined without a limit. */
  readonly unitsPerSecond: number | undefined;
};

/** The part that takes longest at its rate, and so determines the duration; undefined if nothing is limited. */
export function slowestPart(
  parts: readonly PartLoad[],
): { readonly index?: string; readonly seconds: number } | undefined {
  let slowest: { readonly index?: string; readonly seconds: number } | undefined;
  for (const { index, writeUnits, unitsPerSecond } of parts) {
    if (unitsPerSecond === undefined) continue;
    const seconds = writeUnits / unitsPerSecond;
    if (slowest === undefined || seconds > slowest.seconds)
      slowest = { ...(index !== undefined && { index }), seconds };
  }
  return slowest;
}

/** Within this time a table on demand takes twice its previous peak. */
const doublingSeconds = 30 * 60;

/** Seconds at the rate if no more than `startUnitsPerSecond` are taken at first, and twice as many every half hour. */
export function secondsWithRamp(writeUnits: number, unitsPerSecond: number, startUnitsPerSecond: number): number {
  let seconds = 0;
  let left = writeUnits;
  for (let taken = startUnitsPerSecond; taken < unitsPerSecond; taken *= 2) {
    const inStep = taken * doublingSeconds;
    if (left <= inStep) return seconds + left / taken;
    left -= inStep;
    seconds += doublingSeconds;
  }
  return seconds + left / unitsPerSecond;
}

/** HTTP traffic; TLS and TCP add some 3 %. */
export type Traffic = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly bytes: number;
  readonly megabitsPerSecond: number;
};

/** Request line and headers with a signature; a session token adds some hundreds. */
const headBytes = 600;
/** Around the items of a body, without the table's name. */
const wrapperBytes = '{"RequestItems":{"":[]},"ReturnConsumedCapacity":"INDEXES"}'.length;
/** A batch also closes at this share of the rate. */
const largestBatchShare = 0.05;

/** `bodyBytes`: size of the items in request bodies. */
export function trafficOf(load: {
  readonly rows: number;
  readonly writeUnits: number;
  readonly bodyBytes: number;
  readonly seconds: number;
  readonly batchSize: number;
  readonly unitsPerSecond: number;
  readonly tableName: string;
}): Traffic {
  const { rows, writeUnits, bodyBytes, seconds, batchSize, unitsPerSecond, tableName } = load;
  if (rows === 0) return { requests: 0, requestsPerSecond: 0, bytes: 0, megabitsPerSecond: 0 };
  const rowsThatFit = Math.floor((unitsPerSecond * largestBatchShare) / (writeUnits / rows));
  const requests = Math.ceil(rows / Math.max(1, Math.min(batchSize, rowsThatFit)));
  const commas = rows - requests;
  const bytes = bodyBytes + commas + requests * (headBytes + wrapperBytes + tableName.length);
  return {
    requests,
    requestsPerSecond: requests / seconds,
    bytes,
    megabitsPerSecond: (bytes * 8) / seconds / 1_000_000,
  };
}

/** The longest average duration of a batch with which this many batches in flight keep the rate. */
export function latencyToHoldMs(concurrency: number, requestsPerSecond: number): number {
  return (concurrency / requestsPerSecond) * 1000;
}
