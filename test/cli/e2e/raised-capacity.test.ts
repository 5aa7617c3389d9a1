import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, startDynalite } from '../../support/engines.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { runsEveryCase } from '../../support/importer-command.ts';
import { limitExceeded } from '../../support/plain-table/answers.ts';
import { changeProvision, provisionedTable, provisionOf } from '../../support/provisioned-table.ts';
import { silentPipe } from '../../support/silent-pipe.ts';
import { type WorkDir, workDir } from '../../support/work-dir.ts';
import { tokensCsv } from './dynamo-target.ts';

const before = { '': { writeUnits: 20, readUnits: 5 }, 'by-user': { writeUnits: 30, readUnits: 7 } };
const raised = { '': { writeUnits: 4000, readUnits: 5 }, 'by-user': { writeUnits: 4000, readUnits: 7 } };
const rowCount = 400;

let dynalite: Engine;
beforeAll(async () => {
  // Long enough to be seen, and for a signal to arrive in the meantime.
  dynalite = await startDynalite({ updateTableMs: 300 });
});
afterAll(() => dynalite.stop());

/** A folder with `tokens.csv`, a table of its own, and the arguments that import one into the other. */
async function setUp(tableName: string, endpointUrl = dynalite.endpointUrl) {
  const dir = workDir();
  dir.write('tokens.csv', tokensCsv(rowCount));
  await provisionedTable(dynalite, tableName, before[''], { 'by-user': before['by-user'] });
  const place = ['--table', tableName, '--endpoint-url', endpointUrl];
  const args = ['tokens.csv', ...place, '--run-dir', 'runs/one', '--raise-wcu', '4000'];
  const table = () => provisionOf(dynalite, tableName);
  return { dir, args, place, table };
}

/** A new import that raised capacity and has written something, slow enough to be stopped. */
async function startSlowly({ dir, args }: Awaited<ReturnType<typeof setUp>>) {
  const running = dir.spawn([...args, '--wps', '60'], { stdin: '' });
  await running.until('the capacity is raised');
  return running;
}

const isUnrestored = (dir: WorkDir) => existsSync(join(dir.path, 'runs/one/capacity.json'));

test('table and index are raised, imported into and restored, reads untouched', async () => {
  const { dir, args, table } = await setUp('whole');
  const { status, stdout, stderr } = await dir.run(args);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stderr).toContain('the table is UPDATING, index "by-user" is UPDATING: waiting');
  expect(stderr).toContain('from 20 to 4,000 write units a second');
  expect(stdout).toContain('capacity     restored: table 20; index by-user 30');
  expect(stdout).toContain('400 read = 400 written');
  expect(stdout).toContain('(limit 3,970 to 3,980)');
  expect((await table()).units).toEqual(before);
  expect(isUnrestored(dir)).toBe(false);
});

test('SIGINT stops the import, and the capacity is restored all the same', async () => {
  const given = await setUp('interrupted');
  const running = await startSlowly(given);
  expect((await given.table()).units).toEqual(raised);
  running.child.kill('SIGINT');
  const { status, stdout } = await running.ended;
  expect(status).toBe(130);
  expect(stdout).toContain('capacity     restored: table 20; index by-user 30');
  expect((await given.table()).units).toEqual(before);
  expect(isUnrestored(given.dir)).toBe(false);
});

test('a signal during the raise restores capacity', async () => {
  const { dir, args, table } = await setUp('on-its-way');
  const running = dir.spawn(args, { stdin: '' });
  await running.until('is UPDATING: waiting');
  running.child.kill('SIGTERM');
  const { status, stderr } = await running.ended;
  expect(status).toBe(143);
  expect(stderr).toContain('stopped by SIGTERM before the first write');
  expect((await table()).units).toEqual(before);
});

test('the metrics file has what is raised until it is restored', async () => {
  const { dir, args } = await setUp('metered');
  const running = dir.spawn([...args, '--wps', '20', '--metrics-file', 'run.prom'], { stdin: '' });
  await running.until('the capacity is raised');
  const isRaised = expect.stringMatching(/_raised_capacity_write_units\{.*,table="metered",index="by-user"\} 4000\n/);
  await expect.poll(() => dir.read('run.prom'), { timeout: 20_000 }).toEqual(isRaised);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ status: 130 });
  expect(dir.read('run.prom')).toMatch(/_exit_code\{.*\} 130\n/);
  expect(dir.read('run.prom')).not.toContain('raised_capacity');
});

test.runIf(runsEveryCase)(
  'a signal during the raise is told in the metrics file and to --on-end, without a summary',
  async () => {
    const { dir, args } = await setUp('told');
    const onEnd = 'echo "$IMPORT_TOKENS_EXIT_CODE$IMPORT_TOKENS_SUMMARY" >> end.txt';
    const running = dir.spawn([...args, '--metrics-file', 'run.prom', '--on-end', onEnd], { stdin: '' });
    await running.until('is UPDATING: waiting');
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ status: 143 });
    expect(dir.read('run.prom')).toMatch(/_exit_code\{.*\} 143\n[\s\S]*outcome="interrupted"\} 1\n/);
    expect(dir.read('end.txt')).toBe('143\n');
  },
);

