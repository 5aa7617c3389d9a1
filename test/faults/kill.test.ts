import { expect, test } from 'vitest';
import { planted } from '../support/planted.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { type Running, type WorkDir, workDir } from '../support/work-dir.ts';
import {
  expectBalance,
  type FaultyTable,
  foulWeather,
  heldRows,
  importArgs,
  readSummary,
  resumeArgs,
  startFaultyTable,
  thorough,
} from './faulty-table.ts';
import { csvOf, lastRows, lineOf, makeRows, type SourceRow, withBreakage } from './source-rows.ts';

const rowCount = thorough ? 60_000 : 8_000;
const kills = thorough ? 20 : 3;
const maxAhead = 1_000;

test.each([
  { signal: 'SIGKILL', seed: 11 },
  { signal: 'SIGINT', seed: 12 },
] as const)(
  'an import ended by $signal again and again is finished by --resume (seed $seed)',
  { timeout: 240_000 },
  async ({ signal, seed }) => {
    const dir = workDir();
    const random = seededRandom(seed);
    const rows = makeRows(random, rowCount);
    const { lines, broken } = withBreakage(random, rows, 0.01);
    dir.write('tokens.csv', csvOf(lines));
    const faulty = await startFaultyTable(seed, foulWeather);

    const seen = new Set<number>();
    let args = importArgs(faulty, '--max-rejects', '-1', '--max-ahead', String(maxAhead));
    for (let kill = 0; kill < kills; kill++) {
      const first = faulty.proxy.accepted.length;
      const running = dir.spawn(args, { stdin: '' });
      await momentOf(kill, random, faulty, running);
      running.child.kill(signal);
      const { status, signal: killedBy } = await running.ended;
      expect({ status, killedBy }).toEqual(
        signal === 'SIGINT' ? { status: 130, killedBy: null } : { status: null, killedBy: signal },
      );
      expect(countAgain(faulty, first, seen)).toBeLessThanOrEqual(maxAhead);
      args = resumeArgs;
    }
    const last = faulty.proxy.accepted.length;
    const result = await dir.run(args);
    expect(result).toMatchObject({ status: 5 });
    expect(countAgain(faulty, last, seen)).toBeLessThanOrEqual(maxAhead);

    expectBalance(readSummary(dir), rowCount);
    await faulty.proxy.settled();
    expect(heldRows(faulty)).toEqual(lastRows(rows, broken));
    expectRejectsOnce(dir, lines, broken);
  },
);

/** Of `tableArgs`, in batches of 25. */
const mostInFlight = 16 * 25;
const writesPerSecond = 2_000;
/** A checkpoint is begun once a second; saving it and repeating attempts take additional time. */
const intervalSeconds = 1.5;

