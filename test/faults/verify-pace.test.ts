import { expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { VerifyReport } from '../../src/domain/verify-report.ts';
import { Capacity } from '../support/fault-proxy/capacity.ts';
import { throttled } from '../support/plain-table/answers.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { workDir } from '../support/work-dir.ts';
import { importArgs, startFaultyTable, thorough } from './faulty-table.ts';
import { columnTypes, csvOf, lineOf, makeRows } from './source-rows.ts';

const servedUnits = 100;

test.runIf(thorough)(
  'verify reads as fast as the table serves, and at --rcu again when it serves that',
  { timeout: 120_000 },
  async () => {
    const dir = workDir();
    dir.write('tokens.csv', csvOf(makeRows(seededRandom(7), 12_000).map(lineOf)));
    const faulty = await startFaultyTable(7);
    expect(await dir.run(importArgs(faulty))).toMatchObject({ status: 0 });

    const capacity = new Capacity(() => systemClock.nowMs());
    capacity.set({ table: 'tokens', writeUnits: servedUnits });
    let served = 0;
    faulty.proxy.setOwnAnswer((operation, body) => {
      if (operation !== 'BatchGetItem') return undefined;
      const { tokens } = body['RequestItems'] as { tokens: { Keys: unknown[] } };
      const units = tokens.Keys.length / 2;
      // From then on the table has all that is asked for.
      if (served >= 1_000) capacity.lift('tokens');
      const reasons = capacity.take('tokens', { table: units, indexes: {} });
      if (reasons.length > 0) return throttled(reasons);
      served += units;
      return undefined;
    });
    const args = ['--endpoint-url', faulty.proxy.url, '--rcu', '1000', '--types', columnTypes];
    const verified = await dir.run(['verify', 'tokens.csv', '--all', '--json', '--run-dir', 'verify', ...args]);
    expect(verified).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/slowed to \d+ read units a second[\s\S]*back at 1,000 read units a second/),
    });
    const { requests, readUnits } = JSON.parse(verified.stdout) as VerifyReport;
    expect(readUnits).toBeGreaterThan(2_000);
    expect(requests.throttled).toBeGreaterThan(0);
    expect(requests.throttled).toBeLessThan(requests.sent / 2);
  },
);
