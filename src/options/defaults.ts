import { listPrices } from '../domain/import-estimate.ts';
import type { ImportOptions } from './import-options.ts';

/** What holds where no flag says otherwise. undefined: chosen later, from the table, the source or the environment. */
export const defaults: Readonly<Omit<ImportOptions, 'sources' | 'settings' | 'given' | 'settleMs'>> = {
  repository: 'dynamodb',
  table: 'tokens',
  key: undefined,
  region: undefined,
  profile: undefined,
  endpointUrl: undefined,
  expectAccount: undefined,
  ifExists: { kind: 'replace' },
  yes: false,
  dryRun: false,
  json: false,
  prices: listPrices,

  wps: undefined,
  reserve: { kind: 'percent', value: 20 },
  raiseWcu: undefined,
  keepRaised: false,
  suspendAutoscaling: false,
  wcu: undefined,
  indexWcu: {},
  concurrency: 64,
  batchSize: 25,

  format: undefined,
  delimiter: undefined,
  quote: undefined,
  escape: undefined,
  fieldsTerminatedBy: undefined,
  fieldsEnclosedBy: undefined,
  fieldsOptionallyEnclosedBy: undefined,
  fieldsEscapedBy: undefined,
  linesTerminatedBy: undefined,
  linesStartingBy: undefined,
  defaultCharacterSet: undefined,
  sourceTable: undefined,
  allowIncomplete: undefined,
  null: undefined,
  header: undefined,
  columns: undefined,
  schema: undefined,
  types: Object.create(null),
  rename: Object.create(null),
  omit: [],
  timeZone: 'UTC',
  zeroDates: 'reject',
  empty: 'keep',

  expectRows: undefined,
  maxRejects: { kind: 'units', value: 100 },
  skipRows: 0,
  maxRows: undefined,

  verify: false,
  sample: 10_000,
  seed: undefined,
  all: false,
  rcu: undefined,
  consistent: false,

  runDir: undefined,
  resume: undefined,
  summary: undefined,

  latencyMs: 10,
  memoryWcu: undefined,
  retain: false,

  requestTimeoutMs: 5000,
  stallTimeoutMs: 5 * 60_000,
  maxAhead: 100_000,
  maxRowBytes: 4 * 1024 ** 2,

  progress: 'auto',
  logLevel: 'info',
  logFormat: undefined,
  quiet: false,
  showValues: false,
};

/** A write that was given up may take effect this much later. */
export function defaultSettleMs(requestTimeoutMs: number): number {
  return 2 * requestTimeoutMs;
}
