import { expect, test } from 'vitest';
import { readingIn, terminalLook } from '../../src/cli/terminal.ts';
import { fakeWorld } from './fake-world.ts';

test.each([
  [
    { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' },
    { redraws: true, colors: true, unicode: true },
  ],
  [
    { TERM: 'xterm', LANG: 'C' },
    { redraws: true, colors: true, unicode: false },
  ],
  [
    { TERM: 'xterm', LANG: 'C', LC_ALL: 'C.utf8' },
    { redraws: true, colors: true, unicode: true },
  ],
  [
    { TERM: 'xterm', NO_COLOR: '1' },
    { redraws: true, colors: false, unicode: false },
  ],
  [
    { TERM: 'xterm', NO_COLOR: '' },
    { redraws: true, colors: true, unicode: false },
  ],
  [
    { TERM: 'dumb', LANG: 'en_US.UTF-8' },
    { redraws: false, colors: false, unicode: true },
  ],
])('on Linux with %o', (env, look) => {
  expect(terminalLook(env, 'linux')).toEqual(look);
});

test('other systems have terminals of today', () => {
  expect(terminalLook({}, 'darwin')).toEqual({ redraws: true, colors: true, unicode: true });
});

test('the terminal already hides what is typed when a password is asked for', async () => {
  const world = fakeWorld([], { terminal: true });
  let isHidden = false;
  let typed = (_password: string) => {};
  const stdin = {
    ...world.stdin,
    readHiddenLine: () => {
      isHidden = true;
      return new Promise<string>((resolve) => {
        typed = resolve;
      });
    },
  };
  const wasHidden: boolean[] = [];
  const stderr = { ...world.stderr, write: () => wasHidden.push(isHidden) };
  const { askPassword } = readingIn({ ...world, stdin, stderr }, new AbortController().signal, () => {});
  const answer = askPassword!('Password: ');
  expect(wasHidden).toEqual([true]);
  typed('secret');
  expect(await answer).toBe('secret');
});
