import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dynoxidePath, type Engine, startDynalite, startDynoxide } from '../support/engines.ts';
import type { Faults } from '../support/fault-proxy/faults.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { planted } from '../support/planted.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { foulWeather, readSummary, tableArgs, thorough } from './faulty-table.ts';
import { columnTypes, csvOf, lineOf, type SourceRow } from './source-rows.ts';

const rowCount = thorough ? 2_000 : 400;
const kills = thorough ? 2 : 1;
const seeds = thorough ? [1, 2, 3, 4, 5] : [1];

/** Few requests are throttled, because each put is a request and the rate would fall too low. */
const weather: Faults = {
  ...foulWeather,
  handBack: 0,
  throttle: 0.01,
  resetAfterWrite: 0.02,
  serverErrorAfterWrite: 0.02,
};

type Held = Readonly<Record<string, Omit<SourceRow, 'token'>>>;
type Mode = 'keep' | 'newer:quota';

describe('over dynalite, which does not return the item that fails a condition', () => overEngine(startDynalite));

describe.skipIf(dynoxidePath === undefined || !thorough)('over dynoxide, which returns it', () =>
  overEngine(startDynoxide),
);

function overEngine(start: () => Promise<Engine>): void {
  let engine: Engine;
  let tables = 0;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());

  const cases = seeds.flatMap((seed) =>
    (['keep', 'newer:quota'] as const).flatMap((mode) => [
      ...(thorough ? [{ seed, mode, repeated: 0 }] : []),
      { seed, mode, repeated: 0.1 },
    ]),
  );

  test.for(cases)(
    '$mode through faults and kills equals a naive model ($repeated repeated keys, seed $seed)',
    { timeout: 240_000 },
    async ({ seed, mode, repeated }) => {
      const random = seededRandom(seed);
      const rows = versionedRows(random, repeated);
      const before = itemsBefore(random, rows);
      const dir = workDir();
      dir.write('tokens.csv', csvOf(rows.map(lineOf)));
      const table = `tokens-${++tables}`;
      await engine.createTable(table, [{ name: 'token', type: 'S' }]);
      await putItems(engine, table, before);
      const proxy = await startFaultProxy({ target: engine.endpointUrl, seed, faults: weather });
      onTestFinished(() => proxy.close());

      await importWithKills(dir, proxy, random, ['--table', table, '--if-exists', mode]);

      await proxy.settled();
      expect(await heldItems(engine, table)).toEqual(model(mode, rows, before));
      const { rows: counts } = readSummary(dir);
      expect(counts).toMatchObject({ read: rowCount, rejected: 0, skipped: 0, pending: 0 });
      expect(counts.written + counts.kept + counts.superseded).toBe(rowCount);
      if (repeated === 0) {
        expect(counts.written + counts.kept).toBe(new Set(rows.map(({ token }) => token)).size);
        expect(counts.kept).toBe(keptInModel(mode, rows, before));
      }
      expect(proxy.traffic.requests).toMatchObject({ throttled: expect.any(Number), reset: expect.any(Number) });
      expect(proxy.traffic.requests.throttled).toBeGreaterThan(0);
      expect(proxy.traffic.requests.reset).toBeGreaterThan(0);
    },
  );
}

/** Kills each process but the last, which finishes. */
async function importWithKills(dir: WorkDir, proxy: FaultProxy, random: Random, more: readonly string[]) {
  let args = ['tokens.csv', '--run-dir', 'run', '--types', columnTypes, ...tableArgs(proxy), ...more];
  args.push('--max-ahead', '300');
  for (let kill = 0; kill < kills; kill++) {
    const running = dir.spawn(args, { stdin: '' });
    const { accepted, refused } = proxy.traffic.requests;
    const target = accepted + refused + 1 + randomBelow(random, (rowCount / kills) * 0.8);
    await Promise.race([proxy.until(({ requests }) => requests.accepted + requests.refused >= target), running.ended]);
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
    args = ['--resume', 'run', '--yes'];
  }
  expect(await dir.run(args)).toMatchObject({ status: 0 });
}

/** Rows whose quota is the version that `newer` compares; few values, so that there are ties. */
function versionedRows(random: Random, repeated: number): SourceRow[] {
  const tokens: string[] = [];
  return Array.from({ length: rowCount }, (_, seq) => {
    const again = tokens.length > 0 && random() < repeated;
    const token = again ? tokens[randomBelow(random, tokens.length)]! : `token ${seq}`;
    if (!again) tokens.push(token);
    return { token, user: `user ${planted} ${randomBelow(random, 9)}`, quota: String(randomBelow(random, 5)), seq };
  });
}

/** Items for 30 % of the keys: most by another writer, a few equal to what a row of the source writes. */
function itemsBefore(random: Random, rows: readonly SourceRow[]): Held {
  const before: Record<string, Omit<SourceRow, 'token'>> = {};
  for (const { token, ...row } of rows) {
    if (Object.hasOwn(before, token) || random() >= 0.3) continue;
    before[token] = random() < 0.1 ? row : { user: 'production', quota: String(randomBelow(random, 5)), seq: -1 };
  }
  return before;
}

/**
 * Applies the rows one by one. An item that equals a row of the source counts as written by it and yields to a later row,
 * with `newer` also to a row of the same version.
 */
function model(mode: Mode, rows: readonly SourceRow[], before: Held): Held {
  const held: Record<string, Omit<SourceRow, 'token'>> = { ...before };
  const ours = new Set(rows.map(({ token, ...row }) => `${token} ${JSON.stringify(row)}`));
  for (const { token, ...row } of rows) {
    const item = held[token];
    const isOurs = item !== undefined && ours.has(`${token} ${JSON.stringify(item)}`);
    const difference = item === undefined ? 1 : Number(row.quota) - Number(item.quota);
    const wins = item === undefined || (mode === 'keep' ? isOurs : difference > 0 || (difference === 0 && isOurs));
    if (wins) held[token] = row;
  }
  return held;
}

/** The items that differ from what their row would have written, if no key is repeated. */
function keptInModel(mode: Mode, rows: readonly SourceRow[], before: Held): number {
  const held = model(mode, rows, before);
  return rows.filter(({ token, ...row }) => JSON.stringify(held[token]) !== JSON.stringify(row)).length;
}

async function putItems(engine: Engine, table: string, items: Held): Promise<void> {
  const puts = Object.entries(items).map(([token, { user, quota, seq }]) => ({
    PutRequest: { Item: { token: { S: token }, user: { S: user }, quota: { N: quota }, seq: { N: String(seq) } } },
  }));
  for (let first = 0; first < puts.length; first += 25) {
    await engine.client.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts.slice(first, first + 25) } }));
  }
}

async function heldItems(engine: Engine, table: string): Promise<Held> {
  const held: Record<string, Omit<SourceRow, 'token'>> = {};
  for (const { token, user, quota, seq } of (await engine.readItems(table)) as Record<
    string,
    { S: string; N: string }
  >[]) {
    held[token!.S] = { user: user!.S, quota: quota!.N, seq: Number(seq!.N) };
  }
  return held;
}