test('a kill costs no more rows than were in flight and written since the last checkpoint', {
  timeout: 120_000,
}, async () => {
  const seed = 15;
  const dir = workDir();
  const random = seededRandom(seed);
  const rows = makeRows(random, thorough ? 40_000 : 4_000);
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(seed, { ...foulWeather, hang: 0, applyLate: 0 });

  const seen = new Set<number>();
  const again: number[] = [];
  let args = importArgs(faulty, '--wps', String(writesPerSecond));
  for (let kill = 0; kill < (thorough ? 10 : 1); kill++) {
    const first = faulty.proxy.accepted.length;
    const target = faulty.proxy.traffic.received.items + 1 + randomBelow(random, 3_000);
    const running = dir.spawn(args, { stdin: '' });
    await Promise.race([faulty.proxy.until(({ received }) => received.items >= target), running.ended]);
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
    again.push(countAgain(faulty, first, seen));
    args = resumeArgs;
  }
  const last = faulty.proxy.accepted.length;
  expect(await dir.run(args)).toMatchObject({ status: 0 });
  again.push(countAgain(faulty, last, seen));
  console.info(`rows written again after each kill: ${again.join(', ')}`);
  expect(Math.max(...again)).toBeLessThanOrEqual(mostInFlight + intervalSeconds * writesPerSecond);
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

/** Every third time as early as possible, in the wait before the first write if there is one; otherwise some rows later. */
async function momentOf(kill: number, random: Random, { proxy }: FaultyTable, running: Running): Promise<void> {
  const isEarly = kill % 3 === 2;
  const target = proxy.traffic.received.items + 1 + (isEarly ? 0 : randomBelow(random, (rowCount / kills) * 0.8));
  const waits = isEarly ? [running.until('waiting').catch(() => {})] : [];
  // A process that ends too early must fail the test instead of hanging it.
  await Promise.race([...waits, proxy.until(({ received }) => received.items >= target), running.ended]);
}

/** Rows that the table accepted after index `first` although an earlier process had written them. */
function countAgain({ proxy }: FaultyTable, first: number, seen: Set<number>): number {
  const taken = new Set(proxy.accepted.slice(first).map(({ item }) => Number(item?.['seq']?.['N'])));
  let again = 0;
  for (const seq of taken) if (seen.has(seq)) again++;
  for (const seq of taken) seen.add(seq);
  return again;
}

/** Expects each broken row once in both files, in source order and unchanged. */
function expectRejectsOnce(dir: WorkDir, lines: readonly string[], broken: ReadonlySet<number>): void {
  const ordinals = [...broken];
  expect(dir.read('run/rejected.csv')).toBe(csvOf(ordinals.map((ordinal) => lines[ordinal]!)));
  const reasons = dir.read('run/rejects.jsonl').trimEnd().split('\n');
  expect(reasons.map((line) => JSON.parse(line).ordinal)).toEqual(ordinals);
}

/** An import of these rows that was killed while its first requests hung; the table works again. */
async function killedBeforeCheckpoint(dir: WorkDir, rows: readonly SourceRow[], seed: number): Promise<FaultyTable> {
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(seed, { hang: 1 });
  const running = dir.spawn(importArgs(faulty), { stdin: '' });
  await faulty.proxy.until(({ requests }) => requests.hung > 0);
  running.child.kill('SIGKILL');
  await running.ended;
  faulty.proxy.setFaults({});
  return faulty;
}

test('a resume waits for writes of a process killed before its first checkpoint', {
  timeout: 60_000,
}, async () => {
  const dir = workDir();
  const rows = [
    { token: 'a', user: planted, quota: '1', seq: 0 },
    { token: 'b', user: planted, quota: '1', seq: 1 },
  ];
  const faulty = await killedBeforeCheckpoint(dir, rows, 13);
  const result = await dir.run(resumeArgs);
  expect(result).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("for the previous process's requests to expire"),
  });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a resume that is stopped while it waits leaves the wait to the next', { timeout: 60_000 }, async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(16), 50);
  const faulty = await killedBeforeCheckpoint(dir, rows, 16);
  const waiting = dir.spawn([...resumeArgs, '--settle', '5s'], { stdin: '' });
  await waiting.until("for the previous process's requests to expire");
  waiting.child.kill('SIGINT');
  expect(await waiting.ended).toMatchObject({ status: 130 });
  const result = await dir.run(resumeArgs);
  expect(result).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("for the previous process's requests to expire"),
  });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});

test('a resume waits for writes of a process killed early in an earlier resume', {
  timeout: 60_000,
}, async () => {
  const dir = workDir();
  const rows = makeRows(seededRandom(14), 2_000);
  dir.write('tokens.csv', csvOf(rows.map(lineOf)));
  const faulty = await startFaultyTable(14);
  expect(await dir.run(importArgs(faulty, '--max-rows', '500'))).toMatchObject({ status: 0 });
  faulty.proxy.setFaults({ hang: 1 });
  const running = dir.spawn([...resumeArgs, '--max-rows', '2000'], { stdin: '' });
  await faulty.proxy.until(({ requests }) => requests.hung > 0);
  expect(running.stderr()).not.toContain("for the previous process's requests to expire");
  running.child.kill('SIGKILL');
  await running.ended;
  faulty.proxy.setFaults({});
  const result = await dir.run([...resumeArgs, '--max-rows', '2000']);
  expect(result).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("for the previous process's requests to expire"),
  });
  expect(heldRows(faulty)).toEqual(lastRows(rows));
});
