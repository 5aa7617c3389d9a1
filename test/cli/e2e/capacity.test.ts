import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { AutoScalingService } from '../../support/auto-scaling.ts';
import { type Engine, startDynalite } from '../../support/engines.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { accessDenied } from '../../support/plain-table/answers.ts';
import { provisionedTable, provisionOf } from '../../support/provisioned-table.ts';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const before = { '': { writeUnits: 20, readUnits: 5 }, 'by-user': { writeUnits: 30, readUnits: 7 } };
const suspended = { scaleIn: true, scaleOut: true, scheduled: true };
const scaling = { scaleIn: false, scaleOut: false, scheduled: true };

let dynalite: Engine;
beforeAll(async () => {
  dynalite = await startDynalite({ updateTableMs: 50 });
});
afterAll(() => dynalite.stop());

type Scene = {
  readonly dir: WorkDir;
  readonly proxy: FaultProxy;
  readonly place: readonly string[];
  units(): Promise<object>;
};

/** A table of its own with a proxy before it, and a folder with `tokens.csv`. */
async function setUp(table: string): Promise<Scene> {
  await provisionedTable(dynalite, table, before[''], { 'by-user': before['by-user'] });
  const proxy = await startFaultProxy({ target: dynalite.endpointUrl, seed: 1 });
  onTestFinished(() => proxy.close());
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(200));
  const place = ['--table', table, '--endpoint-url', proxy.url];
  return { dir, proxy, place, units: async () => (await provisionOf(dynalite, table)).units };
}

test('capacity set goes up and down, restore only down, and show prints what is there', async () => {
  const { dir, place, units } = await setUp('command');
  const set = await dir.run(['capacity', 'set', ...place, '--wcu', '25', '--index-wcu', 'by-user=900']);
  expect(set).toMatchObject({ status: 0, stderr: expect.stringContaining('To undo it: aws dynamodb update-table') });
  expect(await units()).toEqual({ '': { writeUnits: 25, readUnits: 5 }, 'by-user': { writeUnits: 900, readUnits: 7 } });

  const restore = await dir.run(['capacity', 'restore', ...place, '--wcu', '30']);
  expect(restore).toMatchObject({ status: 0, stdout: expect.stringContaining('restored: index by-user 30') });
  // What is already lower stays there.
  expect(await units()).toEqual({ '': { writeUnits: 25, readUnits: 5 }, 'by-user': { writeUnits: 30, readUnits: 7 } });

  const show = await dir.run(['capacity', 'show', ...place, '--json']);
  expect(JSON.parse(show.stdout)).toMatchObject({
    parts: [
      { status: 'ACTIVE', writeUnits: 25, readUnits: 5, decreasesToday: 0 },
      { index: 'by-user', writeUnits: 30, decreasesToday: 1, nextDecreaseAt: null },
    ],
    unrestored: [],
  });
});

test('after SIGKILL capacity show tells of the raise, and capacity restore DIR restores it', async () => {
  const { dir, place, units } = await setUp('killed');
  const running = dir.spawn(['tokens.csv', ...place, '--raise-wcu', '4000', '--wps', '20'], { stdin: '' });
  await running.until('the capacity is raised');
  running.child.kill('SIGKILL');
  await running.ended;
  expect(await units()).toMatchObject({ '': { writeUnits: 4000 }, 'by-user': { writeUnits: 4000 } });

  const show = await dir.run(['capacity', 'show', ...place]);
  const command = /^ {2}import-tokens (capacity restore import-tokens-runs\/\S+)$/m.exec(show.stdout)?.[1];
  const restore = await dir.run(command!.split(' '));
  expect(restore).toMatchObject({ status: 0, stdout: expect.stringContaining('restored: table 20; index by-user 30') });
  expect(await units()).toEqual(before);
  expect(existsSync(join(dir.path, command!.split(' ')[2]!, 'capacity.json'))).toBe(false);
  expect(await dir.run(command!.split(' '))).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('left no capacity raised'),
  });
});

test('capacity restore of a rehearsal says that it raised nothing, and does not ask for a table', async () => {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(5));
  await dir.run(['tokens.csv', '--repository', 'memory', '--run-dir', 'night']);
  expect(await dir.run(['capacity', 'restore', 'night'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('was a rehearsal: it raised nothing'),
  });
});

