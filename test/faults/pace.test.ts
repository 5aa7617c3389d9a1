import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../support/fault-proxy.ts';
import { PlainTable } from '../support/plain-table.ts';
import { planted } from '../support/planted.ts';
import { type Running, workDir } from '../support/work-dir.ts';
import { thorough } from './faulty-table.ts';

const table = 'tokens';
const index = 'by-user';
const byUser = { name: index, key: [{ name: 'user', type: 'S' }] } as const;

/** Items up to a moment after the first one arrived: how many arrived, and how many were accepted. */
type Sample = { readonly seconds: number; readonly received: number; readonly written: number };

/** An import of many small rows into a table of limited capacity, sampled at the table ten times a second. */
async function startImport(
  rows: number,
  wps: number,
  options: Partial<FaultProxyOptions>,
  flags: readonly string[] = [],
) {
  const plain = new PlainTable({
    ...{ name: table, key: [{ name: 'token', type: 'S' }] },
    indexes: (options.capacity ?? []).some((limit) => limit.index !== undefined) ? [byUser] : [],
  });
  const proxy = await startFaultProxy({ target: plain, seed: 1, ...options });
  onTestFinished(() => proxy.close());
  const dir = workDir();
  dir.write('tokens.csv', `token,user\n${Array.from({ length: rows }, (_, i) => `t${i},${planted}${i}\n`).join('')}`);
  const args = ['tokens.csv', '--yes', '--endpoint-url', proxy.url, '--wps', `${wps}`, '--run-dir', 'run', ...flags];
  const running = dir.spawn(args, { stdin: '' });
  const samples = watch(proxy);
  const summary = (): RunSummary => JSON.parse(dir.read('run/summary.json'));
  return { dir, proxy, running, samples, summary, log: () => dir.read('run/run.log') };
}

function watch(proxy: FaultProxy): Sample[] {
  const samples: Sample[] = [];
  let startedMs: number | undefined;
  void proxy.until(({ received, written }) => {
    startedMs ??= systemClock.nowMs();
    const seconds = (systemClock.nowMs() - startedMs) / 1000;
    if (seconds - (samples.at(-1)?.seconds ?? -1) >= 0.1) {
      samples.push({ seconds, received: received.items, written: written.items });
    }
    return false;
  });
  return samples;
}

/** Resolves when the samples reach this time; rejects if the importer ends before. */
function secondsSeen(running: Running, proxy: FaultProxy, samples: readonly Sample[], seconds: number): Promise<void> {
  const ended = running.ended.then(({ status, stderr }) => {
    throw new Error(`the importer ended too soon, with exit code ${status}: ${stderr}`);
  });
  return Promise.race([proxy.until(() => (samples.at(-1)?.seconds ?? 0) >= seconds), ended]);
}

/** Share of the items refused, and items accepted a second, between two moments. */
function flow(samples: readonly Sample[], fromSeconds: number, untilSeconds: number) {
  const from = samples.find(({ seconds }) => seconds >= fromSeconds)!;
  const until = samples.findLast(({ seconds }) => seconds <= untilSeconds)!;
  const received = until.received - from.received;
  const written = until.written - from.written;
  return {
    refusedShare: (received - written) / received,
    perSecond: written / (until.seconds - from.seconds),
  };
}

function tell(what: string, { refusedShare, perSecond }: ReturnType<typeof flow>): void {
  console.info(`${what}: ${perSecond.toFixed(0)} a second, ${(refusedShare * 100).toFixed(2)} % refused`);
}

describe.runIf(thorough)('against a table of limited capacity', { timeout: 90_000, retry: 1 }, () => {
  test.each([
    { title: 'an on-demand table that takes 5,000 units', burstSeconds: 1, settledSeconds: 5 },
    { title: 'the same with burst capacity', burstSeconds: 10, settledSeconds: 10 },
  ])(
    '$title gets just that of 20,000, and 20,000 within 10 s after it can take them',
    async ({ burstSeconds, settledSeconds }) => {
      const limit = { table, writeUnits: 5_000, burstSeconds };
      const { running, proxy, samples, summary } = await startImport(600_000, 20_000, { capacity: [limit] });
      const raiseSeconds = settledSeconds + 12;
      await secondsSeen(running, proxy, samples, raiseSeconds);
      proxy.setCapacity({ ...limit, writeUnits: 20_000 });
      await secondsSeen(running, proxy, samples, raiseSeconds + 13);
      running.child.kill('SIGINT');
      await running.ended;
      const settled = flow(samples, settledSeconds, raiseSeconds);
      const raised = flow(samples, raiseSeconds + 10, raiseSeconds + 13);
      tell('settled', settled);
      tell('raised', raised);
      expect(settled.refusedShare).toBeLessThanOrEqual(0.05);
      expect(settled.perSecond).toBeGreaterThanOrEqual(0.92 * 5_000);
      expect(raised.perSecond).toBeGreaterThan(0.95 * 20_000);
      expect(summary().rate.limit).toBe(20_000);
    },
  );

  test('an index that takes 2,000 units limits the run, and is named', async () => {
    const capacity = [{ table, index, writeUnits: 2_000 }];
    const { running, proxy, samples, summary, log } = await startImport(200_000, 20_000, { capacity });
    await secondsSeen(running, proxy, samples, 20);
    running.child.kill('SIGINT');
    await running.ended;
    const settled = flow(samples, 5, 20);
    tell('settled', settled);
    expect(settled.refusedShare).toBeLessThanOrEqual(0.05);
    expect(settled.perSecond).toBeGreaterThanOrEqual(0.92 * 2_000);
    expect(settled.perSecond).toBeLessThanOrEqual(1.05 * 2_000);
    expect(log()).toContain(`the table throttles: the write capacity of index \\"${index}\\"`);
    expect(summary()).toMatchObject({ bottleneck: 'table', advice: expect.stringContaining(`index "${index}"`) });
  });

  test('a key that is always refused waits, and the others keep their pace', async () => {
    const faults = { alwaysRefuseKeys: new Set(['S:t500']) };
    const { running, proxy, samples, summary, log } = await startImport(60_000, 4_000, { faults });
    await proxy.until(({ written }) => written.items === 59_999);
    const others = flow(samples, 1, samples.at(-1)!.seconds);
    tell('others', others);
    proxy.setFaults({});
    expect(await running.ended).toMatchObject({ status: 0 });
    expect(others.perSecond).toBeGreaterThanOrEqual(0.95 * 4_000);
    expect(others.refusedShare).toBeLessThan(0.005);
    expect(log()).toContain('items of one partition key are refused again and again');
    expect(summary().rows.written).toBe(60_000);
  });
});