test('a second signal ends it at once, says what is still raised, and so does the next start', async () => {
  const given = await setUp('at-once');
  const running = await startSlowly(given);
  running.child.kill('SIGINT');
  await running.until('restoring ');
  running.child.kill('SIGINT');
  const { status, stderr } = await running.ended;
  expect(status).toBe(6);
  expect(stderr).toContain('error: the capacity is STILL RAISED');
  expect(stderr).toContain('import-tokens capacity restore runs/one');
  expect(stderr).toContain(
    'aws dynamodb update-table --table-name at-once --provisioned-throughput ReadCapacityUnits=5,',
  );
  expect(isUnrestored(given.dir)).toBe(true);

  const next = await given.dir.run([
    'tokens.csv',
    '--repository',
    'memory',
    '--run-dir',
    'runs/two',
    '--wps',
    '100000',
  ]);
  expect(next.stderr).toContain(
    'an earlier run left the capacity of table at-once raised; restore it: import-tokens capacity restore runs/one',
  );
});

test('what a run has raised is not raised by another, which would restore the raised figure', async () => {
  const given = await setUp('twice');
  const running = await startSlowly(given);
  const second = ['tokens.csv', ...given.place, '--run-dir', 'runs/two', '--raise-wcu', '5000'];
  const beside = await given.dir.run(second);
  expect(beside).toMatchObject({ status: 2, stderr: expect.stringContaining('table twice is already raised') });
  expect(beside.stderr).toContain('hint: Leave --raise-wcu out, or wait until that run ends');
  running.child.kill('SIGKILL');
  await running.ended;
  const after = await given.dir.run(second);
  expect(after).toMatchObject({ status: 2, stderr: expect.stringContaining('by the run in') });
  expect(after.stderr).toContain('hint: Restore it first: import-tokens capacity restore runs/one');
  expect((await given.table()).units).toEqual(raised);
  expect(existsSync(join(given.dir.path, 'runs/two'))).toBe(false);
  expect(await given.dir.run(['capacity', 'restore', 'runs/one', '--yes'])).toMatchObject({ status: 0 });
  expect(await given.dir.run(second)).toMatchObject({ status: 0 });
  expect((await given.table()).units).toEqual(before);
});

test('after SIGKILL --resume continues with the raised capacity and restores it at its end', async () => {
  const given = await setUp('killed');
  const running = await startSlowly(given);
  running.child.kill('SIGKILL');
  await running.ended;
  expect((await given.table()).units).toEqual(raised);
  const { status, stdout, stderr } = await given.dir.run(['--resume', 'runs/one', '--wps', '100000', '--settle', '0']);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stderr).toContain('this run left the capacity of table killed raised');
  // Production keeps what it had before the first raise.
  expect(stdout).toContain('(limit 3,970 to 3,980)');
  expect(stdout).toContain('400 read = 400 written');
  expect((await given.table()).units).toEqual(before);
  expect(isUnrestored(given.dir)).toBe(false);
});

test.runIf(runsEveryCase)('a resume that is stopped before the first row says what is still raised', async () => {
  const given = await setUp('stopped-early');
  const running = await startSlowly(given);
  running.child.kill('SIGKILL');
  await running.ended;
  const pipe = silentPipe(given.dir);
  const resumed = given.dir.spawn(['--resume', 'runs/one', pipe.path], { stdin: '' });
  await Promise.race([pipe.opened, resumed.ended]);
  resumed.child.kill('SIGTERM');
  const { status, stderr } = await resumed.ended;
  expect({ status, stderr }).toEqual({ status: 6, stderr: expect.stringContaining('the capacity is STILL RAISED') });
  expect(stderr).toContain('import-tokens capacity restore runs/one');
  expect((await given.table()).units).toEqual(raised);
});

test.runIf(runsEveryCase)('--keep-raised leaves capacity raised on a stop, and the resume restores it', async () => {
  const { dir, args, table } = await setUp('kept');
  const running = await startSlowly({ dir, args: [...args, '--keep-raised'], table, place: [] });
  running.child.kill('SIGINT');
  const { status, stdout } = await running.ended;
  expect(status).toBe(130);
  expect(stdout).toContain('capacity     still raised, as asked: table 4,000, before 20');
  expect((await table()).units).toEqual(raised);
  expect((await dir.run(['--resume', 'runs/one', '--wps', '100000'])).status).toBe(0);
  expect((await table()).units).toEqual(before);
});

