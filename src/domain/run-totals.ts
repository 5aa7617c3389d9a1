import type { DoneCounts } from './checkpoint.ts';

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
  /** Tokens whose item was deleted, or was not there. */
  readonly rowsDeleted: number;
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
  rowsDeleted: 0,
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

/** The same in whole numbers, for people and files. */
export function roundTotals(totals: RunTotals): RunTotals {
  return combined(totals, noTotals, Math.round);
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

/** Spelled out, since samples of a long run are merged by the hundred thousand. */
function combined(a: RunTotals, b: RunTotals, combine: (a: number, b: number) => number): RunTotals {
  const indexes = Math.max(a.indexUnits.length, b.indexUnits.length);
  return {
    durationMs: combine(a.durationMs, b.durationMs),
    rowsRead: combine(a.rowsRead, b.rowsRead),
    rowsDone: combine(a.rowsDone, b.rowsDone),
    rowsWritten: combine(a.rowsWritten, b.rowsWritten),
    rowsDeleted: combine(a.rowsDeleted, b.rowsDeleted),
    rowsRejected: combine(a.rowsRejected, b.rowsRejected),
    permits: combine(a.permits, b.permits),
    writeUnits: combine(a.writeUnits, b.writeUnits),
    requestsSent: combine(a.requestsSent, b.requestsSent),
    requestsThrottled: combine(a.requestsThrottled, b.requestsThrottled),
    requestsRetried: combine(a.requestsRetried, b.requestsRetried),
    requestsFailed: combine(a.requestsFailed, b.requestsFailed),
    tokensSent: combine(a.tokensSent, b.tokensSent),
    unprocessedItems: combine(a.unprocessedItems, b.unprocessedItems),
    connectionsOpened: combine(a.connectionsOpened, b.connectionsOpened),
    bytesSent: combine(a.bytesSent, b.bytesSent),
    cpuMs: combine(a.cpuMs, b.cpuMs),
    loopBusyMs: combine(a.loopBusyMs, b.loopBusyMs),
    limiterWaitMs: combine(a.limiterWaitMs, b.limiterWaitMs),
    slotWaitMs: combine(a.slotWaitMs, b.slotWaitMs),
    sourceWaitMs: combine(a.sourceWaitMs, b.sourceWaitMs),
    aheadWaitMs: combine(a.aheadWaitMs, b.aheadWaitMs),
    indexUnits: Array.from({ length: indexes }, (_, i) => combine(a.indexUnits[i] ?? 0, b.indexUnits[i] ?? 0)),
  };
}

/** The pipeline's own part of the totals, and how it stands at this moment. Rows count from the start of the import. */
export type PipelineFigures = Pick<
  RunTotals,
  'rowsRead' | 'rowsDone' | 'permits' | 'limiterWaitMs' | 'slotWaitMs' | 'sourceWaitMs' | 'aheadWaitMs'
> & {
  /** Rows whose fate is known. */
  readonly fates: DoneCounts;
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
