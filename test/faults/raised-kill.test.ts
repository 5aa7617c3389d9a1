import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { tokensCsv } from '../cli/e2e/dynamo-target.ts';
import { type Engine, startDynalite } from '../support/engines.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { success } from '../support/plain-table/answers.ts';
import { changeProvision, provisionedTable, provisionOf } from '../support/provisioned-table.ts';
import { workDir } from '../support/work-dir.ts';
import { thorough } from './faulty-table.ts';

const before = { '': { writeUnits: 20, readUnits: 5 }, 'by-user': { writeUnits: 30, readUnits: 7 } };

let dynalite: Engine;
beforeAll(async () => {
  dynalite = await startDynalite({ updateTableMs: 20 });
});
afterAll(() => dynalite.stop());

/** From the opening of the source to the last request to the table. */
const requests = Array.from({ length: 21 }, (_, index) => 2 * index + 3);

test.each(thorough ? requests : [9, 15, 19])(
  'a run killed during its request %i leaves the raise on disk, and the next one restores it',
  { timeout: 60_000 },
  async (fatal) => {
    const table = `killed-${fatal}`;
    await provisionedTable(dynalite, table, before[''], { 'by-user': before['by-user'] });
    const proxy = await startFaultProxy({ target: dynalite.endpointUrl, seed: 1 });
    onTestFinished(() => proxy.close());
    const dir = workDir();
    dir.write('tokens.csv', tokensCsv(100));
    const place = ['--table', table, '--endpoint-url', proxy.url];
    const flags = ['--run-dir', 'run', '--raise-wcu', '4000', '--settle', '0'];
    const running = dir.spawn(['tokens.csv', ...place, ...flags], { stdin: '' });
    let seen = 0;
    // The request is still carried out, as for a process that dies while it waits for the answer.
    proxy.setOwnAnswer(() => {
      seen++;
      if (seen === fatal) running.child.kill('SIGKILL');
      return undefined;
    });
    const { signal } = await running.ended;
    const isUnrestored = () => existsSync(join(dir.path, 'run/capacity.json'));
    const left = await unitsOnceActive(table);
    expect({ killed: signal === 'SIGKILL', raised: !isBefore(left) && !isUnrestored() }).toEqual({
      killed: seen >= fatal,
      raised: false,
    });
    if (!existsSync(join(dir.path, 'run/manifest.json'))) return expect(left).toEqual(before);

    const next = fatal % 4 === 1 ? ['--resume', 'run', '--settle', '0'] : ['capacity', 'restore', 'run'];
    const { status, stderr } = await dir.run(next);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(await unitsOnceActive(table)).toEqual(before);
    expect(isUnrestored()).toBe(false);
  },
);

// Takes ten seconds, because a change may not be visible for that long.
test.runIf(thorough)(
  'a run stopped before the raise takes effect waits for it and restores capacity',
  { timeout: 60_000 },
  async () => {
    await provisionedTable(dynalite, 'unseen', before[''], { 'by-user': before['by-user'] });
    const proxy = await startFaultProxy({ target: dynalite.endpointUrl, seed: 1 });
    onTestFinished(() => proxy.close());
    const dir = workDir();
    dir.write('tokens.csv', tokensCsv(100));
    const args = ['tokens.csv', '--table', 'unseen', '--endpoint-url', proxy.url, '--run-dir', 'run'];
    const running = dir.spawn([...args, '--raise-wcu', '4000'], { stdin: '' });
    proxy.setOwnAnswer((operation) => {
      if (operation !== 'UpdateTable') return undefined;
      proxy.setOwnAnswer(undefined);
      running.child.kill('SIGTERM');
      return success({ TableDescription: { TableName: 'unseen', TableStatus: 'UPDATING' } });
    });
    await running.until('may not have taken effect yet');
    await changeProvision(dynalite, 'unseen', { writeUnits: 4000, readUnits: 5 });
    expect(await running.ended).toMatchObject({ status: 143 });
    expect(await unitsOnceActive('unseen')).toEqual(before);
    expect(existsSync(join(dir.path, 'run/capacity.json'))).toBe(false);
  },
);

function isBefore(units: object): boolean {
  return JSON.stringify(units) === JSON.stringify(before);
}

async function unitsOnceActive(table: string): Promise<object> {
  let provision = await provisionOf(dynalite, table);
  while (provision.status !== 'ACTIVE') provision = await provisionOf(dynalite, table);
  return provision.units;
}
