import { expect, test } from 'vitest';
import { drawProgress } from '../../src/report/progress-line.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { terminalOf } from './terminal.ts';

test('the line is redrawn in place four times a second', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  let drawn = 0;
  drawProgress({ clock, ...terminal, text: () => `drawn ${++drawn}` });
  await clock.advance(1000);
  expect(terminal.lines()).toEqual(['drawn 4']);
});

test('a shorter line leaves nothing of the longer one', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  let text = 'a long line of progress';
  drawProgress({ clock, ...terminal, text: () => text });
  await clock.advance(250);
  text = 'short';
  await clock.advance(250);
  expect(terminal.lines()).toEqual(['short']);
});

test('what is written after an erase stands alone, and the line comes back below it', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  const line = drawProgress({ clock, ...terminal, text: () => 'progress' });
  await clock.advance(250);
  line.erase();
  terminal.write('hi\n');
  expect(terminal.lines()).toEqual(['hi', '']);
  await clock.advance(250);
  expect(terminal.lines()).toEqual(['hi', 'progress']);
});

test('at the end nothing is left on the screen and no timer is set', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(80);
  const line = drawProgress({ clock, ...terminal, text: () => 'progress' });
  await clock.advance(600);
  line.close();
  expect(terminal.lines()).toEqual(['']);
  expect(clock.pendingTimers).toBe(0);
});

test('a line longer than the terminal is wide is cut, before it wraps', async () => {
  const clock = new FakeClock();
  const terminal = terminalOf(10);
  drawProgress({ clock, ...terminal, text: () => '1234567890123' });
  await clock.advance(500);
  expect(terminal.lines()).toEqual(['123456789']);
});
