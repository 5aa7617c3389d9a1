import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { reportPage } from '../../../src/report/page/report-page.ts';
import { rejectedOn, secret } from '../facts.ts';
import { hostileName, nightReport, nightSummary } from '../night-report.ts';

/** What a reader sees, without scripts and styles. */
function textOf(page: string): string {
  return page
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

test('a manager reads what became of the rows, how long it took, and what was amiss', () => {
  const text = textOf(reportPage(nightReport()));
  expect(text).toContain('Completed with 120 rejected rows: every other row is in table tokens.');
  expect(text).toContain('10,000,000 rows were read, and each is accounted for: none is missing.');
  expect(text).toContain('9,999,870 were written to the table');
  expect(text).toContain('10 were replaced by a later row with the same key, which is what the table holds');
  expect(text).toContain(
    '97 A field of a number column is not a number. not-a-number first at line 1,042, column quota',
  );
  expect(text).toContain('Took 8 min 30 s in 2 runs');
  expect(text).toContain('Rejected 120 of 10,000,000 rows');
  expect(text).toMatch(/Sent [\d.]+ [kMG]?B over 64 connections in the last process/);
  expect(text).toContain('The import was held back by the limit of 20,000 write units a second');
  expect(text).toContain('after 2 min 21 s the table throttles: IndexWriteProvisionedThroughputExceeded');
  expect(text).toContain('--concurrency 64 by default');
  expect(text).not.toContain('To be done');
});

test('an interrupted run says how to go on, one that was killed too', () => {
  const resumeCommand = "import-tokens --resume 'runs/1'";
  const interrupted = { ...nightSummary, outcome: 'interrupted' as const, exitCode: 130, resumeCommand };
  expect(textOf(reportPage(nightReport({ summary: interrupted })))).toContain(resumeCommand);
  const killed = textOf(reportPage(nightReport({ summary: undefined, state: 'gone', resumeCommand })));
  expect(killed).toContain('The process ended without a word, as after a kill.');
  expect(killed).toContain('kept every ten seconds, so those of the last seconds may be missing');
  expect(killed).toContain(resumeCommand);
});

test('capacity that is still raised comes before everything else, with the command that restores it', () => {
  const restoreCommand = 'import-tokens capacity restore runs/1';
  const capacity = { state: 'still-raised' as const, raised: [], leftAlone: [], restoreCommand };
  const text = textOf(reportPage(nightReport({ summary: { ...nightSummary, exitCode: 6, capacity } })));
  expect(text.indexOf(restoreCommand)).toBeGreaterThan(0);
  expect(text.indexOf(restoreCommand)).toBeLessThan(text.indexOf('Took 8 min 30 s'));
});

test('a broken balance is not glossed over', () => {
  const rows = { ...nightSummary.rows, written: 9_999_000 };
  const text = textOf(reportPage(nightReport({ summary: { ...nightSummary, rows } })));
  expect(text).toContain('Of 10,000,000 rows read only 9,999,130 are accounted for. This is a bug');
});

test('names from outside stay text in the page and in its data', () => {
  const page = reportPage(nightReport());
  expect(page).not.toContain('<img');
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(textOf(page)).toContain(hostileName);
});

test('no other script may run, and nothing may be loaded', () => {
  const page = reportPage(nightReport());
  const [policy] = /default-src [^"]+/.exec(page)!;
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)![1]!;
  const hash = createHash('sha256').update(script).digest('base64');
  expect(policy).toBe(
    `default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${hash}&#39;`,
  );
  expect(page).not.toMatch(/(src|href)="/);
});

test('a run too short for curves, or without a history, is still told', () => {
  const page = reportPage(nightReport({ history: undefined }));
  expect(textOf(page)).toContain('Completed with 120 rejected rows');
  expect(page).not.toContain('<figure');
});

test('no value of a row gets into it', () => {
  const data = nightReport();
  const notes = [{ ranMs: 0, text: `rows are rejected: ${rejectedOn(3).row.code}` }];
  expect(reportPage({ ...data, history: { ...data.history!, notes } })).not.toContain(secret);
});
