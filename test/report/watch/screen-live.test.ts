import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawLive } from '../../../src/report/watch/screen.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { terminalOf } from './terminal.ts';

test('the lines are redrawn in place four times a second, each time by one write', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  let drawn = 0;
  drawLive(terminal, clock, () => [`drawn ${++drawn}`, 'second', 'third']);
  await clock.advance(1000);
  expect(terminal.lines()).toEqual(['drawn 4', 'second', 'third']);
  expect(terminal.writes()).toBe(4);
});

test('fewer and shorter lines leave nothing of what stood there', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  let lines = ['a long line of figures', 'another', 'and a third'];
  drawLive(terminal, clock, () => lines);
  await clock.advance(250);
  lines = ['short', 'two'];
  await clock.advance(250);
  expect(terminal.lines()).toEqual(['short', 'two']);
});

test('what is written above stands there for good, the lines are back in the same write', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  const live = drawLive(terminal, clock, () => ['figures', 'more figures']);
  live.above('before the first drawing\n');
  await clock.advance(250);
  const writes = terminal.writes();
  live.above('paused\n');
  expect(terminal.writes()).toBe(writes + 1);
  expect(terminal.lines()).toEqual(['before the first drawing', 'paused', 'figures', 'more figures']);
  await clock.advance(250);
  expect(terminal.lines()).toEqual(['before the first drawing', 'paused', 'figures', 'more figures']);
});

test('at the end nothing is left on the screen and no timer is set', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  const live = drawLive(terminal, clock, () => ['figures', 'more']);
  await clock.advance(600);
  live.close();
  expect(terminal.lines()).toEqual(['']);
  expect(clock.pendingTimers).toBe(0);
});

test('however the terminal is resized, what stands above is kept and the lines stand there once', async () => {
  const step = fc.record({ width: fc.integer({ min: 20, max: 200 }), says: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const clock = new FakeClock();
      const terminal = terminalOf(80);
      const lines = (width: number) => ['x'.repeat(width), 'y'.repeat(Math.min(width, 70)), 'z'];
      const live = drawLive(terminal, clock, lines);
      terminal.write('above\n');
      for (const { width, says } of steps) {
        terminal.resize(width);
        await clock.advance(250);
        if (says) live.above('said\n');
      }
      const said = steps.filter(({ says }) => says).map(() => 'said');
      expect(terminal.lines()).toEqual(['above', ...said, ...lines(steps.at(-1)!.width - 1)]);
      live.close();
    }),
  );
});

test('a terminal of few rows shows the first lines, and none twice', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80, 3);
  drawLive(terminal, clock, () => ['one', 'two', 'three', 'four', 'five']);
  await clock.advance(1000);
  expect(terminal.lines()).toEqual(['one', 'two']);
});
