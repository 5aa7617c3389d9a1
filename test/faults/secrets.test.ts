import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validationError } from '../support/plain-table/answers.ts';
import { planted } from '../support/planted.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { foulWeather, importArgs, resumeArgs, startFaultyTable } from './faulty-table.ts';
import { csvOf, lineOf, makeRows } from './source-rows.ts';

/** When the test ends, its folder is searched for the planted values, as in every test. */
test('no field value is in any output or file but the reject file, which others may not read', {
  timeout: 60_000,
}, async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(41), 3_000).map((row) => ({
    ...row,
    token: `${planted}-${row.token}`,
    user: `${planted} "${row.user}"`.replaceAll('"', "'"),
    // Not a number in one row of fifty; too long for a key, refused by the table, ragged or empty in others.
    quota: row.seq % 50 === 0 ? `${planted}${row.quota}` : row.quota,
  }));
  const lines = rows.map(lineOf);
  lines[101] = `${planted}\n`;
  lines[102] = `${planted.repeat(400)},u,1,102\n`;
  lines[103] = `,${planted},1,103\n`;
  lines[104] = `"${planted}"x,${planted},1,104\n`;
  dir.write('tokens.csv', csvOf(lines));
  const faulty = await startFaultyTable(41, { ...foulWeather, hang: 0, applyLate: 0 });
  faulty.proxy.setOwnAnswer((_operation, body) => {
    const text = JSON.stringify(body);
    return text.includes('"seq":{"N":"777"}')
      ? validationError(`Value '${text}' at 'requestItems' is wrong`)
      : undefined;
  });
  const running = dir.spawn(importArgs(faulty, '--log-level', 'debug', '--wps', '2000'), { stdin: '' });
  await faulty.proxy.until(({ written }) => written.items >= 1_500);
  running.child.kill('SIGINT');
  const interrupted = await running.ended;
  expect(interrupted).toMatchObject({ status: 130 });
  const finished = await dir.run([...resumeArgs, '--log-level', 'debug']);
  expect(finished).toMatchObject({ status: 5 });

  expect(dir.read('run/rejected.csv')).toContain(planted);
  expect(dir.read('run/rejects.jsonl')).toContain('refused-by-table');
  expectPrivate(dir);
});

function expectPrivate(dir: WorkDir): void {
  expect(mode(dir, 'run')).toBe(0o700);
  const files = readdirSync(join(dir.path, 'run'));
  expect(files).toEqual(
    expect.arrayContaining([
      'checkpoint.json',
      'history.json',
      'manifest.json',
      'rejects.jsonl',
      'report.html',
      'run.log',
      'summary.json',
    ]),
  );
  for (const name of files) {
    expect({ name, mode: mode(dir, `run/${name}`) }).toEqual({ name, mode: 0o600 });
  }
}

function mode(dir: WorkDir, name: string): number {
  return statSync(join(dir.path, name)).mode & 0o777;
}
