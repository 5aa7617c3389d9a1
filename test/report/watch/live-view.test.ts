import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { frameLines, liveLines } from '../../../src/report/watch/live-view.ts';
import type { RunFigures } from '../../../src/report/watch/run-context.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { figuresWith, runOf } from '../facts.ts';

const plain = { colors: false, unicode: true };
const night = figuresWith(
  {
    fraction: 0.6234,
    rowsExpected: { count: 10_000_000, isExact: false },
    etaSeconds: 185,
    credentialsExpireMs: Date.UTC(2026, 0, 31, 2, 55),
    writeUnitsPerSecond: 19_987,
  },
  {
    rowsDone: 6_234_567,
    writeUnits: 6_234_000,
    requestsSent: 249_000,
    requestsThrottled: 12,
    rowsRejected: 3,
    durationMs: 312_000,
  },
);

test.each([20, 40, 60, 80, 120, 200, 1])('no line is wider than %d columns, with colours or without', (columns) => {
  for (const colors of [true, false]) {
    for (const line of liveLines(night, { columns, colors, unicode: true })) {
      expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
    }
  }
});

test('colours change nothing but the colour, and warn of what is amiss', () => {
  const colored = liveLines(night, { columns: 100, colors: true, unicode: true });
  expect(colored.map(stripVTControlCharacters)).toEqual(liveLines(night, { columns: 100, ...plain }));
  const text = colored.join('\n');
  expect(text).toContain('\u001b[33m12 throttled\u001b[0m');
  expect(text).toContain('\u001b[31m3 rejected\u001b[0m');
  expect(text).toContain('\u001b[32mheld back by the limit');
});

test('credentials that end before the run are a warning', () => {
  const figures = figuresWith({ etaSeconds: 7200, credentialsExpireMs: Date.UTC(2026, 0, 31, 3) });
  expect(liveLines(figures, { columns: 100, colors: true, unicode: true })[1]).toContain(
    'ETA 2 h, 04:00 UTC   \u001b[33mcredentials for 1 h\u001b[0m',
  );
});

test('a source without a size has neither a bar nor a time left', () => {
  const unknown = { fraction: undefined, etaSeconds: undefined, rowsExpected: undefined };
  const figures = figuresWith(unknown, { durationMs: 12_000 });
  expect(liveLines(figures, { columns: 79, ...plain }).slice(0, 2)).toEqual(['500 rows', 'running for 12 s']);
});

test('while nothing gets through the time left is a dash, in ASCII too', () => {
  const figures = figuresWith({ etaSeconds: undefined, writeUnitsPerSecond: undefined });
  expect(liveLines(figures, { columns: 79, ...plain }).slice(1, 3)).toEqual([
    'running for 1 s   ETA —',
    '— of 20,000 write units/s   12 of 64 in flight   p50 4.1 ms   p99 12 ms',
  ]);
  expect(liveLines(figures, { columns: 79, colors: false, unicode: false })[1]).toBe('running for 1 s   ETA -');
});

test('a run that rises to its rate is not said to be held back', () => {
  const lines = liveLines(figuresWith({ isRampingUp: true }), { columns: 79, ...plain });
  expect(lines.at(-1)).toBe('ramping up');
});

test('a resume tells its own rows and units apart from those of the whole run', () => {
  const { thisProcess } = figuresWith({}, { rowsDone: 1500, writeUnits: 1480 });
  const lines = liveLines({ ...night, thisProcess }, { columns: 79, ...plain });
  expect(lines).toContain('6,234,000 write units   32 Mb/s   12 throttled   3 rejected');
  expect(lines).toContain('this process: 1,500 rows, 1,480 write units');
});

test('rejected rows are a line for each code, of many codes only the first', () => {
  const reject = (code: string, count: number) => ({ code, count, first: { line: 500, column: 'token' } });
  const linesOf = (rejects: RunFigures['rejects']) =>
    liveLines(figuresWith({ rejects }), { columns: 79, ...plain }).filter((line) => line.startsWith('rejected: '));
  expect(linesOf([reject('key-empty', 11)])).toEqual(['rejected: key-empty ×11, first at line 500, column token']);
  const codes = ['key-empty', 'not-a-number', 'ragged-row', 'zero-date'].map((code) => reject(code, 2));
  expect(linesOf(codes.slice(0, 3))).toHaveLength(3);
  expect(linesOf(codes).at(-1)).toBe('rejected: 2 more codes, see rejects.jsonl');
});

test('the screen of the run says where the rows go, and what the operator can do', () => {
  const run = runOf(new FakeClock());
  const { above, below } = frameLines(run, night, { columns: 79, ...plain });
  expect(above).toEqual(['tokens in eu-west-1, account 123456789012']);
  expect(below).toEqual(['Ctrl-C stops cleanly · echo 10000 > runs/1/rate changes the rate']);
  const { rateFile: _rateFile, ...withoutFolder } = run;
  expect(frameLines(withoutFolder, night, { columns: 79, ...plain }).below).toEqual(['Ctrl-C stops cleanly']);
});

test('before anything is sent and answered neither its bytes nor its latency are told', () => {
  const figures = figuresWith({ bytesPerSecond: 0, latencyMs: { p50: 0, p99: 0 } });
  expect(liveLines(figures, { columns: 100, ...plain }).slice(2, 4)).toEqual([
    '19,990 of 20,000 write units/s   12 of 64 in flight',
    '475 write units   0 throttled   0 rejected',
  ]);
});

test('a terminal of ASCII has a bar too', () => {
  expect(liveLines(night, { columns: 60, colors: false, unicode: false })[0]).toMatch(/^#+\.+ {3}62 %/);
});

test('a pause goes before what holds the run back, and what outside says cannot write to the terminal', () => {
  const paused = figuresWith({ pausedFor: 'the credentials\u001b[2J expired' });
  const text = liveLines(paused, { columns: 120, ...plain }).join('\n');
  expect(text).toContain('paused: the credentials\\u001b[2J expired');
  expect(text).not.toContain('held back');
});
