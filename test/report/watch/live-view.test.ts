import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { liveLines } from '../../../src/report/watch/live-view.ts';
import { figuresWith } from '../facts.ts';

const plain = { colors: false, unicode: true };
const night = figuresWith(
  {
    fraction: 0.6234,
    etaSeconds: 185,
    credentialsExpireMs: Date.UTC(2026, 0, 31, 2, 55),
    writeUnitsPerSecond: 19_987,
  },
  { rowsDone: 6_234_567, writeUnits: 6_234_000, requestsSent: 249_000, requestsThrottled: 12, rowsRejected: 3 },
);

test('at 60 columns', () => {
  expect(liveLines(night, { columns: 59, ...plain }).join('\n')).toBe(`\
███████████░░░░░░░░   62 %   6,234,567 rows   ETA 3 min 5 s
credentials for 55 min   19,987 of 20,000 write units/s
6,234,000 in all   32 Mb/s   12 of 64 in flight
p50 4.1 ms   p99 12 ms   12 throttled   3 rejected
held back by the limit of 20,000 write units a second, so
  all is well; --wps or the rate file sets it`);
});

test('at 80 columns', () => {
  expect(liveLines(night, { columns: 79, ...plain }).join('\n')).toBe(`\
████████░░░░░░   62 %   6,234,567 rows   ETA 3 min 5 s   credentials for 55 min
19,987 of 20,000 write units/s   6,234,000 in all   32 Mb/s
12 of 64 in flight   p50 4.1 ms   p99 12 ms   12 throttled   3 rejected
held back by the limit of 20,000 write units a second, so all is well; --wps
  or the rate file sets it`);
});

test('at 200 columns', () => {
  expect(liveLines(night, { columns: 199, ...plain }).join('\n')).toBe(`\
███████████████████████████████░░░░░░░░░░░░░░░░░░░   62 %   6,234,567 rows   ETA 3 min 5 s   credentials for 55 min
19,987 of 20,000 write units/s   6,234,000 in all   32 Mb/s   12 of 64 in flight   p50 4.1 ms   p99 12 ms   12 throttled   3 rejected
held back by the limit of 20,000 write units a second, so all is well; --wps or the rate file sets it`);
});

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
  expect(liveLines(figures, { columns: 100, colors: true, unicode: true })[0]).toContain(
    'ETA 2 h   \u001b[33mcredentials for 1 h\u001b[0m',
  );
});

test('a source without a size has no bar, but tells for how long it is read', () => {
  const figures = figuresWith({ fraction: undefined, etaSeconds: undefined }, { durationMs: 12_000 });
  expect(liveLines(figures, { columns: 79, ...plain })[0]).toBe('500 rows   for 12 s');
});

test('before anything is sent and answered neither its bytes nor its latency are told', () => {
  const figures = figuresWith({ bytesPerSecond: 0, latencyMs: { p50: 0, p99: 0 } });
  expect(liveLines(figures, { columns: 100, ...plain })[1]).toBe(
    '19,990 of 20,000 write units/s   475 in all   12 of 64 in flight   0 throttled   0 rejected',
  );
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
