import { expect, test } from 'vitest';
import { figuresText } from '../../../src/report/watch/run-context.ts';
import { figuresWith } from '../facts.ts';

test('a line tells rows, share, rate against limit, time left, throttles and rejects', () => {
  expect(figuresText(figuresWith({}, { rowsDone: 12_345, requestsThrottled: 1, rowsRejected: 1 }))).toBe(
    '12,345 rows   25 %   19,990/s of 20,000 write units   ETA 3 s, 02:00 UTC   1 throttled   1 rejected',
  );
});

test('a source without a size has no share and no time left', () => {
  const unknown = { storedBytesTotal: undefined, fraction: undefined, etaSeconds: undefined, rateLimit: null };
  expect(figuresText(figuresWith(unknown, { rowsDone: 10 }))).toBe('10 rows   19,990/s write units');
});

test('a paused run says why instead of when it ends', () => {
  expect(figuresText(figuresWith({ pausedFor: 'the credentials expired' }))).toBe(
    '500 rows   25 %   19,990/s of 20,000 write units   paused: the credentials expired',
  );
});

test('while nothing gets through there is no time left to tell', () => {
  expect(figuresText(figuresWith({ etaSeconds: undefined, isRampingUp: true }))).toBe(
    '500 rows   25 %   19,990/s of 20,000 write units   ETA —   ramping up',
  );
});

test('what holds the run back is named unless it is the limit', () => {
  const figures = figuresWith({ bottleneck: 'source', advice: 'the source: the next rows are waited for' });
  expect(figuresText(figures)).toMatch(/ {3}held back by the source: the next rows are waited for$/);
});
