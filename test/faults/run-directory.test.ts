import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { success } from '../support/plain-table/answers.ts';
import { describeTable } from '../support/plain-table/describe-table.ts';
import { planted } from '../support/planted.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { type FaultyTable, heldRows, importArgs, readSummary, resumeArgs, startFaultyTable } from './faulty-table.ts';
import { csvOf, lastRows, lineOf, makeRows, type SourceRow } from './source-rows.ts';

const rowCount = 3_000;

/** A folder of an import that was interrupted after some rows. */
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

test('a moved run folder is resumed from anywhere, and a moved source gets a hint', async () => {
  const { dir, faulty, rows } = await interrupted(36);
  mkdirSync(join(dir.path, 'elsewhere'));
  renameSync(join(dir.path, 'run'), join(dir.path, 'elsewhere/kept'));
  renameSync(join(dir.path, 'tokens.csv'), join(dir.path, 'moved.csv'));
  const resume = ['--resume', 'kept', '--yes', '--wps', '100000'];
  const cwd = join(dir.path, 'elsewhere');
  const lost = await dir.run(resume, { cwd });
  expect(lost).toMatchObject({ status: 4, stderr: expect.stringContaining(`${dir.path}/tokens.csv: no such file`) });
  expect(lost.stderr).toContain(`hint: If it was moved, name it where it is now: import-tokens --resume kept PATH`);
  renameSync(join(dir.path, 'moved.csv'), join(dir.path, 'tokens.csv'));
  expect(await dir.run(resume, { cwd })).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a resume from a shell that leads to a table of the same name elsewhere is refused', async () => {
  const { dir, faulty, rows } = await interrupted(42);
  const received = faulty.proxy.traffic.received.items;
  const { schema, provision } = faulty.table;
  const elsewhere = JSON.stringify(describeTable(schema, provision, 0)).replaceAll('us-east-1', 'eu-west-1');
  faulty.proxy.setOwnAnswer((operation) =>
    operation === 'DescribeTable' ? success(JSON.parse(elsewhere)) : undefined,
  );
  const refused = await dir.run(resumeArgs, { env: { AWS_REGION: 'eu-west-1' } });
  expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('arn:aws:dynamodb:us-east-1') });
  expect(refused.stderr).toContain('but here is arn:aws:dynamodb:eu-west-1');
  expect(refused.stderr).toContain('hint: Check --region, --profile and the environment.');
  expect(faulty.proxy.traffic.received.items).toBe(received);
  faulty.proxy.setOwnAnswer(undefined);
  expect(await dir.run([...resumeArgs, '--wps', '100000'])).toMatchObject({ status: 0 });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a folder that a killed process only locked is taken by the next', async () => {
  const dir = workDir();
  dir.write('tokens.csv', csvOf([`a,${planted},1,0\n`]));
  const dead = { pid: 2 ** 22 + 1, startTime: '1', bootId: '', pidNamespace: '', host: hostname() };
  dir.write('run/lock.1', JSON.stringify(dead));
  const faulty = await startFaultyTable(43);
  expect(await dir.run(importArgs(faulty))).toMatchObject({ status: 0 });
});

const damages: Readonly<Record<string, (text: string) => string>> = {
  'cut short': (text) => text.slice(0, 100),
  empty: () => '',
  'of another shape': () => '{"version":1,"progress":{"mark":5}}',
  'of a newer version': (text) => text.replace('"version":1', '"version":2'),
};

test(`a checkpoint that is ${Object.keys(damages).join(', ')} is refused`, async () => {
  const { dir, faulty } = await interrupted(37);
  const received = faulty.proxy.traffic.received.items;
  const whole = dir.read('run/checkpoint.json');
  for (const damage of Object.values(damages)) {
    dir.write('run/checkpoint.json', damage(whole));
    const resumed = await dir.run(resumeArgs);
    expect(resumed).toMatchObject({ status: 4, stderr: expect.stringContaining('run/checkpoint.json') });
    expect(resumed.stderr).toMatch(/hint: (Start a new run|Resume with that version)/);
    expect(resumed.stderr).not.toContain('bug');
  }
  expect(faulty.proxy.traffic.received.items).toBe(received);
});

/** A folder of an interrupted import that rejected every tenth row while earlier rows were in flight. */
async function interruptedWithRejects(seed: number) {
  const dir = workDir();
  const rows = makeRows(seededRandom(seed), rowCount);
  const lines = rows.map((row) => (row.seq % 10 === 5 ? `${row.token}\n` : lineOf(row)));
  dir.write('tokens.csv', csvOf(lines));
  const faulty = await startFaultyTable(seed);
  const running = dir.spawn(importArgs(faulty, '--wps', '1000', '--max-rejects', '-1'), { stdin: '' });
  await faulty.proxy.until(({ written }) => written.items >= 500);
  running.child.kill('SIGINT');
  const { status, stdout } = await running.ended;
  expect(status).toBe(130);
  return { dir, faulty, rows, lines, stdout };
}

