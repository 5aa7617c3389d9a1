import { expect, test } from 'vitest';
import { terminalLook } from '../../src/cli/terminal.ts';

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
