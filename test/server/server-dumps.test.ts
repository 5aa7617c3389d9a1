import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { characterSet } from '../../src/input/mysql/characters/character-sets.ts';
import { encodeBatch, encodeOutfile } from '../support/mysql-encoder.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { type ServerColumn, serverColumns } from './server-columns.ts';
import { dialects, dumpTable, serverType } from './server-dumps.ts';
import { readServerRows, type ServerRow, tableStatements } from './server-table.ts';

const rowCount = 10_000;
const titled = dialects.map((dialect) => [dialect.title, dialect] as const);
const seed = Number(process.env['IMPORT_TOKENS_SEED'] ?? 5);

describe.each(sqlProducts)('dumps of $name', ({ enabled, name, start }) => {
  describe.skipIf(!enabled)(`${rowCount} random rows (seed ${seed})`, { timeout: 60_000 }, () => {
    const columns = serverColumns(name);
    let server: SqlServer;
    let rows: readonly ServerRow[];
    beforeAll(async () => {
      server = await start();
      server.query(
        `CREATE DATABASE app; USE app;\n${tableStatements('tokens', columns, rowCount, seededRandom(seed))}`,
      );
      rows = readServerRows(server, 'app', 'tokens', columns);
    }, 120_000);
    afterAll(() => server?.stop());

    test('every column holds several values, NULL if it can, and values that are hard to read', () => {
      expect(rows).toHaveLength(rowCount);
      for (const [i, column] of columns.entries()) {
        const stored = rows.map((row) => row.stored[i]!);
        const distinct = new Set<string | null>(stored.map((value) => value?.toString('latin1') ?? null));
        expect(distinct.size, column.name).toBeGreaterThan(column.nullable && column.bits !== 1 ? 2 : 1);
        expect(distinct.has(null), column.name).toBe(column.nullable && column.value !== undefined);
      }
      for (const kind of ['S', 'B', 'BIT']) {
        const seen = new Set<number>();
        for (const [i, column] of columns.entries()) {
          if (column.kind === kind) for (const { stored } of rows) for (const byte of stored[i] ?? []) seen.add(byte);
        }
        expect(
          Buffer.from('\0\t\n\r\\N"\',;|^!%').filter((byte) => !seen.has(byte)),
          kind,
        ).toHaveLength(0);
      }
    });

    test('text of single-byte sets equals what the decoding tables make of its bytes', () => {
      let unreadable = 0;
      for (const [i, { characterSet: set }] of columns.entries()) {
        if (set === undefined) continue;
        for (const { stored, values } of rows) {
          if (stored[i] === null) continue;
          const text = (characterSet(set) as { decode(bytes: Buffer): string | undefined }).decode(stored[i]!);
          if (text === undefined) unreadable++;
          else expect(text).toBe(values[i]!.toString());
        }
      }
      expect(unreadable).toBeGreaterThan(10);
    });

    test.each(titled)('%s: the dump equals what the independent encoder writes', (_, dialect) => {
      // SELECT and CAST write small numbers of these types differently.
      const isDumped = columns.map(({ sqlType }) => dialect.outfile !== undefined || !/^(float|double)/.test(sqlType));
      const dumped = columns.filter((_, i) => isDumped[i]);
      const dump = dumpTable(server, 'app', 'tokens', dumped, dialect);
      const bytes = Buffer.isBuffer(dump.rows) ? dump.rows : readFileSync(dump.rows);
      const types = dumped.map((column) => serverType(column, name));
      const expected = dialect.outfile
        ? encodeOutfile(
            rows.map((row) => row.stored),
            types,
            dialect.outfile,
          )
        : encodeBatch(
            dumped.map((column) => column.name),
            rows.map((row) => batchValues(columns, row).filter((_, i) => isDumped[i])),
          );
      expect(firstDifference(bytes, expected)).toBeUndefined();
    });
  });
});

/** The client writes text in UTF-8, and BIT as its bytes. */
function batchValues(columns: readonly ServerColumn[], { stored, values }: ServerRow): (Buffer | null)[] {
  return columns.map((column, i) => (column.kind === 'BIT' ? stored[i]! : values[i]!));
}

/** The place where two texts differ, with some bytes of both. */
function firstDifference(actual: Buffer, expected: Buffer): object | undefined {
  if (actual.equals(expected)) return undefined;
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  const position = at === -1 ? actual.length : at;
  const around = (bytes: Buffer) => bytes.toString('latin1', Math.max(0, position - 80), position + 40);
  return { position, actual: around(actual), expected: around(expected) };
}
