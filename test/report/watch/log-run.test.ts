import { expect, test } from 'vitest';
import type { RunTotals } from '../../../src/domain/run-totals.ts';
import { createLog, type LogOptions, logRun } from '../../../src/report/watch/log-run.ts';
import type { RunContext, RunListener } from '../../../src/report/watch/run-context.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { accepted, rejectedOn, runOf, secret } from '../facts.ts';

function openLog(
  options: Partial<LogOptions> = {},
  change: Partial<RunContext> = {},
): {
  clock: FakeClock;
  listener: RunListener;
  text: () => string;
  lines: () => Record<string, unknown>[];
} {
  const clock = new FakeClock();
  const written: string[] = [];
  const write = (line: string) => {
    written.push(line);
  };
  const log = createLog({ write, level: 'info', format: 'json', wallMs: () => clock.wallMs(), ...options });
  const listener = logRun(log, { ...runOf(clock, { fraction: undefined, etaSeconds: undefined }), ...change }, 5000);
  return { clock, listener, text: () => written.join(''), lines: () => written.map((line) => JSON.parse(line)) };
}

test('a rejected row is logged with its place and its reason', () => {
  const { listener, lines } = openLog();
  listener.on(rejectedOn(1042));
  expect(lines()).toEqual([
    {
      level: 'warn',
      time: '2026-01-01T00:00:00.000Z',
      run: 'run-1',
      event: 'row-rejected',
      code: 'not-a-number',
      column: 'quota',
      source: 'tokens.csv',
      line: 1042,
      byteOffset: 104_200,
      msg: 'rejected: not-a-number, first at tokens.csv line 1042: column "quota" is not a number (it holds a comma); further rows of this code are counted and listed in runs/1/rejects.jsonl',
    },
  ]);
});

test('of many rejected rows the first of each code is logged', () => {
  const { listener, lines } = openLog();
  for (let line = 2; line < 50; line++) listener.on(rejectedOn(line, line < 40 ? 'not-a-number' : 'ragged-row'));
  expect(lines().map(({ code, line }) => ({ code, line }))).toEqual([
    { code: 'not-a-number', line: 2 },
    { code: 'ragged-row', line: 40 },
  ]);
});

test('figures are logged every five seconds until the end', async () => {
  const { clock, listener, lines } = openLog();
  await clock.advance(10_000);
  listener.close();
  await clock.advance(60_000);
  expect(
    lines().map(({ event, time, wholeRun }) => ({ event, time, rowsRead: (wholeRun as RunTotals).rowsRead })),
  ).toEqual([
    { event: 'figures', time: '2026-01-01T00:00:05.000Z', rowsRead: 520 },
    { event: 'figures', time: '2026-01-01T00:00:10.000Z', rowsRead: 520 },
  ]);
  expect(lines()[0]).toMatchObject({
    writeUnitsPerSecond: 19_990,
    rateLimit: 20_000,
    bottleneck: 'limit',
    msg: '500 rows   19,990/s of 20,000 write units',
  });
  expect(clock.pendingTimers).toBe(0);
});

test('weather that recurs is logged once for each reason', () => {
  const { listener, lines } = openLog();
  for (let round = 0; round < 100; round++) {
    listener.on({ kind: 'batch-throttled', tokens: 25, permits: 25, reason: 'index by-user', latencyMs: 1 });
    listener.on({ kind: 'attempt-failed', tokens: 25, permits: 25, reason: 'reset', attempt: 1, delayMs: 120 });
    listener.on({ kind: 'attempt-failed', tokens: 25, permits: 25, reason: 'time-out', attempt: 1, delayMs: 5000 });
  }
  expect(lines().map(({ msg }) => msg)).toEqual([
    'the table throttles: index by-user',
    'a request failed and is sent again after 120 ms: reset',
    'a request failed and is sent again after 5 s: time-out',
  ]);
});

