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
