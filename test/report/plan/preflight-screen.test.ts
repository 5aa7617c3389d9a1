import { expect, test } from 'vitest';
import { estimateImport } from '../../../src/compose/plan/estimate-import.ts';
import { uncheckedAttachments } from '../../../src/domain/table.ts';
import { chooseRate } from '../../../src/limit/choose-rate.ts';
import { defaults } from '../../../src/options/import-options.ts';
import { widthOf } from '../../../src/report/format.ts';
import { goOnQuestion, type Preflight } from '../../../src/report/plan/preflight.ts';
import { preflightScreen } from '../../../src/report/plan/preflight-screen.ts';
import { preflightFacts } from '../facts.ts';

const { runId: _none, ...facts } = preflightFacts;
const atMs = Date.UTC(2026, 0, 31, 2);
const table = facts.tableInfo!;
const rate = chooseRate({ kind: 'units', value: 20_000 }, { kind: 'percent', value: 20 }, table);
const load = { rows: 10_000_000, writeUnits: 10_000_000, bodyBytes: 2_540_000_000, indexUnits: [10_000_000] };
const attachments = uncheckedAttachments('needs dynamodb:DescribeTimeToLive');
const known = { table, present: table, rate, attachments, region: 'eu-west-1' };
const options = { ...defaults, sources: [], settings: [], given: [], settleMs: 0 };

const night: Preflight = {
  ...facts,
  sources: [{ name: 'tokens.csv', storedBytes: 1_200_000_000 }],
  rateLimit: { writeUnitsPerSecond: 20_000, chosen: '--wps' },
  runDir: 'night',
  atMs,
  maxRejects: { kind: 'units', value: 100 },
  preview: {
    sampleRows: 8_512,
    sampleRejects: {},
    rows: { count: 10_000_000, isExact: false },
    estimate: estimateImport(load, known, options),
    concurrency: 64,
    keySpreads: [],
    sideEffects: [],
    notChecked: [],
  },
};

/** All that can be told at once: a raise, a rate file, a resume, and every warning. */
const worst: Preflight = {
  ...night,
  sources: ['a', 'b', 'c'].map((name) => ({ name: `${name.repeat(60)}.csv`, storedBytes: 400_000_000 })),
  resumed: { rowsDone: 5_000_000 },
  raise: {
    parts: [
      { before: 20, raised: 25_000 },
      { index: 'by-user', before: 30, raised: 25_000 },
    ],
    suspendsAutoScaling: true,
  },
  rateLimit: { writeUnitsPerSecond: 300, chosen: 'from night/rate, over --wps 1000' },
  ifExists: { kind: 'newer', column: 'user' },
  preview: {
    ...night.preview!,
    sampleRejects: { 'not-a-number': 170, 'key-empty': 2 },
    stopsNearRow: 4_998,
    keySpreads: [
      {
        attribute: 'tenant',
        index: 'by-tenant',
        units: 10_000_000,
        longestRun: 4_000,
        topShare: 0.9,
        secondsAtRate: 500,
        secondsWithHotKeys: 9_000,
      },
    ],
    sideEffects: [
      { kind: 'stream', message: 'a stream is on (NEW_IMAGE): 10,000,000 records will reach its consumers' },
      { kind: 'replicas', message: 'every write is copied to eu-central-1, us-west-2, and paid for there' },
      { kind: 'backup', message: 'point-in-time recovery is off, so the items of before cannot be brought back' },
    ],
    notChecked: [
      { what: 'Kinesis streams', because: 'needs dynamodb:DescribeKinesisStreamingDestination' },
      { what: 'time-to-live', because: 'needs dynamodb:DescribeTimeToLive' },
      { what: 'quotas', because: 'needs dynamodb:DescribeLimits' },
    ],
  },
};

const shown = (preflight: Preflight, columns: number) =>
  `${preflightScreen(preflight, { columns, colors: false })}${goOnQuestion(preflight)} [y/N] `;

test.each([
  ['question', 80, night],
  ['question', 100, night],
  ['question-worst', 80, worst],
  ['question-worst', 100, worst],
] as const)('%s on %d columns is the screen on file', async (name, columns, preflight) => {
  await expect(shown(preflight, columns)).toMatchFileSnapshot(`screens/${name}-${columns}.txt`);
});

test.each([80, 100])('on %d columns even the worst fits in 24 lines, its facts in 12', (columns) => {
  const lines = shown(worst, columns).split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  const facts = lines.findIndex((line) => line.startsWith('!'));
  expect(facts).toBeGreaterThan(5);
  expect(facts).toBeLessThanOrEqual(12);
  expect(lines.at(-1)).toBe('Go on with table tokens (123456789012, eu-west-1)? [y/N] ');
});

test('warnings are in colour, and those that do not fit are counted', () => {
  const colored = preflightScreen(worst, { columns: 80, colors: true }).split('\n').slice(0, -1);
  const warnings = colored.filter((line) => line.includes('\u001b[33m'));
  expect(colored.slice(-warnings.length)).toEqual(warnings);
  expect(warnings[0]).toContain('it will stop near row 4,998, as more rows are rejected than --max-rejects');
  expect(warnings.at(-1)).toMatch(/! \d more warnings? with --details/);
});

test('a rate file is told with what it overrides, and a rehearsal names no table', () => {
  expect(shown(worst, 80)).toContain('  rate         300 write units a second: from night/rate, over --wps 1000\n');
  const { tableInfo, runDir, ...rehearsal } = night;
  const text = preflightScreen({ ...rehearsal, repository: 'memory' }, { columns: 80, colors: false });
  expect(text).toContain('into memory: a rehearsal, nothing is written to DynamoDB\n');
  expect(text).not.toMatch(/table {8}|holds/);
});

test('names from the source cannot write to the terminal', () => {
  const text = shown({ ...night, sources: [{ name: 'a\u001b[2J.csv' }] }, 80);
  expect(text).not.toMatch(/\u001b/);
});

test('the cost is that of the billing mode, or of both if it is not known; a rehearsal has none', () => {
  const costOf = (changed: Partial<Preflight>) =>
    /^ {2}cost {9}(.*)$/m.exec(preflightScreen({ ...night, ...changed }, { columns: 80, colors: false }))?.[1];
  const { tableInfo: _described, ...undescribed } = night;
  expect(costOf({})).toBe('nothing on top of what is provisioned now');
  expect(costOf({ tableInfo: { ...table, billing: 'on-demand' } })).toMatch(/^\$[\d.]+ on demand$/);
  const both = preflightScreen(undescribed, { columns: 100, colors: false });
  expect(both).toMatch(/^ {2}cost {9}\$[\d.]+ on demand, or nothing on top of what is provisioned now$/m);
  expect(costOf({ repository: 'memory' })).toBeUndefined();
});
