import { expect, test } from 'vitest';
import { listPrices } from '../../../src/domain/import-estimate.ts';
import {
  HistoryRecorder,
  historyOf,
  historyText,
  isStoredHistory,
  type RunHistory,
} from '../../../src/report/page/run-history.ts';
import { preflightFacts, rejectedOn, secret } from '../facts.ts';
import { sampleWith } from '../sample.ts';

const startedMs = Date.UTC(2026, 0, 31, 2);
const recorder = (earlier?: RunHistory) =>
  new HistoryRecorder({ runId: 'run-1', preflight: preflightFacts, prices: listPrices }, startedMs, earlier);

test('what happens is noted with how long the run had run, what recurs once', () => {
  const recording = recorder();
  recording.addSample(sampleWith(), []);
  for (let time = 0; time < 5; time++) {
    recording.on({ kind: 'batch-throttled', tokens: 25, permits: 25, reason: 'index by-user', latencyMs: 1 });
    recording.on(rejectedOn(time + 2));
  }
  recording.on({ kind: 'paused', reason: 'the credentials expired' });
  recording.addSample(sampleWith({ durationMs: 500 }), []);
  recording.on({ kind: 'unpaused' });
  recording.on({ kind: 'capacity-changed', change: 'raised', text: 'the table has 30,000 write units' });
  expect(recording.history.notes.map(({ ranMs, text }) => `${ranMs} ${text}`)).toEqual([
    '1000 the table throttles: index by-user',
    '1000 rows are rejected: not-a-number',
    '1000 paused: the credentials expired',
    '1500 continuing',
    '1500 the table has 30,000 write units',
  ]);
});

test('a restless run keeps how it began and how it ended, in bounded room', () => {
  const recording = recorder();
  for (let time = 0; time < 1000; time++) recording.on({ kind: 'paused', reason: `pause ${time}` });
  const texts = recording.history.notes.map(({ text }) => text);
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([100, 'paused: pause 0', 'paused: pause 999']);
});

test('a resume goes on with what the process before it has left', () => {
  const first = recorder();
  for (let second = 0; second < 3; second++) first.addSample(sampleWith(), []);
  const second = recorder(first.history);
  second.addSample(sampleWith(), []);
  expect(second.history.samples).toHaveLength(4);
  expect(second.history.processes.map(({ ranBeforeMs }) => ranBeforeMs)).toEqual([0, 3000]);
  expect(second.history.notes).toMatchObject([{ ranMs: 3000, text: 'resumed' }]);
});

test('a stored history is read as it was written, and holds no value of a row', () => {
  const recording = recorder();
  recording.on(rejectedOn(3));
  recording.addSample(sampleWith({ p50Ms: 4.123456, rateLimit: null, indexUnits: [3, 4] }), []);
  const text = historyText(recording.history);
  const stored = JSON.parse(text);
  expect(isStoredHistory(stored) && historyOf(stored)).toEqual({
    ...recording.history,
    samples: [sampleWith({ p50Ms: 4.12, rateLimit: null, indexUnits: [3, 4] })],
  });
  expect(text).not.toContain(secret);
});

test.each([
  ['another shape', { runId: 'a' }],
  ['columns of unequal length', { endMs: [] }],
  ['text in place of a figure', { cpuMs: ['<script>'] }],
])('a file with %s is no history', (_, change) => {
  const recording = recorder();
  recording.addSample(sampleWith(), []);
  const stored = JSON.parse(historyText(recording.history));
  expect(isStoredHistory('runId' in change ? change : { ...stored, samples: { ...stored.samples, ...change } })).toBe(
    false,
  );
});
