import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { VerifyReport } from '../../src/domain/run-summary.ts';
import { dynoxidePath, type Engine, startDynalite, startDynoxide } from '../support/engines.ts';
import type { Faults } from '../support/fault-proxy/faults.ts';
import type { Traffic } from '../support/fault-proxy/traffic.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type Random, randomBelow, seededRandom, shuffled } from '../support/seeded-random.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { foulWeather, tableArgs, thorough } from './faulty-table.ts';
import { columnTypes, csvOf, lastRows, lineOf, makeRows, type SourceRow } from './source-rows.ts';

const rowCount = thorough ? 50_000 : 1_500;
const share = 0.01;

/** No faults for the import: other tests cover them, and they take time. */
const fair: Faults = {};
/** So often that even the few requests of a small table meet every fault. */
const foul: Faults = { ...foulWeather, reads: true, throttle: 0.3, handBack: 0.5, hang: 0, applyLate: 0 };

type Held = Readonly<Record<string, Omit<SourceRow, 'token'>>>;

describe('over dynalite', () => overEngine(startDynalite));

describe.skipIf(dynoxidePath === undefined || !thorough)('over dynoxide', () => overEngine(startDynoxide));

function overEngine(start: () => Promise<Engine>): void {
  let engine: Engine;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());

  test('verify --all, killed and resumed, finds exactly the changed items and repairs them', {
    timeout: 400_000,
  }, async () => {
    const random = seededRandom(51);
    const rows = makeRows(random, rowCount);
    const dir = workDir();
    dir.write('tokens.csv', csvOf(rows.map(lineOf)));
    await engine.createTable('tokens', [{ name: 'token', type: 'S' }]);
    const proxy = await startFaultProxy({ target: engine.endpointUrl, seed: 51, faults: fair });
    onTestFinished(() => proxy.close());
    const table = tableArgs(proxy);
    expect(await dir.run(['tokens.csv', '--run-dir', 'run', '--types', columnTypes, ...table])).toMatchObject({
      status: 0,
    });
    const whole = lastRows(rows);
    const { changed, deleted } = await tamper(engine, whole, random);

    proxy.setFaults(foul);
    const throttledBefore = proxy.traffic.requests.throttled;
    const report = await verifyWithAKill(dir, proxy);
    expect(report).toMatchObject({
      outcome: 'different',
      exitCode: 5,
      differencesByAttribute: { user: changed.length },
    });
    expect(report.rows).toMatchObject({
      read: rowCount,
      missing: deleted.length,
      different: changed.length,
      rejected: 0,
      pending: 0,
    });
    expect(linesIn(dir, 'verify/missing.csv')).toEqual(linesOf(whole, deleted));
    expect(linesIn(dir, 'verify/different.csv')).toEqual(linesOf(whole, changed));
    expect(await heldItems(engine)).not.toEqual(whole);
    expect(proxy.traffic.requests.throttled).toBeGreaterThan(throttledBefore);
    expect(report.requests.unprocessedKeys).toBeGreaterThan(0);
    proxy.setFaults(fair);

    for (const [file, count] of [
      ['missing', deleted.length],
      ['different', changed.length],
    ] as const) {
      const args = [`verify/${file}.csv`, '--run-dir', `mend-${file}`, '--types', columnTypes, ...table];
      const mended = await dir.run(args);
      expect(mended).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`${count.toLocaleString('en')} read =`),
      });
    }
    expect(await heldItems(engine)).toEqual(whole);
    const again = await dir.run([
      'verify',
      'tokens.csv',
      '--all',
      '--run-dir',
      'again',
      ...readArgs(proxy),
      '--types',
      columnTypes,
    ]);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('Equal: every row') });
  });
}

function readArgs(proxy: FaultProxy): string[] {
  return ['--endpoint-url', proxy.url, '--rcu', '100000', '--concurrency', '8', '--request-timeout', '2s'];
}

async function verifyWithAKill(dir: WorkDir, proxy: FaultProxy): Promise<VerifyReport> {
  // Slow enough for checkpoints and for the kill.
  const rcu = rowCount / 20;
  const keysOfRequest = Math.min(100, rcu * 0.1);
  const slow = ['--rcu', String(rcu)];
  const args = [
    'verify',
    'tokens.csv',
    '--all',
    '--run-dir',
    'verify',
    '--types',
    columnTypes,
    ...readArgs(proxy),
    ...slow,
  ];
  const running = dir.spawn(args, { stdin: '' });
  const target = proxy.traffic.requests.accepted + (rowCount * 0.2) / keysOfRequest;
  const isDue = ({ requests }: Traffic) => requests.accepted >= target && savedRows(dir) > 0;
  await Promise.race([proxy.until(isDue), running.ended]);
  running.child.kill('SIGKILL');
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
  const resumed = await dir.run(['verify', '--resume', 'verify', '--json', '--rcu', '100000']);
  expect(resumed.status).toBe(5);
  expect(resumed.stderr).not.toContain('bug');
  const refused = await dir.run(['--resume', 'verify']);
  expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('holds no run') });
  return JSON.parse(resumed.stdout);
}

/** Rows that the last checkpoint of the verification covers. */
function savedRows(dir: WorkDir): number {
  return JSON.parse(dir.read('verify/verify.json')).progress?.mark.ordinal ?? 0;
}

/** Changes the user of 1 % of the items and deletes 1 %, as another writer would. */
async function tamper(engine: Engine, held: Held, random: Random) {
  const tokens = shuffled(random, Object.keys(held));
  const count = Math.round(tokens.length * share);
  const changed = tokens.slice(0, count);
  const deleted = tokens.slice(count, 2 * count);
  const puts = changed.map((token) => {
    const { quota, seq } = held[token]!;
    const user = { S: `tampered ${randomBelow(random, 9)}` };
    return { PutRequest: { Item: { token: { S: token }, user, quota: { N: quota }, seq: { N: String(seq) } } } };
  });
  const deletes = deleted.map((token) => ({ DeleteRequest: { Key: { token: { S: token } } } }));
  const requests = [...puts, ...deletes];
  for (let first = 0; first < requests.length; first += 25) {
    await engine.client.send(
      new BatchWriteItemCommand({ RequestItems: { tokens: requests.slice(first, first + 25) } }),
    );
  }
  return { changed, deleted };
}

/** The rows of the keys, in source order and unchanged. */
function linesOf(held: Held, tokens: readonly string[]): string[] {
  const rows = tokens.map((token) => ({ token, ...held[token]! })).sort((a, b) => a.seq - b.seq);
  return rows.map((row) => lineOf(row));
}

function linesIn(dir: WorkDir, file: string): string[] {
  const [header, ...lines] = dir.read(file).split('\n').slice(0, -1);
  expect(header).toBe('token,user,quota,seq');
  return lines.map((line) => `${line}\n`);
}

async function heldItems(engine: Engine): Promise<Held> {
  const held: Record<string, Omit<SourceRow, 'token'>> = {};
  const items = (await engine.readItems('tokens')) as Record<string, { S: string; N: string }>[];
  for (const { token, user, quota, seq } of items) {
    held[token!.S] = { user: user!.S, quota: quota!.N, seq: Number(seq!.N) };
  }
  return held;
}
