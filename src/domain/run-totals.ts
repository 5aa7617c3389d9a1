/**
 * What one import process has counted up to a moment. Every figure only grows, so that the delta of two moments is what
 * happened between them, and the sum of several deltas what happened in all of them.
 */
export type RunTotals = {
  readonly durationMs: number;
  readonly rowsRead: number;
  /** Rows read whose fate is known. */
  readonly rowsDone: number;
  /** Tokens that the table took. */
  readonly rowsWritten: number;
  readonly rowsRejected: number;
  /** Permits that the limiter granted. */
  readonly permits: number;
  /** Write units consumed as the table reports them. */
  readonly writeUnits: number;
  /** The same for each global index, in the table's order. */
  readonly indexUnits: readonly number[];
  readonly requestsSent: number;
  readonly requestsThrottled: number;
  readonly requestsRetried: number;
  /** Attempts that got no answer, or a fault of the service. */
  readonly requestsFailed: number;
  /** Tokens of all attempts, and those of them that were handed back. */
  readonly tokensSent: number;
  readonly unprocessedItems: number;
  readonly connectionsOpened: number;
  readonly bytesSent: number;
  readonly cpuMs: number;
  /** Time in which the process's one thread was not idle. */
  readonly loopBusyMs: number;
  /** How long at least one batch waited for permits. The four waits overlap. */
  readonly limiterWaitMs: number;
  /** How long every slot was taken. */
  readonly slotWaitMs: number;
  /** How long the run waited for the next rows of the source. */
  readonly sourceWaitMs: number;
  /** How long no further row was read because `--max-ahead` rows were not done. */
  readonly aheadWaitMs: number;
};

export const noTotals: RunTotals = {
  durationMs: 0,
  rowsRead: 0,
  rowsDone: 0,
  rowsWritten: 0,
  rowsRejected: 0,
  permits: 0,
  writeUnits: 0,
  indexUnits: [],
  requestsSent: 0,
  requestsThrottled: 0,
  requestsRetried: 0,
  requestsFailed: 0,
  tokensSent: 0,
  unprocessedItems: 0,
  connectionsOpened: 0,
  bytesSent: 0,
  cpuMs: 0,
  loopBusyMs: 0,
  limiterWaitMs: 0,
  slotWaitMs: 0,
  sourceWaitMs: 0,
  aheadWaitMs: 0,
};

type CountName = Exclude<keyof RunTotals, 'indexUnits'>;

/** The names of all figures that are one number. */
export const countNames = Object.keys(noTotals).filter((name) => name !== 'indexUnits') as CountName[];

/** What happened between two moments. */
export function delta(from: RunTotals, to: RunTotals): RunTotals {
  return combined(to, from, (end, begin) => end - begin);
}

/** What happened in two stretches of time together. */
export function sum(a: RunTotals, b: RunTotals): RunTotals {
  return combined(a, b, (one, other) => one + other);
}

/** Share of what was sent that the table refused: requests throttled, and items handed back. */
export function refusedShare({ requestsThrottled, requestsSent, unprocessedItems, tokensSent }: RunTotals): number {
  return ratio(requestsThrottled, requestsSent) + ratio(unprocessedItems, tokensSent);
}

export function failedShare({ requestsFailed, requestsSent }: RunTotals): number {
  return ratio(requestsFailed, requestsSent);
}

/** Of a time in which requests were in flight. */
export function isUnanswered({ requestsSent }: RunTotals): boolean {
  return requestsSent === 0;
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function combined(a: RunTotals, b: RunTotals, combine: (a: number, b: number) => number): RunTotals {
  const totals: { -readonly [Name in keyof RunTotals]: RunTotals[Name] } = { ...noTotals };
  for (const name of countNames) totals[name] = combine(a[name], b[name]);
  const indexes = Math.max(a.indexUnits.length, b.indexUnits.length);
  totals.indexUnits = Array.from({ length: indexes }, (_, i) => combine(a.indexUnits[i] ?? 0, b.indexUnits[i] ?? 0));
  return totals;
}

/** The pipeline's own part of the totals, and how it stands at this moment. Rows count from the start of the import. */
export type PipelineFigures = Pick<
  RunTotals,
  'rowsRead' | 'rowsDone' | 'permits' | 'limiterWaitMs' | 'slotWaitMs' | 'sourceWaitMs' | 'aheadWaitMs'
> & {
  /** Position after the last row taken; undefined before the first. */
  readonly place?: SourcePlace | undefined;
  /** Batches in flight. */
  readonly inFlight: number;
  /** Permits granted a second at this moment; undefined: no limit. */
  readonly ratePerSecond: number | undefined;
  /** The rate that `ratePerSecond` never exceeds; absent if it is the same all the time. */
  readonly limitPerSecond?: number | undefined;
};

/** A place in the source, in decompressed bytes of one file. */
export type SourcePlace = { readonly fileIndex: number; readonly byteOffset: number };

/** Bytes of the source as they are stored (compressed if it is compressed). */
export type StoredBytes = {
  readonly storedBytesRead: number;
  /** Undefined if a source has no size, such as standard input. */
  readonly storedBytesTotal: number | undefined;
};
