import { expect, test } from 'vitest';
import { outcomeText, summaryText } from '../../src/report/summary-text.ts';
import { completed } from './facts.ts';

test('a run that is done tells its balance and its figures', () => {
  expect(summaryText(completed)).toBe(`\
Completed: every row is in table tokens.
  rows         10,000,000 read = 9,999,990 written + 10 superseded + 0 kept + 0 rejected + 0 skipped + 0 pending
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
  const text = summaryText(summary, { columns: 50 });
  expect(text.split('\n').filter((line) => line.length > 50)).toEqual([`  ${resumeCommand}`]);
  expect(text.split(/\s+/)).toEqual(summaryText(summary).split(/\s+/));
});

test('rejected rows are counted by code, the most frequent first, with where they are', () => {
  const summary = {
    ...completed,
    outcome: 'completed-with-rejects' as const,
    exitCode: 5,
    rows: { ...completed.rows, read: 10_001_213, rejected: 1213 },
    rejectsByCode: { 'ragged-row': 3, 'not-a-number': 1200, 'invalid-utf8': 10 },
  };
  const text = summaryText(summary, { runDir: 'runs/1' });
  expect(text).toMatch(/^Completed with 1,213 rejected rows: every other row is in table tokens\.\n/);
  expect(text).toContain(`
Rejected rows by code:
  1,200  not-a-number
     10  invalid-utf8
      3  ragged-row
  the rows are in runs/1/rejected.*, the reasons in rejects.jsonl next to them
`);
});

test('where every row was rejected none is said to be in the table', () => {
  const rows = { ...completed.rows, read: 60, written: 0, superseded: 0, rejected: 60 };
  expect(outcomeText({ ...completed, outcome: 'completed-with-rejects', exitCode: 5, rows })).toBe(
    'Completed with 60 rejected rows: no other row was read.',
  );
});

test('where the disk was full, the reject files are not said to hold every rejected row', () => {
  const text = summaryText(
    {
      ...completed,
      ...{ outcome: 'failed', exitCode: 4, rejectsByCode: { 'ragged-row': 3 } },
      rows: { ...completed.rows, read: 10_000_003, rejected: 3 },
      error: { code: 'disk-full', message: 'runs/1/rejects.jsonl cannot be written: the disk is full' },
    },
    { runDir: 'runs/1' },
  );
  expect(text).toContain('  3  ragged-row\n  not all of them are in runs/1/rejected.*; a resume finds them again\n');
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
  expect(text).toMatch(/\nTo go on with it:\n {2}import-tokens --resume 'runs\/1'\n$/);
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
});
