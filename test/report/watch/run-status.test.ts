import { expect, test } from 'vitest';
import { reportPage } from '../../../src/report/page/report-page.ts';
import { type RunStatus, statusText } from '../../../src/report/watch/run-status.ts';
import { figuresWith } from '../facts.ts';

const killed: RunStatus = {
  ...{ runDir: '/runs/night', runId: 'a', state: 'gone', begunMs: 1_000_000, figures: undefined, summary: undefined },
  counts: { read: 12_345, written: 12_340, superseded: 0, kept: 0, rejected: 5, skipped: 0, pending: 0 },
  resumeCommand: 'import-tokens --resume /runs/night',
};
const size = { columns: 80, colors: false, unicode: false };

test('a run that was killed before its first figures says when it began and how far its checkpoint is', () => {
  expect(statusText(killed, 1_090_000, size)).toBe(`\
The process ended without a word, as after a kill. What it wrote is kept; a resume goes on from there.
  begun        1 min 30 s ago, no figures yet
  checkpoint   12,345 rows done, 5 of them rejected
  run dir      /runs/night
To go on with it:
  import-tokens --resume /runs/night
`);
});

test('on a narrow terminal its sentence is wrapped between words', () => {
  const text = statusText(killed, 1_090_000, { ...size, columns: 49, pageColumns: 50 });
  expect(text.split('\n').filter((line) => line.length > 50)).toEqual([]);
});

test('a run that was killed has no time left, one that runs has', () => {
  const figures = figuresWith({ etaSeconds: 185 });
  expect(statusText({ ...killed, figures }, 1_090_000, size)).not.toContain('ETA');
  expect(statusText({ ...killed, figures, state: 'running' }, 1_090_000, size)).toContain('ETA 3 min 5 s');
});

test('where there is no checkpoint, none is made up', () => {
  const { counts: _counts, ...rest } = killed;
  const early = { ...rest, counts: undefined };
  expect(statusText(early, 1_000_000, size)).toContain('  checkpoint   none: a resume begins with the first row\n');
  const running: RunStatus = { ...early, state: 'running', resumeCommand: undefined };
  expect(statusText(running, 1_000_000, size)).toContain('The import is running.\n');
  expect(statusText(running, 1_000_000, size)).toContain('  checkpoint   none yet\n');
});

test('its report shows no figure that nobody has taken', () => {
  const page = reportPage({ history: undefined, ...killed });
  expect(page).toContain('12,340');
  for (const label of ['Took', 'Average rate', 'Write units', 'Throttled']) expect(page).not.toContain(`<dt>${label}`);
});
