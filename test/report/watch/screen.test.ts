import { expect, test } from 'vitest';
import { openScreen, type ScreenOptions, type TextOutput } from '../../../src/report/watch/screen.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { completed, preflightFacts, rejectedOn, runOf, secret } from '../facts.ts';
import { terminalOf } from './terminal.ts';

const look = { redraws: true, colors: false, unicode: false };
const defaults = {
  ...({ isTerminal: true, look, progress: 'auto', logLevel: 'info', logFormat: 'pretty', quiet: false } as const),
};

function openOn(options: Partial<ScreenOptions & TextOutput> = {}) {
  const terminal = terminalOf(20_000);
  const all = { ...defaults, ...terminal, ...options };
  const screen = openScreen(all, all);
  return {
    screen,
    lines: () => terminal.lines(),
    json: () =>
      terminal
        .lines()
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

/** Without the time in front. */
function said(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));
}

test('on a terminal what happens is said above the progress, and in the end nothing is left of that', async () => {
  const clock = new FakeClock();
  const { screen, lines } = openOn();
  const observer = screen.observe(runOf(clock));
  await clock.advance(250);
  observer.on(rejectedOn(3));
  await clock.advance(6000);
  const [reject = ''] = said(lines());
  expect(reject).toMatch(/^warn {2}rejected: not-a-number, first at tokens\.csv line 3: /);
  expect(lines()[1]).toBe('tokens in eu-west-1, account 123456789012');
  expect(lines()[2]).toMatch(/^#+\.+ {3}25 % {3}500 of about 2,000 rows$/);
  expect(lines().at(-1)).toBe('Ctrl-C stops cleanly; echo 10000 > runs/1/rate changes the rate');
  screen.close(completed);
  expect(said(lines())).toEqual([reject, '']);
  expect(clock.pendingTimers).toBe(0);
});

test('with --log-format json every line is JSON with the run in it', async () => {
  const clock = new FakeClock();
  const { screen, json } = openOn({ isTerminal: false, logFormat: 'json' });
  screen.preflight({ ...preflightFacts, runId: 'run-1' }, false);
  screen.warn('tokens-10 comes before tokens-2');
  const observer = screen.observe(runOf(clock));
  observer.on(rejectedOn(3));
  await clock.advance(5000);
  screen.close(completed);
  expect(json().map(({ run, event }) => `${run} ${event}`)).toEqual([
    'run-1 preflight',
    'run-1 warning',
    'run-1 row-rejected',
    'run-1 figures',
    'run-1 finished',
  ]);
  expect(json()[0]).toMatchObject({
    tableInfo: { account: '123456789012', itemCount: 1_234_567 },
    settings: expect.arrayContaining([{ flag: '--wps', value: '20000', origin: 'flag' }]),
    msg: 'about to import into tokens; a put replaces the whole item',
  });
  expect(json().at(-1)).toMatchObject({ outcome: 'completed', exitCode: 0, rows: { read: 10_000_000 } });
  expect(JSON.stringify(json())).not.toContain(secret);
});

test('without a terminal the log is readable text too', () => {
  const { screen, lines } = openOn({ isTerminal: false });
  screen.preflight(preflightFacts, false);
  screen.warn('look out');
  expect(lines()[0]).toBe('About to import into the DynamoDB table tokens');
  expect(said(lines()).at(-2)).toBe('warn  look out');
});

test.each([
  ['--progress plain', { progress: 'plain' }],
  ['a terminal that can’t redraw', { look: { ...look, redraws: false } }],
] as const)('with %s the figures are a line every few seconds, without any code', async (_, options) => {
  const clock = new FakeClock();
  const { screen, lines } = openOn(options);
  screen.observe(runOf(clock));
  await clock.advance(10_000);
  const figures = 'info  500 rows   25 %   19,990/s of 20,000 write units   ETA 3 s, 02:00 UTC';
  expect(said(lines())).toEqual([figures, figures, '']);
});

test.each([[true], [false]])('--progress none leaves the figures out (terminal: %s)', async (isTerminal) => {
  const clock = new FakeClock();
  const { screen, lines } = openOn({ isTerminal, progress: 'none' });
  screen.observe(runOf(clock));
  await clock.advance(10_000);
  expect(lines()).toEqual(['']);
});

test('quiet is silent, but shows the facts to whoever is asked', async () => {
  const clock = new FakeClock();
  const { screen, lines } = openOn({ quiet: true });
  screen.preflight(preflightFacts, false);
  screen.warn('look out');
  const observer = screen.observe(runOf(clock));
  for (let line = 2; line < 30; line++) observer.on(rejectedOn(line));
  await clock.advance(10_000);
  screen.close(completed);
  expect(lines()).toEqual(['']);
  screen.preflight(preflightFacts, true);
  expect(lines()[0]).toBe('About to import into the DynamoDB table tokens');
});
