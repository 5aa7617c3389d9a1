import { listPrices } from '../domain/import-estimate.ts';
import { option, reading, toggle, writing } from './option.ts';
import { prices } from './syntax/lists.ts';
import { count, countOrAll, duration, rejectLimit, shard } from './syntax/numbers.ts';
import { choice, text } from './syntax/texts.ts';

const keeping = ['import', 'verify'] as const;

export const rowOptions = {
  expectRows: option('--expect-rows', count(0), [...writing, 'convert'], 'run', {
    help: 'fail unless the source has exactly N rows',
  }),
  maxRejects: option('--max-rejects', rejectLimit, [...writing, 'convert'], 'run', {
    default: { kind: 'units', value: 100 },
    help: 'stop when more rows than this are rejected; a share applies from row 1,000 on; -1 means no limit',
    brief: 'stop when more rows are rejected',
  }),
  maxDeletes: option('--max-deletes', rejectLimit, writing, 'run', {
    default: { kind: 'percent', value: 10 },
    help: 'stop before more rows than this delete an item; a share applies from row 1,000 on; -1 means no limit',
    onlyWith: '--delete-where',
  }),
  skipRows: option('--skip-rows', count(0), reading, 'items', {
    default: 0,
    help: 'skip the first N rows',
    conflicts: { '--resume': 'a resume continues where the run stopped' },
  }),
  maxRows: option('--max-rows', countOrAll(1), reading, 'run', {
    help: 'stop after N rows; --resume with a higher number or all continues',
  }),
  shard: option('--shard', shard, keeping, 'items', {
    help: 'write only the rows whose key belongs to shard I of N; auto and auto/N take the index from the job scheduler',
    conflicts: { '--dry-run': 'a preview is of all shards' },
  }),
};

const withRunDirectory = [...keeping, 'convert'] as const;

export const runDirectoryOptions = {
  /** null: none. */
  runDir: option('--run-dir', text('<dir>'), withRunDirectory, 'process', {
    shownDefault: 'import-tokens-runs/<UTC time>',
    help: 'new directory for the checkpoint, the rejects and the log',
    isEchoed: true,
    conflicts: { '--resume': 'a resume continues in the directory of its run' },
    also: [
      {
        flags: '--no-run-dir',
        value: null,
        help: 'keep no files; only with --repository memory',
        commands: ['import'],
      },
    ],
  }),
  resume: option('--resume', text('<dir>'), withRunDirectory, 'process', {
    help: 'continue the run in this directory; latest is the newest of import-tokens-runs; auto continues or starts the run in --run-dir',
    brief: 'continue the run in this directory',
  }),
  summary: option('--summary', text('<file>'), withRunDirectory, 'run', {
    help: 'also write the summary as JSON to this file; - prints it in place of the text, as --json does',
  }),
};

export const memoryOptions = {
  latencyMs: option('--latency', duration(0), ['import'], 'run', {
    default: 10,
    help: 'latency of a batch',
    onlyWith: '--repository memory',
  }),
  memoryWcu: option('--memory-wcu', count(1), writing, 'run', {
    shownDefault: 'no limit',
    help: 'provisioned write units per second',
    onlyWith: '--repository memory',
  }),
  retain: toggle('--retain', ['import'], 'items', {
    help: 'keep the tokens in memory',
    onlyWith: '--repository memory',
  }),
};

export const timeOptions = {
  requestTimeoutMs: option('--request-timeout', duration(1), reading, 'run', {
    default: 5000,
    help: 'abandon a request that has no answer after this time',
  }),
  stallTimeoutMs: option('--stall-timeout', duration(1), [...keeping, 'capacity'], 'run', {
    default: 5 * 60_000,
    help: 'stop if no write is accepted for this time, or if the table stays UPDATING',
  }),
  /** How much later than abandoned a write may still take effect. */
  settleMs: option('--settle', duration(0), ['import'], 'run', {
    shownDefault: 'twice --request-timeout',
    help: 'time after which an abandoned request can no longer take effect',
  }),
  maxAhead: option('--max-ahead', count(25, 10_000_000), ['import'], 'run', {
    default: 100_000,
    help: 'maximum number of rows read past the first unfinished one; a resume rewrites at most this many',
  }),
};

