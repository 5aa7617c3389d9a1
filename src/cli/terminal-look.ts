import type { TerminalLook } from '../report/watch/live-view.ts';

/** What the terminal of this environment can show; NO_COLOR as https://no-color.org has it. */
export function terminalLook(env: Readonly<Record<string, string | undefined>>, platform: string): TerminalLook {
  const redraws = env['TERM'] !== 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return {
    redraws,
    colors: redraws && !env['NO_COLOR'],
    // Only Linux tells by its locale; the other systems' terminals are all of today.
    unicode: platform !== 'linux' || /utf-?8/i.test(locale ?? ''),
  };
}
