import { copyFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planted } from '../support/planted.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { type FaultyTable, heldRows, importArgs, readSummary, resumeArgs, startFaultyTable } from './faulty-table.ts';
import { csvOf, lastRows, lineOf, makeRows, type SourceRow } from './source-rows.ts';

const rowCount = 3_000;

/** A folder in which an import was interrupted after some rows. */
async function interrupted(seed: number): Promise<{ dir: WorkDir; faulty: FaultyTable; rows: SourceRow[] }> {
  const dir = workDir();
  const rows = makeRows(seededRandom(seed), rowCount);
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(seed);
  const running = dir.spawn(importArgs(faulty, '--wps', '1000'), { stdin: '' });
  await faulty.proxy.until(({ written }) => written.items >= 500);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ status: 130 });
  return { dir, faulty, rows };
}

test('of two processes on one run directory the second is refused and the first goes on', async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(31), 100);
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(31, { throttle: 1 });
  const first = dir.spawn(importArgs(faulty), { stdin: '' });
  await faulty.proxy.until(({ requests }) => requests.throttled > 0);
  const second = await dir.run(resumeArgs);
  expect(second).toMatchObject({ status: 4, stderr: expect.stringContaining(String(first.child.pid)) });
  const third = await dir.run(importArgs(faulty));
  expect(third).toMatchObject({ status: 4, stderr: expect.stringContaining('--resume') });
  faulty.proxy.setFaults({});
  expect(await first.ended).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test.each([
  { ending: 'without a reject', quota: '1', status: 0 },
  { ending: 'with a reject', quota: 'many', status: 5 },
])(
  'resuming a run that ended $ending repeats its exit code and summary, and writes nothing',
  async ({ quota, status }) => {
    const dir = workDir();
    dir.write('tokens.csv', csvOf([`a,${planted},1,0\n`, `b,u,${quota},1\n`]));
    const faulty = await startFaultyTable(32);
    expect(await dir.run(importArgs(faulty))).toMatchObject({ status });
    const summary = readSummary(dir);
    const received = faulty.proxy.traffic.received.items;
    const again = await dir.run(resumeArgs);
    expect(again).toMatchObject({ status, stderr: expect.stringContaining('this run is finished') });
    expect(again.stdout).toContain('2 read');
    expect(readSummary(dir)).toEqual(summary);
    expect(faulty.proxy.traffic.received.items).toBe(received);
  },
);

test('a resume refuses another --types, naming it, and goes on with another --concurrency', async () => {
  const { dir, faulty, rows } = await interrupted(33);
  const received = faulty.proxy.traffic.received.items;
  const refused = await dir.run([...resumeArgs, '--types', 'quota=S,seq=N']);
  expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('--types') });
  expect(faulty.proxy.traffic.received.items).toBe(received);
  expect(await dir.run([...resumeArgs, '--concurrency', '2', '--wps', '100000'])).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a resume refuses a source that was changed below the mark, whether or not its size tells', async () => {
  const { dir, faulty, rows } = await interrupted(34);
  const received = faulty.proxy.traffic.received.items;
  const source = dir.read('tokens.csv');
  dir.write('tokens.csv', source.replace('user-', 'USER-'));
  expect(await dir.run(resumeArgs)).toMatchObject({ status: 4, stderr: expect.stringContaining('not the one') });
  dir.write('tokens.csv', `${source}late,user,1,${rowCount}\n`);
  expect(await dir.run(resumeArgs)).toMatchObject({ status: 4, stderr: expect.stringContaining('bytes') });
  expect(faulty.proxy.traffic.received.items).toBe(received);
  dir.write('tokens.csv', source);
  expect(await dir.run([...resumeArgs, '--wps', '100000'])).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a resume takes a copy of the source at another path', async () => {
  const { dir, faulty, rows } = await interrupted(35);
  copyFileSync(join(dir.path, 'tokens.csv'), join(dir.path, 'copy.csv'));
  unlinkSync(join(dir.path, 'tokens.csv'));
  expect(await dir.run([...resumeArgs, 'copy.csv', '--wps', '100000'])).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});
