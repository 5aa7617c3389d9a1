import { expect, test } from 'vitest';
import { TerminalScreen } from '../../.github/release/terminal-screen.ts';

function textsAfter(...writes: readonly string[]): string[] {
  const screen = new TerminalScreen();
  for (const text of writes) screen.write(text);
  return screen.lines().map((spans) => spans.map(({ text }) => text).join('|'));
}

test('a line that is drawn again replaces the one before, also if it is shorter', () => {
  expect(textsAfter('first\r\n', 'long line\r\n', '\x1b[1Ashort\x1b[K\r\nnext')).toEqual(['first', 'short', 'next']);
});

test('erasing below the cursor removes all lines under it', () => {
  expect(textsAfter('a\r\nb\r\nc', '\x1b[2A\r\x1b[Jx')).toEqual(['x']);
});

test('text with another look is a span of its own, at its column', () => {
  const screen = new TerminalScreen();
  screen.write('ab\x1b[1;32mcd\x1b[0m e');
  expect(screen.lines()).toEqual([
    [
      { column: 0, text: 'ab', bold: false, dim: false, colour: undefined },
      { column: 2, text: 'cd', bold: true, dim: false, colour: 32 },
      { column: 4, text: ' e', bold: false, dim: false, colour: undefined },
    ],
  ]);
});

test('a control sequence that is cut between two writes is read as one', () => {
  expect(textsAfter('old\r\nx', '\x1b[', '1A\rnew')).toEqual(['new', 'x']);
});

test('a control sequence that the screen does not know is refused', () => {
  expect(() => textsAfter('\x1b[2B')).toThrow('ESC [ 2B');
});
