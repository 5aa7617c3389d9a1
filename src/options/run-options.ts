import { listPrices } from '../domain/import-estimate.ts';
import { option, reading, toggle, writing } from './option.ts';
import { prices } from './syntax/lists.ts';
import { count, duration, rejectLimit } from './syntax/numbers.ts';
import { choice, text } from './syntax/texts.ts';

export const rowOptions = {
  expectRows: option('--expect-rows', count(0), {
    help: 'fail unless the source has exactly N rows',
    commands: writing,
    scope: 'run',
  }),
  maxRejects: option('--max-rejects', rejectLimit, {
    default: { kind: 'units', value: 100 },
    help: 'stop when more rows than this are rejected; a share applies from row 1,000 on; -1 means no limit',
    commands: writing,
    scope: 'run',
    brief: 'stop when more rows are rejected',
  }),
  skipRows: option('--skip-rows', count(0), {
    default: 0,
    help: 'skip the first N rows',
    commands: reading,
    scope: 'items',
    conflicts: { '--resume': 'a resume continues where the run stopped' },
  }),
  maxRows: option('--max-rows', count(1), {
    help: 'stop after N rows (raise it on --resume)',
    commands: reading,
    scope: 'run',
  }),
};

const keeping = ['import', 'verify'] as const;

export const runDirectoryOptions = {
  /** null: none. */
  runDir: option('--run-dir', text('<dir>'), {
    shownDefault: 'import-tokens-runs/<UTC time>',
    help: 'new directory for the checkpoint, the rejects and the log',
    commands: keeping,
    scope: 'process',
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
  resume: option('--resume', text('<dir>'), {
    help: 'continue the run in this directory',
    commands: keeping,
    scope: 'process',
    brief: 'continue the run in this directory',
  }),
  summary: option('--summary', text('<file>'), {
    help: 'also write the summary as JSON to this file; - prints it in place of the text, as --json does',
    commands: keeping,
    scope: 'run',
  }),
};

export const memoryOptions = {
  latencyMs: option('--latency', duration(0), {
    default: 10,
    help: 'latency of a batch',
    commands: ['import'],
    scope: 'run',
    onlyWith: '--repository memory',
  }),
  memoryWcu: option('--memory-wcu', count(1), {
    shownDefault: 'no limit',
    help: 'provisioned write units per second',
    commands: writing,
    scope: 'run',
    onlyWith: '--repository memory',
  }),
  retain: toggle('--retain', {
    help: 'keep the tokens in memory',
    commands: ['import'],
    scope: 'items',
    onlyWith: '--repository memory',
  }),
};

export const timeOptions = {
  requestTimeoutMs: option('--request-timeout', duration(1), {
    default: 5000,
    help: 'abandon a request that has no answer after this time',
    commands: reading,
    scope: 'run',
  }),
  stallTimeoutMs: option('--stall-timeout', duration(1), {
    default: 5 * 60_000,
    help: 'stop if no write is accepted for this time, or if the table stays UPDATING',
    commands: [...keeping, 'capacity'],
    scope: 'run',
  }),
  /** How much later than abandoned a write may still take effect. */
  settleMs: option('--settle', duration(0), {
    shownDefault: 'twice --request-timeout',
    help: 'time after which an abandoned request can no longer take effect',
    commands: ['import'],
    scope: 'run',
  }),
  maxAhead: option('--max-ahead', count(25, 10_000_000), {
    default: 100_000,
    help: 'maximum number of rows read past the first unfinished one; a resume rewrites at most this many',
    commands: ['import'],
    scope: 'run',
  }),
};

export const outputOptions = {
  progress: option('--progress', choice('<how>', 'auto', 'plain', 'none'), {
    default: 'auto',
    help: 'progress on standard error: auto (redrawn on a terminal), plain (a line every 5 s) or none',
    commands: reading,
    scope: 'process',
  }),
  logLevel: option('--log-level', choice('<level>', 'debug', 'info', 'warn', 'error'), {
    default: 'info',
    help: 'least severe log lines to show: debug, info, warn or error',
    commands: reading,
    scope: 'process',
    also: [{ flags: '-v, --verbose', value: 'debug', help: 'the same as --log-level debug' }],
  }),
  logFormat: option('--log-format', choice('<how>', 'pretty', 'json'), {
    shownDefault: 'pretty on a terminal, else json',
    help: 'format of the log lines: pretty or json',
    commands: reading,
    scope: 'process',
  }),
  details: toggle('--details', {
    help: 'show everything that is known before the import, not just one screen of it',
    commands: ['import'],
    scope: 'process',
  }),
  quiet: toggle('-q, --quiet', {
    help: 'show only errors and the final summary',
    commands: [...reading, 'capacity'],
    scope: 'process',
  }),
  json: toggle('--json', {
    help: 'print the result as JSON on standard output',
    commands: [...reading, 'capacity', 'status'],
    scope: 'process',
  }),
  showValues: toggle('--show-values', {
    help: 'allow field values in messages, logs and reports; they are hidden as secrets otherwise',
    commands: reading,
    scope: 'process',
  }),
};

/** Of the verify command, and of an import that ends with a verification. */
export const verifyOptions = {
  verify: toggle('--verify', {
    help: 'compare the source with the table after the import',
    commands: ['import'],
    scope: 'run',
  }),
  sample: option('--sample', count(1, 1_000_000), {
    default: 10_000,
    help: 'number of rows to compare, drawn evenly from the whole source',
    commands: keeping,
    scope: 'run',
    onlyWith: '--verify',
    conflicts: { '--all': '--all compares every row' },
  }),
  seed: option('--seed', count(0, 2 ** 32 - 1), {
    shownDefault: 'random, and printed',
    help: 'draw the same sample as the run with this seed',
    commands: keeping,
    scope: 'run',
    onlyWith: '--verify',
    conflicts: { '--all': '--all compares every row' },
  }),
  all: toggle('--all', {
    help: 'compare every row',
    commands: keeping,
    scope: 'run',
    onlyWith: '--verify',
  }),
  rcu: option('--rcu', count(1), {
    shownDefault: 'what the table has provisioned, less --reserve; else 1,000',
    help: 'read units per second',
    commands: keeping,
    scope: 'run',
    onlyWith: '--verify',
  }),
  consistent: toggle('--consistent', {
    help: 'use strongly consistent reads, at twice the read units',
    commands: keeping,
    scope: 'run',
    onlyWith: '--verify',
  }),
};

export const planOptions = {
  prices: option('--prices', prices, {
    default: listPrices,
    shownDefault: 'list prices of us-east-1',
    help: 'prices in USD: on-demand (a million write units) and provisioned (a unit for an hour)',
    commands: writing,
    scope: 'process',
  }),
};
