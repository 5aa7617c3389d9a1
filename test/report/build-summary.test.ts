import { describe, expect, test } from 'vitest';
import type { RowCounts } from '../../src/domain/run-summary.ts';
import { buildSummary, type MeasuredRun, type RunEnding } from '../../src/report/build-summary.ts';
import { countRun } from '../../src/report/watch/run-stats.ts';

const measured: MeasuredRun = {
  ...{ source: ['tokens.csv'], table: 'tokens', repository: 'dynamodb', durationSeconds: 4, rateLimit: 500 },
  ...{
    connectionsOpened: 2,
    bytesSent: 1000,
    bottleneck: 'none',
    advice: '',
    resumeCommand: 'import-tokens --resume d',
    skipRows: 0,
    maxDeletes: { kind: 'percent', value: 10 },
    maxRowBytes: 4 * 1024 ** 2,
    maxRejects: { kind: 'units', value: 5 },
  },
  counted: { ...countRun().counted(), writeUnits: 1001 },
};
const counts: RowCounts = {
  read: 10,
  written: 10,
  superseded: 0,
  kept: 0,
  deleted: 0,
  rejected: 0,
  skipped: 0,
  pending: 0,
};
const whole: RunEnding = { counts, rejectsByCode: {}, balanced: true, finished: true, endOfSource: true };
const stopped: RunEnding = {
  ...whole,
  finished: false,
  endOfSource: false,
  counts: { ...counts, written: 7, pending: 3 },
};
const fault = (code: string, exitCode = 4) => ({ code, message: 'what happened', hint: 'what to do', exitCode });

describe('how a run ended', () => {
  test.each<[string, RunEnding, string, number]>([
    ['every row went through', whole, 'completed', 0],
    ['some were rejected', { ...whole, counts: { ...counts, written: 9, rejected: 1 } }, 'completed-with-rejects', 5],
    ['too many were rejected', { ...stopped, fault: fault('too-many-rejects', 3) }, 'too-many-rejects', 3],
    ['a fault ended it', { ...stopped, fault: fault('stalled') }, 'failed', 4],
    ['a signal stopped it', { ...stopped, signalExitCode: 130 }, 'interrupted', 130],
    ['a fault goes before a signal', { ...stopped, signalExitCode: 130, fault: fault('disk-full') }, 'failed', 4],
    ['a broken balance goes before all', { ...stopped, balanced: false, fault: fault('stalled') }, 'failed', 1],
    ['rows pending at the end are a bug', { ...stopped, finished: true }, 'failed', 1],
  ])('%s', (_, ending, outcome, exitCode) => {
    expect(buildSummary(ending, measured)).toMatchObject({ version: 1, outcome, exitCode, rows: ending.counts });
  });

  test('tells the fault with its hint, and a broken balance in its place', () => {
    const { error } = buildSummary({ ...stopped, fault: fault('stalled') }, measured);
    expect(error).toEqual({ code: 'stalled', message: 'what happened', hint: 'what to do' });
    const broken = buildSummary({ ...stopped, balanced: false, fault: fault('stalled') }, measured);
    expect(broken.error?.code).toBe('broken-balance');
    expect(buildSummary(whole, measured)).not.toHaveProperty('error');
  });
});

describe('the command that resumes', () => {
  test('allows more rejects than were counted, in rows or as a share', () => {
    const { resumeCommand } = measured;
    const halfRejected = { ...stopped.counts, read: 1000, rejected: 501, elsewhere: 0 };
    const ofShare = { ...measured, maxRejects: { kind: 'percent', value: 0.5 } } as const;
    const rejecting = { ...stopped, counts: halfRejected, fault: fault('too-many-rejects', 3) };
    expect(buildSummary(rejecting, measured).resumeCommand).toBe(`${resumeCommand} --max-rejects 5010`);
    expect(buildSummary(rejecting, ofShare).resumeCommand).toBe(`${resumeCommand} --max-rejects 100%`);
    const fewRejected = { ...rejecting, counts: { ...halfRejected, rejected: 6 } };
    expect(buildSummary(fewRejected, ofShare).resumeCommand).toBe(`${resumeCommand} --max-rejects 2%`);
  });

  test('is told where rows are left, unless the source has to be another one first', () => {
    const { resumeCommand } = measured;
    expect(buildSummary(stopped, measured).resumeCommand).toBe(resumeCommand);
    expect(buildSummary({ ...stopped, fault: fault('stalled') }, measured).resumeCommand).toBe(resumeCommand);
    for (const code of ['source-changed', 'source-truncated', 'unterminated-quote']) {
      expect(buildSummary({ ...stopped, fault: fault(code) }, measured)).not.toHaveProperty('resumeCommand');
    }
    expect(buildSummary(whole, measured)).not.toHaveProperty('resumeCommand');
    const tooLong = buildSummary({ ...stopped, fault: fault('row-too-long') }, measured);
    expect(tooLong.resumeCommand).toBe(`${resumeCommand} --max-row-bytes 8388608`);
    const largest = { ...measured, maxRowBytes: 256 * 1024 ** 2 };
    expect(buildSummary({ ...stopped, fault: fault('row-too-long') }, largest)).not.toHaveProperty('resumeCommand');
  });

  test('reads on behind the rows of --max-rows, which a resume would keep', () => {
    const summary = buildSummary({ ...whole, endOfSource: false }, measured);
    expect(summary).toMatchObject({ outcome: 'completed', exitCode: 0, stoppedAtMaxRows: true });
    expect(summary.resumeCommand).toBe(`${measured.resumeCommand} --max-rows all`);
    expect(buildSummary(whole, measured)).not.toHaveProperty('stoppedAtMaxRows');
    expect(buildSummary(stopped, measured)).not.toHaveProperty('stoppedAtMaxRows');
  });
});

test('the average is write units by time, in hundredths, and 0 for no time at all', () => {
  expect(buildSummary(whole, measured).rate).toEqual({ limit: 500, average: 250.25 });
  expect(buildSummary(whole, { ...measured, durationSeconds: 0 }).rate.average).toBe(0);
});