test('each limit that throttles is logged once with its own advice, named or inferred', () => {
  const { listener, lines } = openLog();
  const throttled = { kind: 'batch-throttled', tokens: 25, permits: 25, reason: 'codes', latencyMs: 1 } as const;
  const slowed = { kind: 'rate-changed', slowed: true, isLimit: false, reason: '' } as const;
  for (let round = 0; round < 10; round++) {
    for (const limit of ['capacity', 'on-demand-maximum', 'partition', 'account'] as const) {
      listener.on({ ...throttled, causes: [{ limit }] });
    }
    const inferred = { limit: 'capacity', index: 'by-user', inferred: true } as const;
    listener.on({ ...slowed, ratePerSecond: 1_900, index: 'by-user', cause: inferred });
    listener.on({ ...slowed, ratePerSecond: 1_900, cause: { limit: 'capacity', inferred: true } });
    listener.on({ kind: 'partition-parked' });
  }
  const messages = lines().map(({ msg }) => String(msg));
  const advice = [
    [/^the table throttles: the write capacity of the table; raise the capacity of the table/, '--raise-wcu'],
    [/^the table throttles: the on-demand maximum of the table; /, 'MaxWriteRequestUnits'],
    [/^the table throttles: a hot partition of the table; /, 'in another order'],
    [/^the table throttles: the account's write limit, at the table; /, 'Service Quotas'],
    [/^the table throttles: the write capacity of index "by-user" \(inferred\); /, 'capacity of index "by-user"'],
    [/^items of one partition key are refused again and again/, 'tried less often'],
  ] as const;
  expect(messages).toHaveLength(advice.length);
  for (const [i, [begins, holds]] of advice.entries()) {
    expect(messages[i]).toMatch(begins);
    expect(messages[i]).toContain(holds);
  }
});

test('parts that are used as much are both named, and an on-demand table has no capacity to raise', () => {
  const cause = { limit: 'capacity', inferred: true, alternatives: [{ index: 'by-user' }] } as const;
  const { listener, lines } = openLog({}, { billing: 'on-demand' });
  listener.on({ kind: 'rate-changed', slowed: true, isLimit: false, reason: '', ratePerSecond: 1_900, cause });
  const message = String(lines()[0]!['msg']);
  expect(message).toContain('the write capacity of the table or index "by-user" (inferred); an on-demand table grows');
  expect(message).toContain('the warm throughput of the table and index "by-user"');
  expect(message).not.toContain('--raise-wcu');
});

test('a limit that changes is told, the following of the table only to who debugs', () => {
  const change = { kind: 'rate-changed', slowed: false, reason: 'the rate file says 500' } as const;
  const { listener, lines } = openLog();
  listener.on({ ...change, ratePerSecond: 500, isLimit: true });
  listener.on({ ...change, ratePerSecond: 510, isLimit: false });
  expect(lines().map(({ msg }) => msg)).toEqual(['500 write units a second: the rate file says 500']);
});

test('reasons without end do not fill memory or log', () => {
  const { listener, lines } = openLog();
  for (let round = 0; round < 1000; round++) {
    listener.on({ kind: 'batch-throttled', tokens: 1, permits: 1, reason: `reason ${round}`, latencyMs: 1 });
  }
  expect(lines()).toHaveLength(50);
});

test('every line carries the run and its event, and none a value of a row', async () => {
  const { clock, listener, text, lines } = openLog({ level: 'debug' });
  listener.on({ kind: 'rows-read', rows: 500 });
  listener.on(accepted(25));
  listener.on(rejectedOn(3));
  listener.on({ kind: 'batch-taken-apart', tokens: 25, message: 'one item is refused' });
  listener.on({ kind: 'attempt-failed', tokens: 25, permits: 25, reason: 'reset', attempt: 1, delayMs: 120 });
  listener.on({ kind: 'paused', reason: 'the credentials expired' });
  listener.on({ kind: 'unpaused' });
  listener.on({ kind: 'checkpointed', mark: { fileIndex: 0, byteOffset: 10, ordinal: 1, line: 2 } });
  listener.on({ kind: 'stopping', reason: 'SIGTERM' });
  await clock.advance(5000);
  expect(lines().map(({ event, run }) => `${run} ${event}`)).toEqual([
    'run-1 row-rejected',
    'run-1 batch-taken-apart',
    'run-1 attempts-fail',
    'run-1 attempt-failed',
    'run-1 paused',
    'run-1 unpaused',
    'run-1 checkpointed',
    'run-1 stopping',
    'run-1 figures',
  ]);
  expect(text()).not.toContain(secret);
});

test('the pretty form is one line for a person', () => {
  const { listener, text } = openLog({ format: 'pretty' });
  listener.on({ kind: 'paused', reason: 'the credentials expired' });
  listener.on({ kind: 'unpaused' });
  expect(text()).toBe('00:00:00 warn  paused: the credentials expired\n00:00:00 info  continuing\n');
});

test('the pretty form is wrapped between words on a terminal', () => {
  const { listener, text } = openLog({ format: 'pretty', columns: () => 40 });
  listener.on({ kind: 'paused', reason: 'the credentials expired, and fresh ones are waited for' });
  expect(text()).toBe(`\
00:00:00 warn  paused: the credentials
               expired, and fresh ones
               are waited for
`);
});

test('a hostile name of a file cannot write to the terminal', () => {
  const clock = new FakeClock();
  let text = '';
  const log = createLog({ write: (line) => (text += line), level: 'info', format: 'pretty' });
  const run = { ...runOf(clock), sources: ['\u001b[2J.csv'] };
  logRun(log, run, undefined).on(rejectedOn(3));
  expect(text).toContain('first at \\u001b[2J.csv line 3');
  expect(text).not.toContain('\u001b');
});
