import { describe, expect, test } from 'vitest';
import { type Terminal, terminalOf } from '../../report/watch/terminal.ts';
import { hasPseudoTerminal } from '../../support/pseudo-terminal.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

describe.skipIf(!hasPseudoTerminal)('on a pseudo-terminal (needs script of util-linux)', () => {
  test.concurrent.each([60, 80, 200])(
    'of %d columns the figures fit, and the screen is left clean',
    async (columns) => {
      const output = await runOnTerminal(columns);
      const { during, after } = replay(output, columns);
      const view = during.slice(during.findIndex((line) => line.startsWith('memory: a rehearsal')));
      expect(view.every((line) => line.length < columns)).toBe(true);
      expect(view.join(' ')).toMatch(
        /^memory: a rehearsal, .* █+░* {3}\d+ % {3}[\d,]+ of (about )?[\d,]+ rows running for [\d.]+ m?s {3}ETA (—|[\d.]+ s, \d\d:\d\d UTC) (—|[\d,]+) of 500 write units\/s {3}\d+ of 64 in flight {1,3}p50 \d+ ms {1,3}p99 \d+ ms [\d,]+ write units {3}0 throttled {3}0 rejected.* Ctrl-C stops cleanly$/,
      );
      expect(after.join('\n')).toMatch(/\nCompleted: every row went through\.\n/);
      expect(after.join('\n')).not.toContain('in flight');
    },
  );

  test.concurrent('NO_COLOR removes the colours, not the view', async () => {
    const output = await runOnTerminal(80, { NO_COLOR: '1' });
    expect(replay(output, 80).during.join(' ')).toContain('in flight');
    expect(output).not.toMatch(/\u001b\[\d+m/);
  });

  test.concurrent('--progress none shows no view', async () => {
    const output = await runOnTerminal(80, {}, '--progress', 'none');
    expect(output).not.toContain('\u001b');
    expect(output).toContain('Completed: every row went through.');
  });
});

/** Output of an import of 700 rows in 1.4 s on a terminal. */
async function runOnTerminal(columns: number, env: Record<string, string> = {}, ...more: string[]): Promise<string> {
  const dir = workDir({ keep: true });
  dir.write('tokens.csv', tokensCsv(700));
  const { status, stdout } = await dir.run(
    ['tokens.csv', '--yes', '--repository', 'memory', '--no-run-dir', '--wps', '500', ...more],
    { terminalColumns: columns, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env } },
  );
  await dir.remove();
  expect({ status, stdout }).toMatchObject({ status: 0 });
  return stdout;
}

/** The screen when the view was last drawn, and at the end. */
function replay(output: string, columns: number): { during: string[]; after: string[] } {
  const terminal: Terminal = terminalOf(columns);
  let during: string[] = [];
  for (const piece of output.split(/(?<=\u001b\[J)/)) {
    terminal.write(piece);
    if (terminal.lines().join('\n').includes('in flight')) during = terminal.lines();
  }
  return { during, after: terminal.lines() };
}
