import { expect, test } from 'vitest';
import { outcomeText, summaryText } from '../../src/report/summary-text.ts';
import { completed } from './facts.ts';

test('a run that is done tells its balance and its figures', () => {
  expect(summaryText(completed)).toBe(`\
Completed: every row is in table tokens.
  rows         10,000,000 read = 9,999,990 written + 10 superseded + 0 kept + 0 deleted + 0 rejected + 0 skipped + 0 pending
  took         8 min 20 s
  write units  9,999,990, on average 19,992 a second (limit 20,000)
  requests     400,012 sent, 12 throttled, 3 retried, 1 item handed back
  latency      p50 4.1 ms, p90 6 ms, p99 12 ms, max 1.3 s
  connections  64 opened, 1.9 GB sent
  held back    by the limit of 20,000 write units a second, so all is well; --wps or the rate file sets it
`);
});

test('on a narrow terminal it is wrapped between words, and what is to be copied stays whole', () => {
  const resumeCommand = 'import-tokens --resume import-tokens-runs/2026-01-31T02-00-00Z';
  const summary = { ...completed, resumeCommand };
  const text = summaryText(summary, 50);
  expect(text.split('\n').filter((line) => line.length > 50)).toEqual([`  ${resumeCommand}`]);
  expect(text.split(/\s+/)).toEqual(summaryText(summary).split(/\s+/));
});

const repair = {
  rows: 'night/rejected.csv',
  reasons: 'night/rejects.jsonl',
  importCommand: 'import-tokens night/rejected.csv --table tokens --wps 20000',
};

test('rejected rows are a line for each code, then how to repair, import and compare them', () => {
  const summary = {
    ...completed,
    outcome: 'completed-with-rejects' as const,
    exitCode: 5,
    rows: { ...completed.rows, read: 10_001_213, rejected: 1213 },
    rejects: [
      { code: 'not-a-number', count: 1200, first: { line: 1042, column: 'quota' } },
      { code: 'ragged-row', count: 13, first: { source: 'b.csv', line: 7 } },
    ],
    report: 'night/report.html',
    verifyCommand: 'import-tokens verify tokens.csv --table tokens',
    repair,
  };
  const text = summaryText(summary);
  expect(text).toMatch(/^Completed with 1,213 rejected rows: every other row is in table tokens\.\n/);
  expect(text.slice(text.indexOf('  rejected'))).toBe(`\
  rejected     not-a-number ×1,200, first at line 1,042, column quota
               ragged-row ×13, first at b.csv line 7
  report       night/report.html
Repair night/rejected.csv (the reasons are in night/rejects.jsonl), then:
  import-tokens night/rejected.csv --table tokens --wps 20000
To compare the table with the source:
  import-tokens verify tokens.csv --table tokens
`);
});

test('repaired rows of a conversion are imported after its files are loaded', () => {
  const converted = { to: '/night/items', files: 1, items: 1, bytes: 65 };
  expect(summaryText({ ...completed, repair, converted })).toContain(
    'Repair night/rejected.csv (the reasons are in night/rejects.jsonl), then once the files are loaded:\n',
  );
});

test('while the import can be continued, that comes before any repair', () => {
  const text = summaryText({
    ...completed,
    outcome: 'too-many-rejects',
    exitCode: 3,
    rows: { ...completed.rows, rejected: 101 },
    resumeCommand: 'import-tokens --resume night --max-rejects 1010',
    repair,
  });
  expect(text).toContain(`
To continue the import:
  import-tokens --resume night --max-rejects 1010
Rejected rows are in night/rejected.csv, the reasons in night/rejects.jsonl.
`);
  expect(text).not.toContain(repair.importCommand);
});

test('a resume tells what it did and what the whole run did, and a changed limit is a range', () => {
  const text = summaryText({
    ...completed,
    scopes: {
      processes: 3,
      thisProcess: { rows: 50_000, writeUnits: 49_000, durationSeconds: 5 },
      wholeRun: { rows: 150_000, writeUnits: 150_100, durationSeconds: 15.3 },
    },
    rate: { limit: 20_000, limits: { lowest: 5000, highest: 20_000 }, average: 9_800 },
  });
  expect(text).toContain(`
  this process 50,000 rows, 49,000 write units in 5 s, on average 9,800 a second (limit 5,000 to 20,000)
  whole run    150,000 rows, 150,100 write units in 15 s, in 3 processes
`);
  expect(text).not.toContain('took');
});

test('a run of less than 30 seconds has no advice', () => {
  expect(summaryText({ ...completed, durationSeconds: 29.9 })).not.toContain('held back');
});

test('where every row was rejected none is said to be in the table', () => {
  const rows = { ...completed.rows, read: 60, written: 0, superseded: 0, rejected: 60 };
  expect(outcomeText({ ...completed, outcome: 'completed-with-rejects', exitCode: 5, rows })).toBe(
    'Completed with 60 rejected rows: no other row was read.',
  );
});

