import { expect, test } from 'vitest';
import type { VerifiedRows, VerifyReport } from '../../src/domain/run-summary.ts';
import { type VerifyFigures, verifyProgressText, verifyReportText } from '../../src/report/verify-text.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A verification whose figures a test sets, and what is said of it after so many seconds. */
function watched(first: Partial<VerifyFigures>) {
  const clock = new FakeClock();
  let figures: VerifyFigures = {
    ...{ rowsRead: 0, storedBytesRead: 0, storedBytesTotal: 24_000, isSample: false, drawn: undefined },
    ...{ pending: 0, equal: 0, found: 0, readUnits: 0 },
    ...first,
  };
  const text = verifyProgressText(clock, () => figures);
  text();
  return async (seconds: number, change: Partial<VerifyFigures>) => {
    figures = { ...figures, ...change };
    await clock.advance(seconds * 1000);
    return text();
  };
}

test('rows that are read and not compared are neither in the share nor in the time left', async () => {
  const after = watched({});
  expect(
    await after(10, { rowsRead: 200, storedBytesRead: 24_000, pending: 150, equal: 48, found: 2, readUnits: 25 }),
  ).toBe('200 rows   25 %   50 compared   3/s read units   2 missing or different   ETA 30 s');
});

test('a sample is drawn, and then compared: each has a share and a time of its own', async () => {
  const after = watched({ isSample: true });
  expect(await after(2, { rowsRead: 100, storedBytesRead: 12_000, pending: 100 })).toBe(
    '100 rows   50 %   drawing the sample   0/s read units   ETA 2 s',
  );
  const drawn = { rowsRead: 200, storedBytesRead: 24_000, drawn: 40, pending: 40 };
  expect(await after(2, drawn)).toBe('200 rows   0 %   0 compared   0/s read units');
  expect(await after(4, { equal: 10, pending: 30, readUnits: 5 })).toBe(
    '200 rows   25 %   10 compared   1/s read units   ETA 12 s',
  );
});

test('a pipe has no share, but the sample drawn from it has', async () => {
  const after = watched({ isSample: true, storedBytesTotal: undefined });
  expect(await after(2, { rowsRead: 100, pending: 100 })).toBe('100 rows   drawing the sample   0/s read units');
  expect(await after(2, { drawn: 40, pending: 30, equal: 10 })).toContain('25 %');
});

const sampled = { sample: { rows: 5, seed: 1 } };

test.each<[string, Partial<VerifiedRows>, Partial<VerifyReport>]>([
  ['every row is in table tokens as the source has it', {}, {}],
  ['every row of the sample is in table tokens as the source has it', { unsampled: 5 }, sampled],
  ['every row is in table tokens as the source has it', {}, sampled],
  ['every row of the shard is in table tokens as the source has it', { elsewhere: 5 }, {}],
  ['every row is in table tokens, or deleted from it, as the source has it', { undeleted: 0 }, {}],
  ['every row is in table tokens as the source has it, but for 2,000 skipped', { skipped: 2_000 }, {}],
])('a table without differences: %s', (sentence, counts, more) => {
  const rows: VerifiedRows = {
    ...{ read: 10, equal: 10, missing: 0, different: 0, superseded: 0, rejected: 0, skipped: 0, unsampled: 0 },
    ...{ pending: 0, ...counts },
  };
  const report: VerifyReport = {
    ...{ version: 1, outcome: 'equal', exitCode: 0, source: ['tokens.csv'], table: 'tokens', sample: null, rows },
    ...{ consistent: false, differencesByAttribute: {}, rejectsByCode: {}, readUnits: 5, durationSeconds: 1 },
    ...{ rate: { limit: 100, average: 5 }, files: [] },
    requests: { sent: 1, throttled: 0, retried: 0, unprocessedKeys: 0 },
    ...more,
  };
  expect(verifyReportText(report).split('\n')[0]).toBe(`Equal: ${sentence}.`);
});
