import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Engine, startDynalite } from '../../support/engines.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { limitExceeded, tableMissing } from '../../support/plain-table/answers.ts';
import { provisionedTable, provisionOf } from '../../support/provisioned-table.ts';
import { workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const before = { writeUnits: 20, readUnits: 5 };

let dynalite: Engine;
beforeAll(async () => {
  dynalite = await startDynalite({ updateTableMs: 20 });
});
afterAll(() => dynalite.stop());

/** A table of its own, and a run that was stopped after ten rows. */
async function setUp(tableName: string, flags: readonly string[]) {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(40));
  await provisionedTable(dynalite, tableName, before);
  const proxy = await startFaultProxy({ target: dynalite.endpointUrl, seed: 1 });
  onTestFinished(() => proxy.close());
  const place = ['--table', tableName, '--endpoint-url', proxy.url];
  const args = ['tokens.csv', ...place, '--run-dir', 'run', '--max-rows', '10', ...flags];
  expect(await dir.run(args)).toMatchObject({ status: 0 });
  const writeUnits = async () => (await provisionOf(dynalite, tableName)).units['']?.writeUnits;
  return { dir, proxy, writeUnits, isUnrestored: () => existsSync(join(dir.path, 'run/capacity.json')) };
}

test('a second --raise-wcu that a quota refuses leaves nothing raised and nothing forgotten', async () => {
  const { dir, proxy, writeUnits, isUnrestored } = await setUp('refused-again', [
    '--raise-wcu',
    '1000',
    '--keep-raised',
  ]);
  expect(await writeUnits()).toBe(1000);
  proxy.setOwnAnswer((operation, body) =>
    operation === 'UpdateTable' && JSON.stringify(body).includes('50000')
      ? limitExceeded('The requested throughput exceeds the account limit')
      : undefined,
  );
  const { status, stderr } = await dir.run(['--resume', 'run', '--max-rows', '40', '--raise-wcu', '50000']);
  expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining('Service Quotas') });
  expect(stderr).not.toContain('someone else changed it');
  expect(await writeUnits()).toBe(20);
  expect(isUnrestored()).toBe(false);
});

test('a raise that only a resume asked for is restored by the resume after it', async () => {
  const { dir, writeUnits, isUnrestored } = await setUp('raised-later', []);
  const further = ['--resume', 'run', '--max-rows', '20', '--raise-wcu', '1000', '--keep-raised'];
  expect(await dir.run(further)).toMatchObject({ status: 0 });
  expect(await writeUnits()).toBe(1000);
  const last = await dir.run(['--resume', 'run', '--max-rows', '40']);
  expect(last).toMatchObject({ status: 0, stdout: expect.stringContaining('restored: table 20') });
  expect(last.stderr).not.toContain('raising');
  expect(await writeUnits()).toBe(20);
  expect(isUnrestored()).toBe(false);
});

test('a restore that finds no table, or another one of that name, forgets nothing', async () => {
  const { dir, proxy, writeUnits, isUnrestored } = await setUp('elsewhere', ['--raise-wcu', '1000', '--keep-raised']);
  proxy.setOwnAnswer(tableMissing);
  const astray = await dir.run(['capacity', 'restore', 'run', '--region', 'eu-west-1']);
  proxy.setOwnAnswer(undefined);
  expect(astray.status).toBe(6);
  expect(astray.stdout + astray.stderr).toContain('does not exist here');
  expect(isUnrestored()).toBe(true);

  const capacity = JSON.parse(dir.read('run/capacity.json'));
  dir.write('run/capacity.json', JSON.stringify({ ...capacity, tableArn: `${capacity.tableArn}-of-old` }));
  expect(await dir.run(['capacity', 'restore', 'run'])).toMatchObject({ status: 6 });
  dir.write('run/capacity.json', JSON.stringify(capacity));
  expect(await writeUnits()).toBe(1000);
  expect(await dir.run(['capacity', 'restore', 'run'])).toMatchObject({ status: 0 });
  expect(await writeUnits()).toBe(20);
  expect(isUnrestored()).toBe(false);
});