test('the reject files hold every counted reject after a stop, and each once after the resume', async () => {
  const { dir, lines, stdout } = await interruptedWithRejects(38);
  const { rows, rejectsByCode } = readSummary(dir);
  expect(rejectsByCode).toEqual({ 'ragged-row': rows.rejected });
  expect(stdout).toContain(`ragged-row ×${rows.rejected}, first at line`);
  const bad = lines.filter((_, seq) => seq % 10 === 5);
  expect(dir.read('run/rejected.csv')).toBe(csvOf(bad.slice(0, rows.rejected)));
  // Some are after the mark and follow rows that were not sent.
  expect(rows.pending).toBeGreaterThan(100);
  expect(await dir.run([...resumeArgs, '--wps', '100000'])).toMatchObject({ status: 5 });
  expect(dir.read('run/rejected.csv')).toBe(csvOf(bad));
  expect(dir.read('run/rejects.jsonl').trimEnd().split('\n')).toHaveLength(bad.length);
});

test.each([
  ['shortened', (text: string) => text.slice(0, -40), 'bytes, but the checkpoint counts'],
  ['repaired in its place', (text: string) => text.replace('\n', ',user,1\n'), 'was changed since the checkpoint'],
])('a reject file that was %s after the stop is refused, not truncated', async (_, edit, says) => {
  const { dir, faulty } = await interruptedWithRejects(39);
  const { rowsBytes } = JSON.parse(dir.read('run/checkpoint.json')).progress.rejects;
  const received = faulty.proxy.traffic.received.items;
  const edited = edit(dir.read('run/rejected.csv').slice(0, rowsBytes));
  dir.write('run/rejected.csv', edited);
  expect(await dir.run(resumeArgs)).toMatchObject({ status: 4, stderr: expect.stringContaining(says) });
  expect(dir.read('run/rejected.csv')).toBe(edited);
  expect(faulty.proxy.traffic.received.items).toBe(received);
});

/** A file system of a few kilobytes at `disk`, which only root may mount. */
function smallDisk(dir: WorkDir, size: string): { readonly grow: () => void } | undefined {
  const path = join(dir.path, 'disk');
  mkdirSync(path);
  const mount = (options: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status === 0;
  if (!mount(`size=${size}`)) return undefined;
  onTestFinished(() => void spawnSync('umount', ['-l', path]));
  return { grow: () => expect(mount('remount,size=20m')).toBe(true) };
}

test('a full disk ends the import with a correct balance, and a resume continues with more room', async (context) => {
  const dir = workDir();
  const disk = smallDisk(dir, '64k');
  if (disk === undefined) return context.skip('only root can mount a small disk');
  const rows = makeRows(seededRandom(40), 6_000);
  const lines = rows.map((row) => (row.seq % 3 === 1 ? `${row.token}\n` : lineOf(row)));
  dir.write('tokens.csv', csvOf(lines));
  const faulty = await startFaultyTable(40);
  const args = importArgs(faulty, '--run-dir', 'disk/run', '--max-rejects', '-1', '--wps', '20000');
  const full = await dir.run(args);
  expect(full).toMatchObject({ status: 4, stderr: expect.stringContaining('cannot be written: the disk is full') });
  expect(full.stderr).toContain('hint: Free some space there, and resume.');
  const [, read, fates] = /rows +([\d,]+) read = (.*)/.exec(full.stdout) ?? [];
  const numberOf = (text = '') => Number(text.replaceAll(',', ''));
  const sum = (fates?.match(/[\d,]+/g) ?? []).reduce((total, count) => total + numberOf(count), 0);
  expect(sum).toBe(numberOf(read));
  disk.grow();
  expect(await dir.run(['--resume', 'disk/run', '--yes'])).toMatchObject({ status: 5 });
  const bad = new Set(rows.filter(({ seq }) => seq % 3 === 1).map(({ seq }) => seq));
  expect(heldRows(faulty)).toEqual(lastRows(rows, bad));
  expect(dir.read('disk/run/rejected.csv')).toBe(csvOf([...bad].map((seq) => lines[seq]!)));
});

test('a disk that is full from the start is reported before the first write and leaves no folder', async (context) => {
  const dir = workDir();
  if (smallDisk(dir, '4k') === undefined) return context.skip('only root can mount a small disk');
  dir.write('tokens.csv', csvOf([`a,${planted},1,0\n`]));
  const faulty = await startFaultyTable(41);
  const full = await dir.run(importArgs(faulty, '--run-dir', 'disk/run'));
  expect(full).toMatchObject({ status: 4, stderr: expect.stringContaining('the disk is full') });
  expect(full.stderr).toContain('hint: Free some space there, or choose another folder with --run-dir');
  expect(readdirSync(join(dir.path, 'disk'))).toEqual([]);
  expect(faulty.proxy.traffic.received.items).toBe(0);
});