test.runIf(runsEveryCase)(
  'reads and writes that someone else changes in the meantime stay, and writes are reported',
  async () => {
    const given = await setUp('changed');
    const running = await startSlowly(given);
    await changeProvision(dynalite, 'changed', { writeUnits: 4000, readUnits: 77 });
    await until(async () => (await given.table()).units['']?.readUnits === 77);
    running.child.kill('SIGINT');
    await running.ended;
    expect((await given.table()).units).toEqual({ ...before, '': { writeUnits: 20, readUnits: 77 } });

    const again = given.dir.spawn(['--resume', 'runs/one', '--wps', '60', '--settle', '0'], { stdin: '' });
    await again.until('the capacity is raised');
    await changeProvision(dynalite, 'changed', { writeUnits: 500, readUnits: 77 });
    await until(async () => (await given.table()).units['']?.writeUnits === 500);
    again.child.kill('SIGINT');
    const { stdout, stderr } = await again.ended;
    expect((await given.table()).units).toEqual({ ...before, '': { writeUnits: 500, readUnits: 77 } });
    expect(stderr).toContain('the table has 500 now, not the 4,000 write units that this run set');
    expect(stdout).toContain("table is at 500, which is someone else's doing: left alone");
  },
);

test('a decrease that AWS refuses stays on disk, with the time when it is possible, and exits 6', async () => {
  const proxy = await startFaultProxy({ target: dynalite.endpointUrl, seed: 1 });
  const { dir, args, table } = await setUp('refused', proxy.url);
  proxy.setOwnAnswer((operation, body) =>
    operation === 'UpdateTable' && lowers(body) ? tooManyDecreases() : undefined,
  );
  const { status, stdout } = await dir.run(args);
  expect(status).toBe(6);
  expect(stdout).toContain('capacity     STILL RAISED: table 4,000, before 20; index by-user 4,000, before 30');
  expect(stdout).toContain('it can be restored after 2030-01-31T21:48:14Z');
  expect(stdout).toContain('import-tokens capacity restore runs/one');
  expect(JSON.parse(dir.read('runs/one/summary.json'))).toMatchObject({ exitCode: 6, outcome: 'completed' });
  expect(JSON.parse(dir.read('runs/one/capacity.json')).parts).toHaveLength(2);
  expect((await table()).units).toEqual(raised);

  proxy.setOwnAnswer(undefined);
  const resumed = await dir.run(['--resume', 'runs/one']);
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toContain('capacity     restored: table 20; index by-user 30');
  expect((await table()).units).toEqual(before);
  expect(isUnrestored(dir)).toBe(false);
  await proxy.close();
});

test.runIf(runsEveryCase)(
  'a resume with no row left to write raises nothing, and still restores the earlier raise',
  async () => {
    const proxy = await startFaultProxy({ target: dynalite.endpointUrl, seed: 1 });
    const { dir, args, table } = await setUp('nothing-left', proxy.url);
    // Blank lines at the end are ignored.
    dir.write('tokens.csv', `${tokensCsv(rowCount)}\n\n`);
    const updates: string[] = [];
    proxy.setOwnAnswer((operation, body) => {
      if (operation === 'UpdateTable') updates.push(lowers(body) ? 'lower' : 'raise');
      return undefined;
    });
    const canary = [...args, '--max-rows', '100', '--keep-raised'];
    expect(await dir.run(canary)).toMatchObject({ status: 0 });
    expect(updates).toEqual(['raise']);

    const resumed = await dir.run(['--resume', 'runs/one']);
    expect(resumed).toMatchObject({ status: 0, stdout: expect.stringContaining('100 read = 100 written') });
    expect(resumed.stdout).toContain('capacity     restored: table 20; index by-user 30');
    expect(updates).toEqual(['raise', 'lower']);

    const again = await dir.run(['--resume', 'runs/one']);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('100 read = 100 written') });
    expect(again.stderr).toContain('--raise-wcu 4000: no row is left to write, so nothing is raised');
    expect(again.stderr).not.toContain('write units a second for the import');
    expect(updates).toHaveLength(2);

    expect(await dir.run(['--resume', 'runs/one', '--max-rows', '1000'])).toMatchObject({ status: 0 });
    expect(updates.slice(2)).toEqual(['raise', 'lower']);
    // The state after a kill between the last row and the final checkpoint.
    const { finished: _finished, ...unfinished } = JSON.parse(dir.read('runs/one/checkpoint.json'));
    dir.write('runs/one/checkpoint.json', JSON.stringify(unfinished));
    const last = await dir.run(['--resume', 'runs/one']);
    expect(last).toMatchObject({ status: 0, stdout: expect.stringContaining('400 read = 400 written') });
    expect(updates).toHaveLength(4);
    expect((await table()).units).toEqual(before);
    expect(isUnrestored(dir)).toBe(false);
    await proxy.close();
  },
);

function lowers(body: Readonly<Record<string, unknown>>): boolean {
  return (
    JSON.stringify(body).includes('"WriteCapacityUnits":20') || JSON.stringify(body).includes('"WriteCapacityUnits":30')
  );
}

function tooManyDecreases() {
  return limitExceeded(
    'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first 4 ' +
      'decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds. Number of ' +
      'decreases today: 6. Last decrease at Thursday, January 31, 2030 8:48:14 PM UTC. Next decrease can be made at ' +
      'Thursday, January 31, 2030 9:48:14 PM UTC',
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
