import { expect, test } from 'vitest';
import type { RunSummary } from '../../../src/domain/run-summary.ts';
import { noTotals, type RunTotals } from '../../../src/domain/run-totals.ts';
import type { RunEvent } from '../../../src/ports/run-observer.ts';
import { summaryText } from '../../../src/report/summary-text.ts';
import type { RunFigures } from '../../../src/report/watch/run-context.ts';
import { openScreen } from '../../../src/report/watch/screen.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { completed, figuresWith, rejectedOn, runOf } from '../facts.ts';
import { type Terminal, terminalOf } from './terminal.ts';

const sizes = [
  [80, 24],
  [100, 40],
] as const;

const look = { redraws: true, colors: false, unicode: true };
const half: Partial<RunTotals> = {
  durationMs: 312_000,
  rowsRead: 6_236_000,
  rowsDone: 6_234_567,
  writeUnits: 6_234_560,
  requestsSent: 249_383,
};
const sure: Partial<RunFigures> = {
  fraction: 0.6234,
  rowsExpected: { count: 10_000_000, isExact: false },
  etaSeconds: 188,
};

/** What stands on a terminal of this size once a run has been drawn in it. */
async function screenOf(
  [columns, rows]: readonly [number, number],
  figures: Partial<RunFigures>,
  totals: Partial<RunTotals>,
  events: readonly RunEvent[] = [],
  summary?: RunSummary,
): Promise<string> {
  const terminal = terminalOf(columns, rows);
  const clock = new FakeClock();
  const screen = openScreen(
    { ...terminal, isTerminal: true, look },
    { progress: 'auto', logLevel: 'info', logFormat: 'pretty', quiet: false },
  );
  const run = { ...runOf(clock), figures: () => figuresWith({ ...sure, ...figures }, { ...half, ...totals }) };
  const observer = screen.observe({ ...run, rateFile: 'night/rate' });
  for (const event of events) observer.on(event);
  await clock.advance(250);
  if (summary !== undefined) {
    screen.close(summary);
    terminal.write(summaryText(summary, columns));
  }
  return shown(terminal, columns, rows);
}

/** The last rows, without the time that differs from run to run. */
function shown(terminal: Terminal, columns: number, rows: number): string {
  const lines = terminal.lines().slice(-rows);
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
  return `${lines.join('\n').replace(/^\d\d:\d\d:\d\d /gm, '00:00:00 ')}\n`;
}

async function expectScreen(name: string, [columns, rows]: readonly [number, number], text: string): Promise<void> {
  await expect(text).toMatchFileSnapshot(`../../fixtures/screens/${name}-${columns}x${rows}.txt`);
}

test.each(sizes)('a run at its limit, on %d columns and %d rows', async (...size) => {
  await expectScreen('run', size, await screenOf(size, {}, {}));
});

test.each(sizes)(
  'a resume with rejected rows that ramps up after a pause, on %d columns and %d rows',
  async (...size) => {
    const rejects = [{ code: 'key-empty', count: 11, first: { line: 500, column: 'token' } }];
    const thisProcess = { ...noTotals, durationMs: 42_000, rowsDone: 612_500, writeUnits: 612_300 };
    const events: RunEvent[] = [{ kind: 'paused', reason: 'the credentials expired' }, { kind: 'unpaused' }];
    const figures = { rejects, thisProcess, isRampingUp: true, etaSeconds: undefined, writeUnitsPerSecond: 8_412 };
    await expectScreen('resume', size, await screenOf(size, figures, { rowsRejected: 11 }, events));
  },
);

test.each(sizes)('a throttled run, on %d columns and %d rows', async (...size) => {
  const cause = { limit: 'capacity', inferred: true, alternatives: [{ index: 'by-user' }] } as const;
  const slowed = {
    kind: 'rate-changed',
    slowed: true,
    isLimit: false,
    reason: '',
    ratePerSecond: 14_000,
    cause,
  } as const;
  const advice =
    'the table (the write capacity of the table or index "by-user" (inferred)): slowed down from 20,000 to 14,000 write units a second; raise the capacity of the table and index "by-user" (--raise-wcu, aws dynamodb update-table), or lower --wps';
  const figures = { writeUnitsPerSecond: 13_870, bottleneck: 'table', advice, etaSeconds: 271 } as const;
  await expectScreen('throttled', size, await screenOf(size, figures, { unprocessedItems: 2_192 }, [slowed]));
});

test.each(sizes)('a run stopped after too many rejects, on %d columns and %d rows', async (...size) => {
  const summary: RunSummary = {
    ...completed,
    outcome: 'too-many-rejects',
    exitCode: 3,
    rows: {
      read: 63_590,
      written: 61_939,
      superseded: 0,
      kept: 0,
      deleted: 0,
      rejected: 101,
      skipped: 0,
      pending: 1_550,
    },
    rejects: [{ code: 'key-empty', count: 101, first: { line: 500, column: 'token' } }],
    writeUnits: 61_939,
    durationSeconds: 7.2,
    rate: { limit: 10_000, average: 8_603 },
    requests: { sent: 2_569, throttled: 0, retried: 0, unprocessedItems: 0 },
    error: { code: 'too-many-rejects', message: '101 of 63,590 rows were rejected; --max-rejects allows 100' },
    report: 'night/report.html',
    resumeCommand: 'import-tokens --resume night --max-rejects 1010',
    repair,
  };
  const stopping: RunEvent = { kind: 'stopping', reason: 'too many rejects' };
  await expectScreen('stopped', size, await screenOf(size, {}, {}, [rejectedOn(500, 'key-empty'), stopping], summary));
});

test.each(sizes)('a completed run with rejects, on %d columns and %d rows', async (...size) => {
  const summary: RunSummary = {
    ...completed,
    outcome: 'completed-with-rejects',
    exitCode: 5,
    rows: { ...completed.rows, written: 9_999_979, rejected: 11 },
    rejects: [
      { code: 'key-empty', count: 9, first: { line: 500, column: 'token' } },
      { code: 'not-a-number', count: 2, first: { line: 7_200_311, column: 'quota' } },
    ],
    report: 'night/report.html',
    repair,
    verifyCommand: 'import-tokens verify tokens.csv --table tokens --types user_id=N',
  };
  await expectScreen(
    'completed-with-rejects',
    size,
    await screenOf(size, {}, {}, [rejectedOn(500, 'key-empty')], summary),
  );
});

const repair = {
  rows: 'night/rejected.csv',
  reasons: 'night/rejects.jsonl',
  importCommand: 'import-tokens night/rejected.csv --table tokens --types user_id=N --wps 20000',
};