test('the capacity of a live run is not restored', async () => {
  const { dir, place, units } = await setUp('living');
  const flags = ['--raise-wcu', '4000', '--wps', '20', '--run-dir', 'run'];
  const running = dir.spawn(['tokens.csv', ...place, ...flags], { stdin: '' });
  await running.until('the capacity is raised');
  const restore = await dir.run(['capacity', 'restore', 'run']);
  expect(restore).toMatchObject({ status: 4, stderr: expect.stringContaining('is in use by process') });
  expect(await units()).toMatchObject({ '': { writeUnits: 4000 } });
  running.child.kill('SIGINT');
  await running.ended;
});

test('auto scaling is refused with the commands that suspend it, before anything changes', async () => {
  const { dir, proxy, place, units } = await setUp('scaled');
  proxy.setOwnAnswer(
    new AutoScalingService({ 'table/scaled': scaling, 'table/scaled/index/by-user': suspended }).answer,
  );
  const { status, stderr } = await dir.run(['tokens.csv', ...place, '--raise-wcu', '4000']);
  expect(status).toBe(2);
  expect(stderr).toContain('error: auto scaling sets the write units of the table, and would undo the change');
  expect(stderr).toContain('--suspend-autoscaling');
  expect(stderr).toContain(
    'aws application-autoscaling register-scalable-target --service-namespace dynamodb --resource-id table/scaled ' +
      '--scalable-dimension dynamodb:table:WriteCapacityUnits --suspended-state DynamicScalingInSuspended=true,' +
      'DynamicScalingOutSuspended=true,ScheduledScalingSuspended=true --region us-east-1',
  );
  expect(await units()).toEqual(before);
  expect(existsSync(join(dir.path, 'import-tokens-runs'))).toBe(false);
});

test('--suspend-autoscaling suspends it for the import and resumes it unchanged', async () => {
  const { dir, proxy, place, units } = await setUp('suspended');
  const service = new AutoScalingService({ 'table/suspended': scaling });
  proxy.setOwnAnswer(service.answer);
  const flags = ['--raise-wcu', '4000', '--suspend-autoscaling', '--wps', '20'];
  const running = dir.spawn(['tokens.csv', ...place, ...flags, '--run-dir', 'run'], { stdin: '' });
  await running.until('the capacity is raised');
  expect(service.suspended('table/suspended')).toEqual(suspended);
  expect(JSON.parse(dir.read('run/capacity.json')).scaling).toMatchObject([{ suspended: scaling }]);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ status: 130 });
  expect(service.suspended('table/suspended')).toEqual(scaling);
  expect(await units()).toEqual(before);
});

test('auto scaling that may not be read causes a warning, and does not stop the raise', async () => {
  const { dir, proxy, place, units } = await setUp('denied');
  proxy.setOwnAnswer((operation) =>
    operation === 'DescribeScalableTargets' ? accessDenied(operation, 'denied') : undefined,
  );
  const { status, stderr } = await dir.run(['tokens.csv', ...place, '--raise-wcu', '4000']);
  expect(status).toBe(0);
  expect(stderr).toContain('auto scaling was not checked (needs application-autoscaling:DescribeScalableTargets)');
  expect(await units()).toEqual(before);
});

test('a raise that may not be made is refused by its permission, and nothing is left raised', async () => {
  const { dir, proxy, place } = await setUp('forbidden');
  proxy.setOwnAnswer((operation) => (operation === 'UpdateTable' ? accessDenied(operation, 'forbidden') : undefined));
  const { status, stderr } = await dir.run(['tokens.csv', ...place, '--raise-wcu', '4000', '--run-dir', 'run']);
  expect(status).toBe(4);
  expect(stderr).toContain('may not use dynamodb:UpdateTable on table "forbidden"');
  expect(existsSync(join(dir.path, 'run/capacity.json'))).toBe(false);
});

test('an on-demand table is refused, with what to do instead', async () => {
  await dynalite.createTable('on-demand', [{ name: 'token', type: 'S' }]);
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(2));
  const place = ['--table', 'on-demand', '--endpoint-url', dynalite.endpointUrl];
  const { status, stderr } = await dir.run(['tokens.csv', ...place, '--raise-wcu', '4000']);
  expect(status).toBe(2);
  expect(stderr).toContain('--raise-wcu: table on-demand is on demand');
  expect(stderr).toContain('--warm-throughput WriteUnitsPerSecond=4000');
  expect((await dir.run(['capacity', 'set', ...place, '--wcu', '5'])).status).toBe(2);
});
