import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { thorough } from '../faults/faulty-table.ts';
import { type Engine, startDynalite } from '../support/engines.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { startPlainServerProcess } from '../support/plain-server-process.ts';
import { PlainTable } from '../support/plain-table.ts';
import { planted } from '../support/planted.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { type WorkDir, workDir } from '../support/work-dir.ts';
import { expectedRows } from './expected-rows.ts';
import { createReader, password, readingConnection, urlOf } from './live-tables.ts';
import { serverColumns } from './server-columns.ts';
import { dialects } from './server-dumps.ts';
import { readServerRows, tableStatements } from './server-table.ts';

const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);
const randomRows = 2000;
const doublings = 14;
const rowCount = 2 ** doublings;
const env = { MYSQL_PWD: password };
/** Enough rows to fill the buffers on the way, so that the server still sends while the import writes. */
const createBig = (name: string, size: number, textBytes = 2000) =>
  `CREATE TABLE ${name} (id int PRIMARY KEY, token varchar(2200)) CHARSET=latin1; INSERT INTO ${name} VALUES (1, '');` +
  Array.from({ length: size }, (_, n) => `INSERT INTO ${name} SELECT id + ${2 ** n}, '' FROM ${name};`).join('') +
  `UPDATE ${name} SET token = CONCAT('${planted}_', id, REPEAT('x', ${textBytes}))`;

