import type { RejectCode, RejectedRow } from '../../src/domain/row.ts';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import { noTotals, type RunTotals } from '../../src/domain/run-totals.ts';
import type { RunEvent } from '../../src/ports/run-observer.ts';
import type { Preflight } from '../../src/report/plan/preflight.ts';
import type { RunContext, RunFigures } from '../../src/report/watch/run-context.ts';
import type { FakeClock } from '../support/fake-clock.ts';

/** A value that no output may hold. */
export const secret = 'tok_51Hx-very-secret';

export const preflightFacts: Preflight = {
  repository: 'dynamodb',
  tableName: 'tokens',
  ifExists: { kind: 'replace' },
  endpoint: 'https://dynamodb.eu-west-1.amazonaws.com',
  tableInfo: {
    name: 'tokens',
    arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/tokens',
    account: '123456789012',
    region: 'eu-west-1',
    status: 'ACTIVE',
    itemCount: 1_234_567,
    sizeBytes: 150_000_000,
    billing: 'provisioned',
    provisionedWriteUnits: 25_000,
    key: [{ name: 'token', type: 'S' }],
    globalIndexes: [
      { name: 'by-user', key: [{ name: 'user_id', type: 'S' }], status: 'ACTIVE', provisionedWriteUnits: 30_000 },
    ],
    localIndexes: [],
  },
  keyNames: ['token'],
  rateLimit: { writeUnitsPerSecond: 20_000, chosen: '--wps 20000' },
  sources: [{ name: 'tokens-1.csv', storedBytes: 1_200_000_000 }, { name: 'standard input' }],
  format: 'csv with a header row',
  columns: [
    { sourceName: 'token', name: 'token', type: 'S' },
    { sourceName: 'user_id', name: 'user', type: 'N' },
  ],
  runDir: 'import-tokens-runs/2026-01-31T02-00-00Z',
  settings: [
    { flag: '--wps', value: '20000', origin: 'flag' },
    { flag: '--no-header', value: '', origin: 'flag' },
    { flag: '--concurrency', value: '64', origin: 'default' },
    { flag: '--batch-size', value: '25', origin: 'default' },
  ],
};

export const completed: RunSummary = {
  version: 1,
  outcome: 'completed',
  exitCode: 0,
  source: ['tokens.csv'],
  table: 'tokens',
  repository: 'dynamodb',
  rows: {
    read: 10_000_000,
    written: 9_999_990,
    superseded: 10,
    kept: 0,
    deleted: 0,
    rejected: 0,
    skipped: 0,
    pending: 0,
  },
  rejectsByCode: {},
  rejects: [],
  writeUnits: 9_999_990,
  durationSeconds: 500.2,
  rate: { limit: 20_000, average: 19_992 },
  requests: { sent: 400_012, throttled: 12, retried: 3, unprocessedItems: 1 },
  latencyMs: { p50: 4.12, p90: 6, p99: 12.4, max: 1250 },
  connectionsOpened: 64,
  bytesSent: 1_930_000_000,
  bottleneck: 'limit',
  advice: 'the limit of 20,000 write units a second, so all is well; --wps or the rate file sets it',
};

/** How a run of one file stands, as far as a test does not say otherwise; `totals` are those of its only process. */
export function figuresWith(change: Partial<RunFigures> = {}, totals: Partial<RunTotals> = {}): RunFigures {
  const counted: RunTotals = {
    ...noTotals,
    durationMs: 1000,
    rowsRead: 520,
    rowsDone: 500,
    rowsWritten: 475,
    writeUnits: 475,
    requestsSent: 20,
    connectionsOpened: 64,
    bytesSent: 100_000,
    ...totals,
  };
  return {
    atMs: Date.UTC(2026, 0, 31, 2),
    thisProcess: counted,
    wholeRun: counted,
    rows: { read: 520, written: 475, superseded: 25, kept: 0, deleted: 0, rejected: 0, skipped: 0, pending: 20 },
    pausedFor: undefined,
    rejects: [],
    storedBytesRead: 3000,
    storedBytesTotal: 12_000,
    fraction: 0.25,
    rowsExpected: { count: 2000, isExact: false },
    etaSeconds: 3,
    credentialsExpireMs: undefined,
    rateLimit: 20_000,
    isRampingUp: false,
    writeUnitsPerSecond: 19_990,
    bytesPerSecond: 4_000_000,
    inFlight: 12,
    concurrency: 64,
    latencyMs: { p50: 4.1, p99: 12 },
    bottleneck: 'limit',
    advice: 'the limit of 20,000 write units a second, so all is well; --wps or the rate file sets it',
    ...change,
  };
}

export function runOf(clock: FakeClock, change: Partial<RunFigures> = {}): RunContext {
  return {
    runId: 'run-1',
    target: 'tokens in eu-west-1, account 123456789012',
    rateFile: 'runs/1/rate',
    runDir: 'runs/1',
    sources: ['tokens.csv'],
    clock,
    figures: () => figuresWith(change),
  };
}

export function accepted(
  tokens: number,
  change: Partial<Extract<RunEvent, { kind: 'batch-accepted' }>> = {},
): RunEvent {
  return {
    kind: 'batch-accepted',
    tokens,
    unprocessed: 0,
    permits: tokens,
    consumedWriteUnits: tokens,
    latencyMs: 4,
    attempt: 1,
    ...change,
  };
}

/** Rejected on the given line; its bytes hold the secret. */
export function rejectedOn(line: number, code: RejectCode = 'not-a-number'): RunEvent & { readonly row: RejectedRow } {
  return {
    kind: 'row-rejected',
    row: {
      code,
      column: 'quota',
      message: 'column "quota" is not a number (it holds a comma)',
      position: { fileIndex: 0, ordinal: line - 2, line, byteOffset: line * 100, byteLength: 100 },
      bytes: Buffer.from(`${secret},"1,5"\n`),
    },
  };
}
