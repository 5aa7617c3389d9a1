import { expect, test } from 'vitest';
import { reportPage } from '../../../src/report/page/report-page.ts';
import {
  type RunEntry,
  type RunStatus,
  runListText,
  statusJson,
  statusText,
} from '../../../src/report/watch/run-status.ts';
import { figuresWith } from '../facts.ts';

const killed: RunStatus = {
  ...{ runDir: '/runs/night', runId: 'a', state: 'gone', begunMs: 1_000_000, figures: undefined, summary: undefined },
  startedAt: '2026-01-31T02:00:00.000Z',
  sources: ['/data/tokens.csv'],
  table: 'tokens',
  raised: undefined,
  counts: { read: 12_345, written: 12_340, superseded: 0, kept: 0, deleted: 0, rejected: 5, skipped: 0, pending: 0 },
  resumeCommand: 'import-tokens --resume /runs/night',
};
const size = { columns: 80, colors: false, unicode: false };

test('a run that was killed before its first figures says when it began and how far its checkpoint is', () => {
  expect(statusText(killed, 1_090_000, size)).toBe(`\
The process ended without a word, as after a kill. What it wrote is kept; a resume goes on from there.
  begun        1 min 30 s ago, no figures yet
  table        tokens
  source       /data/tokens.csv
  started      2026-01-31 02:00:00 UTC
  checkpoint   12,345 rows done, 5 of them rejected
  run dir      /runs/night
To continue the import:
  import-tokens --resume /runs/night
`);
});

test('on a narrow terminal its sentence is wrapped between words', () => {
  const text = statusText(killed, 1_090_000, { ...size, columns: 49, pageColumns: 50 });
  expect(text.split('\n').filter((line) => line.length > 50)).toEqual([]);
});

test('a run that was killed has no time left, one that runs has', () => {
  const figures = figuresWith({ etaSeconds: 185 });
  expect(statusText({ ...killed, figures }, 1_090_000, size)).not.toContain('ETA');
  expect(statusText({ ...killed, figures, state: 'running' }, 1_090_000, size)).toContain('ETA 3 min 5 s');
});

test('where there is no checkpoint, none is made up', () => {
  const { counts: _counts, ...rest } = killed;
  const early = { ...rest, counts: undefined };
  expect(statusText(early, 1_000_000, size)).toContain('  checkpoint   none: a resume begins with the first row\n');
  const running: RunStatus = { ...early, state: 'running', resumeCommand: undefined };
  expect(statusText(running, 1_000_000, size)).toContain('The import is running.\n');
  expect(statusText(running, 1_000_000, size)).toContain('  checkpoint   none yet\n');
});

test('its report shows no figure that nobody has taken', () => {
  const page = reportPage({ history: undefined, ...killed });
  expect(page).toContain('12,340');
  for (const label of ['Took', 'Average rate', 'Write units', 'Throttled']) expect(page).not.toContain(`<dt>${label}`);
});

const raised: RunStatus = {
  ...killed,
  raised: {
    parts: [
      { before: 20, raised: 20_000 },
      { index: 'by-user', before: 30, raised: 20_000 },
    ],
    restoreCommand: 'import-tokens capacity restore night',
    awsCommand: 'aws dynamodb update-table --table-name tokens',
  },
};

test('capacity that is still raised is the first thing, on the page and in the JSON', () => {
  const [first, second] = statusText(raised, 1_090_000, size).split('\n');
  expect(first).toBe(
    'The capacity of tokens is STILL RAISED: table 20,000, before 20; index by-user 20,000, before 30. To restore it:',
  );
  expect(second).toBe('  import-tokens capacity restore night');
  expect(Object.keys(JSON.parse(statusJson(raised))).slice(0, 2)).toEqual(['version', 'raised']);
  const running = statusText({ ...raised, state: 'running' }, 1_090_000, size);
  expect(running).toMatch(/^The capacity of tokens is raised until the run ends: /);
});

const list: readonly RunEntry[] = [
  {
    kind: 'import',
    runDir: '/data/import-tokens-runs/2026-01-31T02-00-00Z',
    name: 'import-tokens-runs/2026-01-31T02-00-00Z',
    startedAt: '2026-01-31T02:00:00.000Z',
    sources: ['/data/tokens-1.csv', '/data/tokens-2.csv'],
    table: 'tokens',
    state: 'running',
    rows: 4_812_345,
    restoreCommand: 'import-tokens capacity restore import-tokens-runs/2026-01-31T02-00-00Z',
  },
  {
    kind: 'verify',
    runDir: '/data/import-tokens-runs/2026-01-30T09-10-00Z',
    name: 'import-tokens-runs/2026-01-30T09-10-00Z',
    startedAt: '2026-01-30T09:10:00.000Z',
    sources: ['tokens.csv'],
    table: 'tokens',
    state: 'ended',
    outcome: 'different',
    rows: 10_000,
  },
  {
    kind: 'import',
    runDir: '/data/import-tokens-runs/2026-01-29T23-59-59Z',
    name: 'import-tokens-runs/2026-01-29T23-59-59Z',
    startedAt: '2026-01-29T23:59:59.000Z',
    sources: ['/data/a-very-long-name-of-a-dump.csv'],
    table: 'tokens',
    state: 'stopped',
    rows: 99,
    restoreCommand: 'import-tokens capacity restore import-tokens-runs/2026-01-29T23-59-59Z',
  },
  {
    kind: 'import',
    runDir: '/data/import-tokens-runs/2026-01-28T12-00-00Z',
    name: 'import-tokens-runs/2026-01-28T12-00-00Z',
    startedAt: '2026-01-28T12:00:00.000Z',
    sources: ['/data/tokens.csv'],
    table: 'memory',
    state: 'ended',
    outcome: 'completed-with-rejects',
    rows: 10_000_000,
  },
];

test.each([80, 100])('the status and the list of runs on %d columns are the screens on file', async (columns) => {
  const wide = { ...size, columns: columns - 1, pageColumns: columns };
  const running = { ...killed, state: 'running', figures: figuresWith({}, {}), resumeCommand: undefined } as const;
  await expect(statusText(running, 1_090_000, wide)).toMatchFileSnapshot(`screens/status-running-${columns}.txt`);
  await expect(statusText(raised, 1_090_000, wide)).toMatchFileSnapshot(`screens/status-raised-${columns}.txt`);
  await expect(runListText(list, 'import-tokens-runs', columns)).toMatchFileSnapshot(`screens/runs-${columns}.txt`);
});

test('a list without runs says so', () => {
  expect(runListText([], 'import-tokens-runs')).toBe('No runs in import-tokens-runs.\n');
});
