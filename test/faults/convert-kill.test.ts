import { cpSync, existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConverted, sumsOf } from '../support/converted.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { type Running, type WorkDir, workDir } from '../support/work-dir.ts';
import { thorough } from './faulty-table.ts';
import { columnTypes, csvOf, lastRows, makeRows, withBreakage } from './source-rows.ts';

const rowCount = thorough ? 40_000 : 10_000;
const fileBytes = thorough ? 524_288 : 131_072;
const kills = thorough ? 5 : 1;
const flags = ['--key', 'token', '--types', columnTypes, '--max-rejects', '-1', '--file-bytes', String(fileBytes)];
const convert = ['convert', '-', '--to', 'items', '--run-dir', 'run', ...flags];
const resume = ['convert', '--resume', 'run', '-'];

test.each(thorough ? [41, 42, 43] : [41])(
  'a conversion that was killed again and again becomes the same files (seed %i)',
  { timeout: 240_000 },
  async (seed) => {
    const dir = workDir();
    const random = seededRandom(seed);
    const rows = makeRows(random, rowCount);
    const { lines, broken } = withBreakage(random, rows, 0.01);
    const source = csvOf(lines);

    await killWhileReading(dir, convert, source, random);
    expect(existsSync(join(dir.path, 'items/data'))).toBe(false);
    keep(dir);
    const whole = await dir.run(resume, { stdin: source });
    expect(whole, whole.stderr).toMatchObject({ status: 5 });
    const expected = sumsOf(join(dir.path, 'items'));
    const files = [...readConverted(join(dir.path, 'items')).values()];
    expect(files.length).toBeGreaterThan(5);
    expect(files.flat()).toHaveLength(Object.keys(lastRows(rows, broken)).length);
    const rejects = dir.read('run/rejects.jsonl');
    const { rows: counts } = JSON.parse(dir.read('run/summary.json'));

    for (let kill = 0; kill < kills; kill++) {
      putBack(dir);
      await killWhileReading(dir, resume, source, random);
      for (let again = 0; again < 2; again++) await killWhileMaking(dir, source, random, files.length);
      const finished = await dir.run(resume, { stdin: source });
      expect(finished, finished.stderr).toMatchObject({ status: 5 });
      expect(sumsOf(join(dir.path, 'items'))).toEqual(expected);
      expect(dir.read('run/rejects.jsonl')).toBe(rejects);
      expect(JSON.parse(dir.read('run/summary.json')).rows).toEqual(counts);
      expect(readdirSync(join(dir.path, 'run'))).not.toContain('spool');
    }
  },
);

/** The beginning that is looked at before the first row is taken. */
const shapeBytes = 256 * 1024;

/** Kills the process when a random part of the source has been taken from the pipe. */
async function killWhileReading(dir: WorkDir, args: readonly string[], source: string, random: Random): Promise<void> {
  const running = dir.spawn(args);
  const part = source.slice(0, shapeBytes + randomBelow(random, source.length - shapeBytes));
  await new Promise<void>((resolve) => running.child.stdin.write(part, () => resolve()));
  await untilClaimed(dir, running);
  await kill(running);
}

/** Kills the process at a random moment after a random file. */
async function killWhileMaking(dir: WorkDir, source: string, random: Random, files: number): Promise<void> {
  const running = dir.spawn(resume, { stdin: source });
  await Promise.race([running.until(` of ${files}: `), running.ended]);
  for (let turns = randomBelow(random, 200); turns > 0; turns--) await turn();
  await kill(running);
}

async function untilClaimed(dir: WorkDir, running: Running): Promise<void> {
  while (!existsSync(join(dir.path, 'items/.import-tokens-run')) || !existsSync(join(dir.path, 'run/spool'))) {
    if (running.child.exitCode !== null) throw new Error(running.stderr());
    await turn();
  }
}

async function kill(running: Running): Promise<void> {
  running.child.kill('SIGKILL');
  await running.ended;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A copy of the run as it is, so that one run can go on in several ways: its id decides the order of the items. */
function keep(dir: WorkDir): void {
  for (const name of ['run', 'items']) copy(dir, name, `kept-${name}`);
}

function putBack(dir: WorkDir): void {
  for (const name of ['run', 'items']) {
    rmSync(join(dir.path, name), { recursive: true });
    copy(dir, `kept-${name}`, name);
  }
}

/** Without the socket of the process that was killed. */
function copy(dir: WorkDir, from: string, to: string): void {
  const filter = (path: string) => !path.endsWith('.sock');
  cpSync(join(dir.path, from), join(dir.path, to), { recursive: true, filter });
}

test('a disk that is full while a file is made leaves whole files, and a resume finishes', async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(45), 5_000);
  const source = csvOf(rows.map(({ token, user, quota, seq }) => `${token},${user},${quota},${seq}\n`));
  const running = dir.spawn([...convert, '--file-bytes', '131072']);
  await new Promise<void>((resolve) => running.child.stdin.write(source.slice(0, -10), () => resolve()));
  await untilClaimed(dir, running);
  await kill(running);
  // Writes to this device fail with ENOSPC.
  symlinkSync('/dev/full', join(dir.path, 'items/.data-part-00003.json.gz.tmp'));
  const full = await dir.run(resume, { stdin: source });
  expect(full).toMatchObject({ status: 4 });
  expect(full.stderr).toMatch(/error: .*part-00003.*cannot be written: the disk is full\nhint: Free some space there/);
  expect(full.stdout).toContain('import-tokens convert --resume run -');
  expect(readdirSync(join(dir.path, 'items')).sort()).toEqual(['.import-tokens-run', 'data']);
  expect([...readConverted(join(dir.path, 'items')).keys()]).toEqual([
    'data/part-00001.json.gz',
    'data/part-00002.json.gz',
  ]);
  const { rows: counts } = JSON.parse(dir.read('run/summary.json'));
  expect(counts.read).toBe(counts.written + counts.superseded + counts.pending);
  expect(counts.pending).toBeGreaterThan(0);

  const finished = await dir.run(resume, { stdin: source });
  expect(finished, finished.stderr).toMatchObject({ status: 0 });
  const items = [...readConverted(join(dir.path, 'items')).values()].flat();
  expect(items).toHaveLength(Object.keys(lastRows(rows)).length);
});

test('SIGINT stops a conversion, and a resume checks the files that are done', async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(46), 20_000);
  const source = csvOf(rows.map(({ token, user, quota, seq }) => `${token},${user},${quota},${seq}\n`));
  const running = dir.spawn([...convert, '--file-bytes', '65536'], { stdin: source });
  await running.until('file 1 of ');
  running.child.kill('SIGINT');
  const stopped = await running.ended;
  expect(stopped, stopped.stderr).toMatchObject({ status: 130 });
  const { outcome, rows: counts } = JSON.parse(dir.read('run/summary.json'));
  expect(outcome).toBe('interrupted');
  expect(counts.pending).toBeGreaterThan(0);
  expect(counts.read).toBe(counts.written + counts.superseded + counts.pending);

  const first = join(dir.path, 'items/data/part-00001.json.gz');
  renameSync(first, `${first}.away`);
  const changed = await dir.run(resume, { stdin: source });
  expect(changed).toMatchObject({ status: 4 });
  expect(changed.stderr).toContain('data/part-00001.json.gz has changed since this run made it, or is gone');
  renameSync(`${first}.away`, first);
  const finished = await dir.run(resume, { stdin: source });
  expect(finished, finished.stderr).toMatchObject({ status: 0 });
  const items = [...readConverted(join(dir.path, 'items')).values()].flat();
  expect(items).toHaveLength(Object.keys(lastRows(rows)).length);
});