export const outputOptions = {
  progress: option('--progress', choice('<how>', 'auto', 'plain', 'none'), reading, 'process', {
    default: 'auto',
    help: 'progress on standard error: auto (redrawn on a terminal), plain (a line every 5 s) or none',
  }),
  logLevel: option('--log-level', choice('<level>', 'debug', 'info', 'warn', 'error'), reading, 'process', {
    default: 'info',
    help: 'least severe log lines to show: debug, info, warn or error',
    also: [{ flags: '-v, --verbose', value: 'debug', help: 'the same as --log-level debug' }],
  }),
  logFormat: option('--log-format', choice('<how>', 'pretty', 'json'), reading, 'process', {
    default: 'pretty',
    help: 'format of the log lines on standard error: pretty or json; run.log is always json',
  }),
  details: toggle('--details', ['import'], 'process', {
    help: 'show everything that is known before the import, not just one screen of it',
  }),
  watch: toggle('--watch', ['status'], 'process', {
    help: 'show the state once a second until the run ends',
  }),
  exitCode: toggle('--exit-code', ['status'], 'process', {
    help: 'end with the exit code of the run; 0 while it runs, 4 if its process is gone',
  }),
  quiet: toggle('-q, --quiet', [...reading, 'capacity'], 'process', { help: 'show only errors and the final summary' }),
  json: toggle('--json', [...reading, 'capacity', 'status'], 'process', {
    help: 'print the result as JSON on standard output',
  }),
  showValues: toggle('--show-values', reading, 'process', {
    help: 'allow field values in messages, logs and reports; they are hidden as secrets otherwise',
  }),
  metricsFile: option('--metrics-file', text('<file>'), ['import'], 'run', {
    help: 'write the figures of the run to this file every 5 s, in the Prometheus text format',
  }),
  onEnd: option('--on-end', text('<command>'), ['import'], 'process', {
    help: 'run this shell command when the run has ended; its environment has the path of the summary and the exit code',
    conflicts: { '--no-run-dir': 'the command is given the summary in the run directory' },
  }),
};

/** Of the verify command, and of an import that ends with a verification. */
export const verifyOptions = {
  verify: toggle('--verify', ['import'], 'run', { help: 'compare the source with the table after the import' }),
  sample: option('--sample', count(1, 1_000_000), keeping, 'run', {
    default: 10_000,
    help: 'number of rows to compare, drawn evenly from the whole source',
    onlyWith: '--verify',
    conflicts: { '--all': '--all compares every row' },
  }),
  seed: option('--seed', count(0, 2 ** 32 - 1), keeping, 'run', {
    shownDefault: 'random, and printed',
    help: 'draw the same sample as the run with this seed',
    onlyWith: '--verify',
    conflicts: { '--all': '--all compares every row' },
  }),
  all: toggle('--all', keeping, 'run', { help: 'compare every row', onlyWith: '--verify' }),
  rcu: option('--rcu', count(1), keeping, 'run', {
    shownDefault: 'what the table has provisioned, less --reserve; else 1,000',
    help: 'read units per second',
    onlyWith: '--verify',
  }),
  consistent: toggle('--consistent', keeping, 'run', {
    help: 'use strongly consistent reads, at twice the read units',
    onlyWith: '--verify',
  }),
};

export const planOptions = {
  prices: option('--prices', prices, writing, 'process', {
    default: listPrices,
    shownDefault: 'list prices of us-east-1',
    help: 'prices in USD: on-demand (a million write units) and provisioned (a unit for an hour)',
  }),
};
