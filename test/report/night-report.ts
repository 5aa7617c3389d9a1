import { listPrices } from '../../src/domain/import-estimate.ts';
import type { RejectGroup, RunSummary } from '../../src/domain/run-summary.ts';
import type { ReportData } from '../../src/report/page/report-data.ts';
import type { RunHistory } from '../../src/report/page/run-history.ts';
import type { RunSample } from '../../src/report/watch/run-context.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { completed, preflightFacts } from './facts.ts';
import { sampleWith } from './sample.ts';

/** A name that would do much if it were taken for anything but text. */
export const hostileName = `</script><img src=x onerror=hit=1>"'&<b>.csv`;

/** A night's import: 500 s at 20,000 units, throttled for a while by an index, resumed once, with some rejects. */
export function nightReport(change: Partial<ReportData> = {}): ReportData {
  return { history: nightHistory(), summary: nightSummary, state: 'ended', ...change };
}

const nightRejects: readonly RejectGroup[] = [
  { code: 'not-a-number', count: 97, first: { line: 1042, column: 'quota' } },
  { code: 'invalid-utf8', count: 20, first: { line: 88_120, column: 'scope' } },
  { code: 'ragged-row', count: 3 },
];

export const nightSummary: RunSummary = {
  ...completed,
  outcome: 'completed-with-rejects',
  exitCode: 5,
  rows: {
    read: 10_000_000,
    written: 9_999_870,
    superseded: 10,
    kept: 0,
    deleted: 0,
    rejected: 120,
    skipped: 0,
    pending: 0,
  },
  rejectsByCode: { 'not-a-number': 97, 'invalid-utf8': 20, 'ragged-row': 3 },
  rejects: nightRejects,
};

function nightHistory(): RunHistory {
  const startMs = Date.UTC(2026, 0, 31, 2);
  return {
    version: 1,
    runId: '0766475f-2b51-4b46-85f3-cb9a58b6a926',
    preflight: {
      ...preflightFacts,
      sources: [{ name: hostileName }],
      columns: [{ sourceName: 'x', name: hostileName, type: 'S' }],
    },
    prices: listPrices,
    processes: [
      { startedMs: startMs, ranBeforeMs: 0 },
      { startedMs: startMs + 400_000, ranBeforeMs: 320_000 },
    ],
    notes: [
      {
        ranMs: 141_000,
        text: 'the table throttles: IndexWriteProvisionedThroughputExceeded (index "by-user")',
      },
      { ranMs: 320_000, text: 'resumed' },
    ],
    rejects: nightRejects,
    stretchMs: 1000,
    samples: Array.from({ length: 510 }, (_, second) => nightSample(second, startMs)),
  };
}

const random = seededRandom(7);

function nightSample(second: number, startMs: number): RunSample {
  const slow = second > 140 && second < 190;
  const noise = () => 0.985 + random() * 0.03;
  const units = Math.round((slow ? 13_000 : 19_990) * (second < 5 ? 0.6 : 1) * noise());
  return sampleWith({
    endMs: startMs + second * 1000 + (second > 320 ? 80_000 : 0),
    writeUnits: units,
    requestsThrottled: slow ? Math.round(12 * random()) : 0,
    unprocessedItems: slow ? Math.round(40 * random()) : 0,
    requestsFailed: second === 260 ? 6 : 0,
    rateLimit: slow ? 13_500 : 20_000,
    inFlight: Math.round((slow ? 14 : 5) * noise() + random() * 3),
    p50Ms: (slow ? 7 : 4) * noise(),
    p90Ms: (slow ? 15 : 6) * noise(),
    p99Ms: (slow ? 60 : 12) * (0.8 + random() * 0.6),
    cpuMs: 140 * noise(),
    loopBusyMs: 120 * noise(),
    residentBytes: 118e6 + Math.min(second, 60) * 2e5 + random() * 4e6,
    heapBytes: 38e6 + random() * 12e6,
    indexUnits: [Math.round(units * 0.8)],
  });
}