describe.each(sqlProducts)('imports from $name', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)('of a live table', { timeout: 180_000 }, () => {
    let server: SqlServer;
    beforeAll(async () => {
      server = await start({ opensPort: true });
      server.query(`CREATE DATABASE app; ${createReader} USE app; ${createBig('big', doublings)}`);
    }, 120_000);
    afterAll(() => server?.stop());

    test(`${randomRows} rows of all types arrive as SELECT gives them (seed ${seed})`, async () => {
      const columns = serverColumns(name).filter((column) => column.name !== 'unseen');
      server.query(`USE app; ${tableStatements('typed', serverColumns(name), randomRows, seededRandom(seed))}`);
      const [engine, dir] = [await startDynalite(), workDir({ planted: [password] })];
      onTestFinished(() => engine.stop());
      await engine.createTable('typed', [{ name: 'id', type: 'N' }]);
      const target = ['--table', 'typed', '--endpoint-url', engine.endpointUrl, '--wps', '100000'];
      const run = await dir.run([urlOf(server, 'typed'), ...target, '--request-timeout', '30s'], { env });
      expect(run.status, run.stderr).toBe(0);
      await compareItems(engine, 'typed', columns);
    });

    test('a plan tells the rows and their length from the server', async () => {
      const run = await workDir().run(
        ['plan', urlOf(server, 'big'), '--repository', 'memory', '--wps', '1000', '--json'],
        {
          env,
        },
      );
      expect(run.status, run.stderr).toBe(0);
      const plan = JSON.parse(run.stdout);
      expect(plan).toMatchObject({
        outcome: 'ready',
        rows: { read: rowCount, importable: rowCount },
        keyNames: ['id'],
      });
      expect(plan.format).toMatch(
        /^rows of the live table "big", 2 columns, 16,384 rows of about [\d,]+ bytes, as of 2/,
      );
    });

    test('the preflight counts the rows and advises a replica', async () => {
      const { proxy, dir } = await targets();
      const run = await dir.run([...importArgs(server, proxy), '--max-rows', '10'], { env });
      expect(run.status, run.stderr).toBe(0);
      expect(run.stderr).toContain('16,384 rows');
      expect(run.stderr).toContain('read from a replica');
    });

    test('an import that is killed goes on exactly, with rows above its mark as they are now', async () => {
      const { table, proxy, dir } = await targets();
      const mark = await killedInTheMiddle(dir, proxy);
      changeAt(mark + 1, 'changed');
      server.query(`DELETE FROM app.big WHERE id = ${mark + 2}; INSERT INTO app.big VALUES (${rowCount + 1}, 'added')`);
      onTestFinished(() => restore(mark));
      const resumed = await dir.run(['--resume', 'run', '--yes'], { env });
      expect(resumed.status, resumed.stderr).toBe(0);
      const { rows } = JSON.parse(dir.read('run/summary.json'));
      expect(rows).toMatchObject({ read: rowCount, written: rowCount, pending: 0 });
      const held = new Map([...table.items().values()].map(({ id, token }) => [Number(id!['N']), token!['S']]));
      // The process that was killed may have written rows above the mark as they were.
      held.delete(mark + 2);
      expect(held.size).toBe(rowCount);
      expect([held.get(mark + 1), held.get(rowCount + 1)]).toEqual(['changed', 'added']);
    });

    test.each([
      ['the first row', () => 1],
      ['the last row below the mark', (mark: number) => mark],
    ])('a resume is refused before its first write if %s was changed', async (_, rowOf) => {
      const { proxy, dir } = await targets();
      const mark = await killedInTheMiddle(dir, proxy);
      await proxy.settled();
      const before = proxy.accepted.length;
      changeAt(rowOf(mark), 'changed');
      onTestFinished(() => restore(rowOf(mark)));
      const resumed = await dir.run(['--resume', 'run', '--yes'], { env });
      expect(resumed).toMatchObject({ status: 4, stderr: expect.stringContaining('changed, added or deleted since') });
      expect(resumed.stderr).toMatch(/a replica that stopped.* start a new run, with --if-exists newer:COLUMN/);
      expect(proxy.accepted).toHaveLength(before);
    });

    test('a row that was added below the mark is found, too', async () => {
      const { proxy, dir } = await targets();
      await killedInTheMiddle(dir, proxy);
      server.query("INSERT INTO app.big VALUES (0, 'added')");
      onTestFinished(() => void server.query('DELETE FROM app.big WHERE id = 0'));
      const resumed = await dir.run(['--resume', 'run', '--yes'], { env });
      expect(resumed).toMatchObject({ status: 4, stderr: expect.stringContaining('changed, added or deleted since') });
    });

    test('a lost connection ends the run with 4, and a resume finishes it', async () => {
      const { table, proxy, dir } = await targets();
      const running = dir.spawn([...importArgs(server, proxy), '--max-ahead', '1000'], { env, stdin: '' });
      await proxy.until(({ received }) => received.items >= 1000);
      server.query(`KILL ${readingConnection(server)}`);
      const lost = await running.ended;
      expect(lost).toMatchObject({
        status: 4,
        stderr: expect.stringMatching(/the connection was lost after [\d,]+ rows/),
      });
      // By another name of the server, as that of a second replica would be.
      const resumed = await dir.run(['--resume', 'run', '--yes', urlOf(server, 'big', 'app', 'localhost')], { env });
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(table.items().size).toBe(rowCount);
    });

    test('a resume with --if-exists keep reads what it has done again, over another connection', async () => {
      const [engine, dir] = [await startDynalite(), workDir({ planted: [password] })];
      onTestFinished(() => engine.stop());
      await engine.createTable('tokens', [{ name: 'id', type: 'N' }]);
      const proxy = await startFaultProxy({ target: engine.endpointUrl, seed });
      onTestFinished(() => proxy.close());
      const some = ['--where', 'id <= 2000', '--max-ahead', '100', '--if-exists', 'keep'];
      const running = dir.spawn([...importArgs(server, proxy), ...some], { env, stdin: '' });
      await Promise.race([proxy.until(({ requests }) => requests.accepted >= 1000), running.ended]);
      running.child.kill('SIGKILL');
      expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
      const resumed = await dir.run(['--resume', 'run', '--yes'], { env });
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(resumed.stderr).not.toContain('cannot be read again');
      const { rows } = JSON.parse(dir.read('run/summary.json'));
      expect(rows).toMatchObject({ read: 2000, pending: 0, rejected: 0 });
      expect(await engine.readItems('tokens')).toHaveLength(2000);
    });

    test('an interrupted import ends in time though the server has more to send', async () => {
      const { proxy, dir } = await targets();
      const running = dir.spawn([...importArgs(server, proxy), '--max-ahead', '1000'], { env, stdin: '' });
      await proxy.until(({ received }) => received.items >= 1000);
      expect(readingConnection(server)).not.toBe('');
      running.child.kill('SIGINT');
      expect(await running.ended).toMatchObject({ status: 130 });
      expect(readingConnection(server)).toBe('');
    });

    test('--where is kept, and a resume with another one is refused', async () => {
      const { table, proxy, dir } = await targets();
      const args = [...importArgs(server, proxy), '--where', 'id <= 100', '--max-rows', '10'];
      expect(await dir.run(args, { env })).toMatchObject({ status: 0 });
      const other = await dir.run(['--resume', 'run', '--yes', '--where', 'id <= 50'], { env });
      expect(other).toMatchObject({
        status: 4,
        stderr: expect.stringContaining('--where is not what this run was started'),
      });
      expect(await dir.run(['--resume', 'run', '--yes', '--max-rows', '1000'], { env })).toMatchObject({ status: 0 });
      expect(table.items().size).toBe(100);
    });

    test('--expect-rows that the table does not have is refused before the first write', async () => {
      const { proxy, dir } = await targets();
      const run = await dir.run([...importArgs(server, proxy), '--expect-rows', '5'], { env });
      expect(run).toMatchObject({ status: 4, stderr: expect.stringContaining('but the table has 16,384 rows') });
      expect(existsSync(`${dir.path}/run`)).toBe(false);
    });

    test.runIf(thorough)('memory is the same after one million rows and after two', { timeout: 600_000 }, async () => {
      server.query(`USE app; ${createBig('million', 21, 80)}`);
      const sink = await startPlainServerProcess({ name: 'tokens', key: [{ name: 'id', type: 'N' }], discard: true });
      onTestFinished(() => sink.stop());
      const dir = workDir({ planted: [password] });
      const sampler = dir.write(
        'sampler.cjs',
        `const out = require('node:fs').openSync('memory.txt', 'w');
         setInterval(() => require('node:fs').writeSync(out, process.memoryUsage().rss + '\\n'), 50).unref();`,
      );
      const nodeOptions = ['--max-old-space-size=96', '--require', sampler];
      const target = ['--endpoint-url', sink.url, '--wps', '10000000', '--quiet'];
      const run = await dir.run([urlOf(server, 'million'), '--run-dir', 'run', ...target], { env, nodeOptions });
      expect(run.status, run.stderr).toBe(0);
      const { rows } = JSON.parse(dir.read('run/summary.json'));
      expect(rows).toMatchObject({ read: 2 ** 21, written: 2 ** 21 });
      const samples = dir.read('memory.txt').trim().split('\n').map(Number);
      const medianOf = (from: number, to: number) => {
        const part = samples.slice(Math.floor(samples.length * from), Math.floor(samples.length * to));
        return part.sort((a, b) => a - b)[part.length >> 1]!;
      };
      const [early, late] = [medianOf(0.4, 0.6), medianOf(0.8, 1)];
      console.info(
        `two million rows of ${name}: ${early / 2 ** 20} MB, then ${late / 2 ** 20} MB (${samples.length} samples)`,
      );
      expect(samples.length).toBeGreaterThan(20);
      expect(late / early).toBeLessThan(1.1);
    });

    function changeAt(id: number, token: string): void {
      server.query(`UPDATE app.big SET token = '${token}' WHERE id = ${id}`);
    }

    /** Makes the table what it was before the rows at the mark were changed. */
    function restore(mark: number): void {
      server.query(
        `DELETE FROM app.big WHERE id > ${rowCount};
         ${[mark, mark + 1, mark + 2].map((id) => `REPLACE INTO app.big VALUES (${id}, CONCAT('${planted}_', ${id}, REPEAT('x', 2000)));`).join('')}`,
      );
    }

    /** Imports until a checkpoint is kept in the middle, and kills the process. Resolves with the rows below the mark. */
    async function killedInTheMiddle(dir: WorkDir, proxy: FaultProxy): Promise<number> {
      const running = dir.spawn([...importArgs(server, proxy), '--max-ahead', '1000'], { env, stdin: '' });
      // A process that ends by itself fails the test instead of hanging it.
      await Promise.race([proxy.until(({ received }) => received.items >= 3000), running.ended]);
      running.child.kill('SIGKILL');
      expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
      const { mark, hash } =
        JSON.parse(dir.read('run/checkpoint.json')).progress ?? JSON.parse(dir.read('run/checkpoint.json'));
      expect(mark.ordinal).toBeGreaterThan(500);
      expect(mark.ordinal).toBeLessThan(rowCount - 100);
      expect(hash.byteOffset).toBe(mark.byteOffset);
      return mark.ordinal;
    }

    async function compareItems(
      engine: Engine,
      table: string,
      columns: ReturnType<typeof serverColumns>,
    ): Promise<void> {
      const stored = readServerRows(server, 'app', table, columns);
      // The items of a row do not depend on the dialect, but for the word NULL in a batch.
      const expected = expectedRows(name, dialects[0]!, columns, stored);
      const items = await engine.readItems(table);
      expect(items).toHaveLength(randomRows);
      const different = items.find((item) => {
        return !isDeepStrictEqual(item, expected.get((item['id'] as { N: string }).N)?.item);
      });
      if (different !== undefined) expect(different).toEqual(expected.get((different['id'] as { N: string }).N)?.item);
    }
  });
});

async function targets() {
  const table = new PlainTable({ name: 'tokens', key: [{ name: 'id', type: 'N' }] });
  const proxy = await startFaultProxy({ target: table, seed, keepAccepted: true });
  onTestFinished(() => proxy.close());
  return { table, proxy, dir: workDir({ planted: [password] }) };
}

function importArgs(server: SqlServer, proxy: FaultProxy): string[] {
  const target = ['--endpoint-url', proxy.url, '--wps', '1000000', '--concurrency', '4', '--settle', '1ms'];
  return [urlOf(server, 'big'), '--run-dir', 'run', '--yes', ...target];
}
