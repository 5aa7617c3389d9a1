/** Prices in US dollars, with where they come from. */
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

/** The table or one of its indexes, as it is paid for. */
export type PricedPart = {
  /** Undefined for the table. */
  readonly index?: string;
  /** That the import draws in all. */
  readonly writeUnits: number;
  /** To be provisioned while it runs; undefined where no rate is set. */
  readonly neededUnitsPerSecond: number | undefined;
  /** Provisioned already, and paid for whether it is used or not; 0 on demand. */
  readonly presentUnitsPerSecond: number;
};

type PartCost = { readonly index?: string; readonly usd: number };

type ProvisionedCost = {
  /** Begun hours count whole. */
  readonly hours: number;
  readonly parts: readonly (PartCost & { readonly unitsPerSecond: number })[];
  readonly totalUsd: number;
  /** What of it comes on top of what is provisioned now. */
  readonly extraUsd: number;
};

/** What an import costs either way. Totals count every region that the table is replicated to. */
export type ImportCost = {
  readonly prices: Prices;
  /** Copies of the table, itself included. */
  readonly regions: number;
  readonly onDemand: { readonly parts: readonly PartCost[]; readonly totalUsd: number };
  /** Null where no rate is set, so that the hours are not known. */
  readonly provisioned: ProvisionedCost | null;
};

type CostSetup = {
  readonly parts: readonly PricedPart[];
  readonly seconds: number | undefined;
  readonly replicas: number;
  readonly prices: Prices;
};

export function costOf({ parts, seconds, replicas, prices }: CostSetup): ImportCost {
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

/** Write units that an import draws from the table or from one of its indexes, and how fast it may. */
export type PartLoad = {
  /** Undefined for the table. */
  readonly index?: string;
  readonly writeUnits: number;
  /** Undefined where nothing limits it. */
  readonly unitsPerSecond: number | undefined;
};

/** What needs longest at its rate, and with it the whole import; undefined where nothing is limited. */
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

type TrafficSetup = {
  readonly rows: number;
  readonly writeUnits: number;
  /** What the items take in request bodies. */
  readonly bodyBytes: number;
  readonly seconds: number;
  readonly batchSize: number;
  readonly unitsPerSecond: number;
  readonly tableName: string;
};

/** What goes over the wire, in HTTP; TLS and TCP add some 3 %. */
export type Traffic = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly bytes: number;
  readonly megabitsPerSecond: number;
};

/** Request line and headers with a signature; a session token adds some hundred bytes. */
const headBytes = 600;
/** Around the items of a body, beside the table's name. */
const wrapperBytes = '{"RequestItems":{"":[]},"ReturnConsumedCapacity":"INDEXES"}'.length;
/** A batch closes also at this share of the rate. */
const largestBatchShare = 0.05;

export function trafficOf(setup: TrafficSetup): Traffic {
  const { rows, writeUnits, bodyBytes, seconds, batchSize, unitsPerSecond, tableName } = setup;
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

/** The longest a batch may take on average for so many in flight to hold the pace. */
export function latencyToHoldMs(concurrency: number, requestsPerSecond: number): number {
  return (concurrency / requestsPerSecond) * 1000;
}
