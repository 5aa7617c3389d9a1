import { expect, test } from 'vitest';
import { workDir } from '../../support/work-dir.ts';
import { dynamoTarget, tokensCsv } from './dynamo-target.ts';

test('capacity warm says what it costs before it asks, raises once, and then has nothing to do', async () => {
  const indexes = [{ name: 'by-user', key: [{ name: 'user_id', type: 'S' }] }] as const;
  const { table, proxy, flags } = await dynamoTarget({ indexes, provision: { warmWriteUnits: 4_000 } });
  const updates: string[] = [];
  proxy.setOwnAnswer((operation) => {
    if (operation === 'UpdateTable') updates.push(operation);
    return undefined;
  });
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(3));
  const plan = () => dir.run(['plan', 'tokens.csv', ...flags, '--wps', '20000']);
  expect((await plan()).stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /with ramp 1 ms if the table takes 4,000 write units a second at first/,
  );

  const args = ['capacity', 'warm', ...flags, '--wcu', '20000', '--index-wcu', 'by-user=25000'];
  const unasked = await dir.run(args, { mayAsk: true });
  expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('Pass --yes to change the capacity.') });
  expect(updates).toEqual([]);
  const warmed = await dir.run(args);
  expect(warmed).toMatchObject({ status: 0 });
  expect(warmed.stderr).toContain('the table from 4,000 to 20,000 write units a second\n  index "by-user" to 25,000');
  expect(warmed.stderr).toContain('AWS charges this once, and it cannot be lowered again.');
  expect(warmed.stdout).toContain('ACTIVE, no provisioned units, warm for 20,000 write units a second\n');
  expect(table.provision).toMatchObject({ warmWriteUnits: 20_000, warmIndexUnits: { 'by-user': 25_000 } });

  const again = await dir.run([...args, '--json']);
  expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('nothing is changed') });
  expect(JSON.parse(again.stdout)).toMatchObject({ parts: [{ warmWriteUnits: 20_000 }, { warmWriteUnits: 25_000 }] });
  expect(updates).toHaveLength(1);
  expect((await plan()).stdout).not.toContain('with ramp');

  const unknown = await dir.run(['capacity', 'warm', ...flags, '--wcu', '9', '--index-wcu', 'by-day=5']);
  expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining('has no index "by-day"') });
});
