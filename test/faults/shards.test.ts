import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { RowCounts } from '../../src/domain/run-summary.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type RunResult, type WorkDir, workDir } from '../support/work-dir.ts';
import {
  type FaultyTable,
  foulWeather,
  heldRows,
  importArgs,
  readSummary,
  startFaultyTable,
  thorough,
} from './faulty-table.ts';
import { csvOf, lastRows, makeRows, withBreakage } from './source-rows.ts';

const rowCount = thorough ? 200_000 : 3_000;
const writesPerSecond = thorough ? 20_000 : 5_000;
const batchSize = 25;
/** Permits after an idle moment, of all shards together. */
const burst = Math.max(batchSize, writesPerSecond * 0.02);

test.each((thorough ? [4, 7] : [3]).map((count) => ({ count })))(
  '$count shards through faults and kills leave the last row of each key',
  { timeout: 240_000 },
  async ({ count }) => {
    const seed = 40 + count;
    const dir = workDir();
    const random = seededRandom(seed);
    const rows = makeRows(random, rowCount);
    const { lines, broken } = withBreakage(random, rows, 0.003);
    dir.write('tokens.csv', csvOf(lines));
    const faulty = await startFaultyTable(seed, foulWeather);
    const pace = watchPace(faulty.proxy);

    const results = await runJob(dir, faulty, count);
    for (const { status, stderr } of results) expect([0, 5], stderr).toContain(status);
    await faulty.proxy.settled();
    expect(heldRows(faulty)).toEqual(lastRows(rows, broken));
    expectBalances(dir, count);
    expect(rejectedOrdinals(dir, count)).toEqual([...broken]);
    expect(faulty.proxy.traffic.requests.throttled).toBeGreaterThan(0);
    // The two that start a second time have another burst.
    const largestRequests = (count + 2) * batchSize;
    expect(pace.mostAboveRate()).toBeLessThanOrEqual(Math.max(2 * burst, largestRequests));
  },
);

/** All shards at once. Two are killed: one goes on with `--resume`, the other has lost its folder and starts again. */
async function runJob(dir: WorkDir, faulty: FaultyTable, count: number): Promise<readonly RunResult[]> {
  const shard = (index: number) => ['--shard', `${index}/${count}`];
  // As many connections in all as in the tests of one process: a table that is behind applies writes later than it may.
  const connections = ['--concurrency', `${Math.floor(16 / count)}`];
  const more = [...connections, '--wps', `${writesPerSecond}`, '--run-dir', 'job', '--max-rejects', '-1'];
  const argsOf = (index: number) => importArgs(faulty, ...more, ...shard(index));
  const shards = Array.from({ length: count }, (_, place) => dir.spawn(argsOf(place + 1), { stdin: '' }));
  const [first, second, ...others] = shards;
  await Promise.all([first!.until('run dir'), second!.until('run dir')]);
  await faulty.proxy.until(({ received }) => received.items >= rowCount / 3);
  for (const { child } of [first!, second!]) child.kill('SIGKILL');
  for (const { ended } of [first!, second!]) expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  const resumed = dir.run(['--resume', 'job', ...shard(1), '--yes']);
  rmSync(join(dir.path, `job/shard-2-of-${count}`), { recursive: true });
  // A resume waits for late writes of the process before it; one that starts again does not know of them.
  await faulty.proxy.settled();
  const again = dir.run(argsOf(2));
  return Promise.all([resumed, again, ...others.map(({ ended }) => ended)]);
}

/** Expects that each shard read every row, and that each row is accounted for by one of them. */
function expectBalances(dir: WorkDir, count: number): void {
  let own = 0;
  for (let index = 1; index <= count; index++) {
    const { rows, shard } = readSummary(dir, `job/shard-${index}-of-${count}`);
    expect(shard).toEqual({ index, count });
    expect(rows).toMatchObject({ read: rowCount, kept: 0, skipped: 0, pending: 0 });
    expect(ownRows(rows)).toBe(rowCount - rows.elsewhere!);
    expect(ownRows(rows)).toBeGreaterThan((rowCount / count) * 0.8);
    own += ownRows(rows);
  }
  expect(own).toBe(rowCount);
}

function ownRows({ read: _read, elsewhere: _elsewhere, ...own }: RowCounts): number {
  return Object.values(own).reduce((sum, rows) => sum + rows, 0);
}

function rejectedOrdinals(dir: WorkDir, count: number): readonly number[] {
  const folders = Array.from({ length: count }, (_, place) => `job/shard-${place + 1}-of-${count}`);
  const lines = folders.flatMap((folder) => dir.read(`${folder}/rejects.jsonl`).split('\n').filter(Boolean));
  return lines.map((line) => JSON.parse(line).ordinal as number).toSorted((a, b) => a - b);
}

/** Compares what the table has received with the rate, from before the first process on. */
function watchPace(proxy: FaultProxy) {
  const startedMs = systemClock.nowMs();
  let most = 0;
  void proxy.until(({ received }) => {
    const allowed = ((systemClock.nowMs() - startedMs) / 1000) * writesPerSecond;
    most = Math.max(most, received.items - allowed);
    return false;
  });
  return { mostAboveRate: () => most };
}
