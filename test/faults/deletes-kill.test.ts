import { expect, test } from 'vitest';
import { planted } from '../support/planted.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { workDir } from '../support/work-dir.ts';
import {
  expectBalance,
  foulWeather,
  readSummary,
  resumeArgs,
  startFaultyTable,
  tableArgs,
  thorough,
} from './faulty-table.ts';

const rowCount = 1_000;
const kills = 2;
const seeds = Array.from({ length: thorough ? 20 : 1 }, (_, index) => index + 1);

type OpRow = { readonly token: string; readonly isDelete: boolean; readonly seq: number };

test.each(seeds)(
  'puts and deletes through faults and SIGKILL equal a naive model (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const random = seededRandom(seed);
    const rows = makeOps(random);
    const dir = workDir();
    dir.write('rows.csv', `token,op,seq\n${rows.map(lineOf).join('')}`);
    // A pace that meets more refusals than it tolerates at any rate falls to nothing before a loaded machine is done.
    const faulty = await startFaultyTable(seed, { ...foulWeather, handBack: 0.15 });
    const { proxy, table } = faulty;
    let args = ['rows.csv', '--run-dir', 'run', '--types', 'seq=N', '--delete-where', 'op=D', '--max-deletes', '-1'];
    args.push(...tableArgs(proxy), '--max-ahead', '300');
    for (let kill = 0; kill < kills; kill++) {
      const target = proxy.traffic.received.items + 1 + randomBelow(random, (rowCount / kills) * 0.8);
      const running = dir.spawn(args, { stdin: '' });
      await Promise.race([proxy.until(({ received }) => received.items >= target), running.ended]);
      running.child.kill('SIGKILL');
      expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
      args = resumeArgs;
    }
    expect(await dir.run(args)).toMatchObject({ status: 0 });
    await proxy.settled();

    const held = [...table.items().values()].map((item) => [item['token']?.['S'], Number(item['seq']?.['N'])] as const);
    expect(Object.fromEntries(held)).toEqual(naive(rows));
    const summary = readSummary(dir);
    expectBalance(summary, rowCount);
    expect(Math.min(summary.rows.deleted, summary.rows.written)).toBeGreaterThan(0);
    expect(proxy.traffic.itemsHandedBack).toBeGreaterThan(0);
  },
);

/** Many rows of few keys, hot ones among them: put, deleted and put again within one batch and over many. */
function makeOps(random: Random): OpRow[] {
  return Array.from({ length: rowCount }, (_, seq) => {
    const key = randomBelow(random, random() < 0.3 ? 5 : 300);
    return { token: `${planted}-${key}`, isDelete: random() < 0.4, seq };
  });
}

/** A row that deletes may have anything in the columns that are not read. */
function lineOf({ token, isDelete, seq }: OpRow): string {
  return isDelete ? `${token},D,no number\n` : `${token},U,${seq}\n`;
}

/** The items by token, as one row after the other leaves them. */
function naive(rows: readonly OpRow[]): Record<string, number> {
  const items = new Map<string, number>();
  for (const { token, isDelete, seq } of rows) {
    if (isDelete) items.delete(token);
    else items.set(token, seq);
  }
  return Object.fromEntries(items);
}