test('where the disk was full, the reject files are not said to hold every rejected row', () => {
  const text = summaryText({
    ...completed,
    ...{ outcome: 'failed', exitCode: 4, rejects: [{ code: 'ragged-row', count: 3 }], repair },
    rows: { ...completed.rows, read: 10_000_003, rejected: 3 },
    error: { code: 'disk-full', message: 'runs/1/rejects.jsonl cannot be written: the disk is full' },
  });
  expect(text).toContain('Not all rejected rows are in night/rejected.csv: a resume finds them again.\n');
  expect(text).not.toContain(repair.importCommand);
});

test('a run that was stopped gives the command that goes on with it', () => {
  const text = summaryText({
    ...completed,
    outcome: 'interrupted',
    exitCode: 130,
    rows: { ...completed.rows, written: 9_999_980, pending: 10 },
    resumeCommand: "import-tokens --resume 'runs/1'",
  });
  expect(text).toMatch(/^Interrupted: 10,000,000 rows read, 10 of them not done\n/);
  expect(outcomeText({ ...completed, outcome: 'interrupted', exitCode: 130 })).toBe(
    'Interrupted: 10,000,000 rows read, all of them done',
  );
  expect(text).toMatch(/\nTo continue the import:\n {2}import-tokens --resume 'runs\/1'\n$/);
});

test('a run that --max-rows ended claims nothing of the rows that were not read', () => {
  const stopped = { ...completed, stoppedAtMaxRows: true as const };
  expect(outcomeText(stopped)).toBe(
    'Completed as far as --max-rows: every row read is in table tokens; the source was not read to its end.',
  );
  const withRejects = { ...stopped, outcome: 'completed-with-rejects' as const, exitCode: 5 };
  expect(outcomeText({ ...withRejects, rows: { ...completed.rows, rejected: 2 } })).toBe(
    'Completed as far as --max-rows, with 2 rejected rows: every other row read is in table tokens; the source was not read to its end.',
  );
});

test('rows that were left out are not said to be in the table', () => {
  const rows = { ...completed.rows, written: 9_998_500, skipped: 1_000, kept: 490 };
  expect(outcomeText({ ...completed, rows })).toBe(
    'Completed: every row is in table tokens, but for 1,000 skipped and 490 whose item there was kept.',
  );
  expect(outcomeText({ ...completed, repository: 'memory', rows: { ...rows, kept: 0 } })).toBe(
    'Completed: every row went through, but for 1,000 skipped.',
  );
});

test('a run that sent nothing has no latency', () => {
  const latencyMs = { p50: 0, p90: 0, p99: 0, max: 0 };
  expect(summaryText({ ...completed, latencyMs })).not.toContain('latency');
});

test('a rehearsal says in its last line that nothing was written', () => {
  const text = summaryText({
    ...completed,
    repository: 'memory',
    rate: { limit: null, average: 150_000 },
    bottleneck: 'none',
    advice: '',
  });
  expect(text).toMatch(/^Completed: every row went through\.\n/);
  expect(text).toMatch(/\nThis was a rehearsal: nothing was written to DynamoDB\.\n$/);
  expect(text).toContain('on average 150,000 a second\n');
  expect(text).not.toContain('held back by');
});

test('a balance that does not hold is shown as such', () => {
  const text = summaryText({
    ...completed,
    exitCode: 1,
    outcome: 'failed',
    rows: { ...completed.rows, written: 9_999_989 },
  });
  expect(text).toMatch(/^Failed: the balance of rows does not hold, which is a bug\n/);
  expect(text).toContain('10,000,000 read is not 9,999,989 written + 10 superseded');
});

test('what stopped a run is in its first line', () => {
  const error = { code: 'stalled', message: 'no write was accepted for 5 min' };
  expect(outcomeText({ ...completed, outcome: 'failed', exitCode: 4, error })).toBe(
    'Failed: no write was accepted for 5 min',
  );
  expect(outcomeText({ ...completed, outcome: 'too-many-rejects', exitCode: 3 })).toBe(
    'Stopped, too many rejected rows',
  );
  const deletes = { code: 'too-many-deletes', message: '1,001 of 10,000 rows delete' };
  expect(outcomeText({ ...completed, outcome: 'failed', exitCode: 3, error: deletes })).toBe(
    'Stopped: 1,001 of 10,000 rows delete',
  );
});

test('a shard speaks of its own rows, and counts those of the others', () => {
  const rows = { ...completed.rows, read: 100, written: 20, superseded: 5, rejected: 0, elsewhere: 75 };
  const shard = { index: 3, count: 8 };
  expect(outcomeText({ ...completed, shard, rows })).toBe('Completed: every row of shard 3 of 8 is in table tokens.');
  expect(summaryText({ ...completed, shard, rows })).toContain(' + 75 elsewhere');
  const withRejects = { ...completed, outcome: 'completed-with-rejects' as const, exitCode: 5, shard };
  expect(outcomeText({ ...withRejects, rows: { ...rows, written: 0, superseded: 0, rejected: 25 } })).toBe(
    'Completed with 25 rejected rows: no other row of shard 3 of 8 was read.',
  );
  expect(outcomeText({ ...withRejects, rows: { ...rows, written: 0, superseded: 0, rejected: 15, skipped: 10 } })).toBe(
    'Completed with 15 rejected rows: every other row of shard 3 of 8 was skipped.',
  );
});
