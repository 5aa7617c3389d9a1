import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { resumeOptions, storedOptions } from '../../src/options/complete-options.ts';
import { defaults, type ImportOptions } from '../../src/options/import-options.ts';

/** What decides which items are written: a resume may repeat it, and is refused where it differs. */
const fixed: Readonly<Record<string, string>> = {
  repository: '--repository',
  table: '--table',
  key: '--key',
  to: '--to',
  fileBytes: '--file-bytes',
  ifExists: '--if-exists',
  format: '--format',
  delimiter: '--delimiter',
  quote: '--quote',
  escape: '--escape',
  fieldsTerminatedBy: '--fields-terminated-by',
  fieldsEnclosedBy: '--fields-enclosed-by',
  fieldsOptionallyEnclosedBy: '--fields-optionally-enclosed-by',
  fieldsEscapedBy: '--fields-escaped-by',
  linesTerminatedBy: '--lines-terminated-by',
  linesStartingBy: '--lines-starting-by',
  defaultCharacterSet: '--default-character-set',
  sourceTable: '--source-table',
  null: '--null',
  header: '--header',
  columns: '--columns',
  where: '--where',
  schema: '--schema',
  types: '--types',
  rename: '--rename',
  omit: '--omit',
  set: '--set',
  timeZone: '--time-zone',
  zeroDates: '--zero-dates',
  empty: '--empty',
  skipExpiredGraceSeconds: '--skip-expired',
  ttlColumn: '--ttl-column',
  deleteWhere: '--delete-where',
  skipRows: '--skip-rows',
  shard: '--shard',
  retain: '--retain',
};

/** Kept from the start of the run unless the resume gives another value. */
const changeable = [
  ...[
    'region',
    's3Region',
    'profile',
    'endpointUrl',
    'expectAccount',
    'wps',
    'reserve',
    'raiseWcu',
    'suspendAutoscaling',
  ],
  ...[
    'wcu',
    'indexWcu',
    'concurrency',
    'batchSize',
    'allowIncomplete',
    'maxRowBytes',
    'expectRows',
    'maxRejects',
    'maxDeletes',
  ],
  ...[
    'maxRows',
    'verify',
    'sample',
    'seed',
    'all',
    'rcu',
    'consistent',
    'summary',
    'metricsFile',
    'latencyMs',
    'memoryWcu',
  ],
  ...['requestTimeoutMs', 'stallTimeoutMs', 'settleMs', 'maxAhead', 'defaultsFile', 'sslMode', 'sslCa'],
];

/** Of one process: neither stored nor taken over. */
const ofOneProcess = [
  ...['resume', 'runDir', 'yes', 'dryRun', 'json', 'keepRaised', 'prices'],
  ...['progress', 'logLevel', 'logFormat', 'details', 'watch', 'exitCode', 'quiet', 'showValues', 'onEnd'],
];

const started = startedWith(['a.csv']);
const resuming = startedWith(['--resume', 'd']);

test('every option has exactly one resume rule', () => {
  const names = [...Object.keys(fixed), ...changeable, ...ofOneProcess];
  expect(names.toSorted()).toEqual(Object.keys(defaults).toSorted());
});

test.each(Object.entries(fixed))('a resume may repeat %s, but another value is refused', (name, flag) => {
  const [before, after] = ['key', 'columns', 'omit', 'set'].includes(name) ? [['this'], ['that']] : ['this', 'that'];
  const stored = { ...storedOptions(started), [name]: before };
  expect(resumeOptions(stored, giving(name, before))).toMatchObject({ [name]: before });
  expect(() => resumeOptions(stored, giving(name, after))).toThrow(
    expect.objectContaining({
      code: 'resume-mismatch',
      message: `${flag} is not what this run was started with, and it shapes the items`,
      hint: `Leave ${flag} out to go on as before. To change it, start a new run without --resume: it writes every row again.`,
    }),
  );
  expect(resumeOptions(stored, resuming)).toMatchObject({ [name]: before });
});

test.each(changeable)('a resume keeps %s unless it is given another value', (name) => {
  const stored = { ...storedOptions(started), [name]: 3 };
  expect(resumeOptions(stored, resuming)).toMatchObject({ [name]: 3 });
  expect(resumeOptions(stored, giving(name, 4))).toMatchObject({ [name]: 4 });
});

test.each(ofOneProcess)('%s is not stored', (name) => {
  expect(storedOptions(giving(name, 'this'))).not.toHaveProperty(name);
});

function giving(name: string, value: unknown): ImportOptions {
  return { ...resuming, [name]: value, given: [name] } as unknown as ImportOptions;
}

function startedWith(argv: readonly string[]): ImportOptions {
  const parsed = parseCommandLine(argv);
  if (parsed.kind !== 'command') throw new Error('no command');
  return parsed.options;
}
