import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, type PlainItem, startDynalite } from '../support/engines.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { workDir } from '../support/work-dir.ts';
import { type ExpectedRow, expectedRows } from './expected-rows.ts';
import { type ServerColumn, serverColumns } from './server-columns.ts';
import { type Dialect, dialects, dumpTable } from './server-dumps.ts';
import { inUtc, readServerRows, type ServerRow, tableStatements } from './server-table.ts';

const rowCount = 10_000;
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);
const [tab] = dialects;
const titled = dialects.map((dialect) => [dialect.title, dialect] as const);

describe.each(sqlProducts)('rows of $name in DynamoDB', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)(`${rowCount} random rows (seed ${seed})`, { timeout: 120_000 }, () => {
    const columns = serverColumns(name);
    const bits = columns.filter(({ kind }) => kind === 'BIT').map(({ name }) => name);
    let server: SqlServer;
    let engine: Engine;
    let rows: readonly ServerRow[];
    beforeAll(async () => {
      [server, engine] = await Promise.all([start(), startDynalite()]);
      server.query(
        `CREATE DATABASE app; USE app;\n${tableStatements('tokens', columns, rowCount, seededRandom(seed))}`,
      );
      rows = readServerRows(server, 'app', 'tokens', columns);
      expect(rows).toHaveLength(rowCount);
    }, 120_000);
    afterAll(async () => {
      await Promise.all([server?.stop(), engine?.stop()]);
    });

    test.each(titled)('%s: each row arrives as SELECT returns it, or is one to reject', async (_, dialect) => {
      const expected = expectedRows(name, dialect, columns, rows);
      compare(await imported(dialect.name, dumped(dialect), ...statusOf(expected)), expected);
    });

    test('BIT columns with --types B arrive as bytes', async () => {
      const asBytes = columns.map(
        (column): ServerColumn => (column.kind === 'BIT' ? { ...column, kind: 'B' } : column),
      );
      const stored = rows.map((row) => ({
        ...row,
        values: row.values.map((value, i) => (asBytes[i]!.bits === undefined ? value : row.stored[i]!)),
      }));
      const expected = expectedRows(name, tab!, asBytes, stored);
      const types = ['--types', bits.map((bit) => `${bit}=B`).join(',')];
      compare(await imported('bytes', [...dumped(tab!), ...types], ...statusOf(expected)), expected);
    });

    test('BIT columns selected as numbers arrive as numbers and as booleans', async () => {
      const types = bits.map((bit) => `${bit}=${bit.startsWith('one') ? 'BOOL' : 'N'}`).join(',');
      const fields = ['id', ...bits.map((bit) => `${bit}+0 AS ${bit}`)];
      const file = workDir().write('tokens.tsv', select(`SELECT ${fields.join(', ')} FROM tokens`));
      const schema = `${server.dump('app', '--no-data')}/tokens.sql`;
      const items = await imported('numbers', [file, '--schema', schema, '--types', types], 0);
      for (const { values } of rows) {
        const entries = columns.flatMap(({ name, kind }, i) => {
          const number = values[i]?.toString();
          if ((kind !== 'BIT' && name !== 'id') || number === undefined) return [];
          return [[name, name.startsWith('one') ? { BOOL: number === '1' } : { N: number }] as const];
        });
        expect(items.get(String(values[0]))).toEqual(Object.fromEntries(entries));
      }
      expect(items.size).toBe(rowCount);
    });

    test('seconds of EPOCH columns are those of UNIX_TIMESTAMP', async () => {
      server.query(
        'CREATE DATABASE times; CREATE TABLE times.tokens (PRIMARY KEY (id)) SELECT id, expires FROM app.tokens',
      );
      const flags = ['--types', 'expires=EPOCH', '--zero-dates', 'null', '--time-zone', 'Asia/Tokyo'];
      const items = await imported('epoch', [`${server.dump('times')}/tokens.txt`, ...flags], 0);
      const lines = select('SELECT id, UNIX_TIMESTAMP(expires) FROM tokens').toString().split('\n').slice(1, -1);
      for (const line of lines) {
        const [id, seconds] = line.split('\t');
        const expires = items.get(id!)!['expires'];
        expect(expires).toEqual(seconds === 'NULL' || Number(seconds) === 0 ? undefined : { N: seconds });
      }
      expect(lines).toHaveLength(rowCount);
    });

    /** The importer's arguments for a dump of the table. */
    function dumped(dialect: Dialect): string[] {
      const dump = dumpTable(server, 'app', 'tokens', columns, dialect);
      if (!Buffer.isBuffer(dump.rows)) return [dump.rows, ...dialect.flags];
      return [workDir().write('tokens.tsv', dump.rows), '--schema', dump.schema];
    }

    function select(sql: string): Buffer {
      return server.query(`${inUtc} ${sql}`, '--quick', '--default-character-set=utf8mb4', 'app');
    }

    async function imported(table: string, args: readonly string[], ...statuses: readonly number[]) {
      await engine.createTable(table, [{ name: 'id', type: 'N' }]);
      const endpoint = ['--endpoint-url', engine.endpointUrl, '--request-timeout', '30s'];
      const target = ['--table', table, ...endpoint, '--wps', '100000', '--max-rejects', '-1'];
      const run = await workDir().run([...args, ...target]);
      expect(statuses, run.stderr.slice(0, 4000)).toContain(run.status);
      const items = await engine.readItems(table);
      return new Map(items.map((item) => [(item['id'] as { N: string }).N, item]));
    }
  });
});

function statusOf(expected: ReadonlyMap<string, ExpectedRow>): number[] {
  const fates = new Set([...expected.values()].map(({ fate }) => fate));
  if (fates.has('rejected')) return [5];
  return fates.has('either') ? [0, 5] : [0];
}

/** Names at most ten rows of each kind of difference. */
function compare(items: ReadonlyMap<string, PlainItem>, expected: ReadonlyMap<string, ExpectedRow>): void {
  const all = [...expected];
  const idsOf = (matches: (row: ExpectedRow, item: PlainItem | undefined) => boolean) =>
    all.filter(([id, row]) => matches(row, items.get(id))).map(([id]) => id);
  const wronglyRejected = idsOf(({ fate }, item) => fate === 'written' && item === undefined);
  const wronglyWritten = idsOf(({ fate }, item) => fate === 'rejected' && item !== undefined);
  expect({ wronglyRejected: wronglyRejected.slice(0, 10), wronglyWritten: wronglyWritten.slice(0, 10) }).toEqual({
    wronglyRejected: [],
    wronglyWritten: [],
  });
  // Comparing first is much faster than ten thousand expectations.
  const different = [...items].find(([id, item]) => !isDeepStrictEqual(item, expected.get(id)?.item));
  if (different !== undefined) expect(different[1], different[0]).toEqual(expected.get(different[0])?.item);
  expect(different).toBeUndefined();
  expect(items.size).toBeGreaterThan(rowCount / 10);
}
