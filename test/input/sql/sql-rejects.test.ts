import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sqlDialect } from '../../../src/input/sql/sql.ts';
import { readSqlHead, valueColumns } from '../../../src/input/sql/sql-head.ts';
import type { SqlSettings } from '../../../src/input/sql/sql-settings.ts';
import { binaryColumns, columnNames, sqlDumps } from './sql-dumps.ts';
import { readSql, sample, wholeTokens } from './sql-files.ts';

const columns = columnNames.map((name) => ({ name }));

/** The reject file that holds these rows of a source. */
function listed(settings: SqlSettings, raws: readonly string[]): Buffer {
  const { header, write } = sqlDialect(settings).listedRows!;
  return Buffer.concat([header, ...raws.flatMap((raw) => [...write(Buffer.from(raw, 'latin1'))])]);
}

test('rows in a file of their own are read as they were in the dump', () => {
  fc.assert(
    fc.property(sqlDumps, ({ bytes }) => {
      const settings = { ...wholeTokens, columns, unlisted: columnNames, characterSet: 'utf8mb4' };
      const app = { ...settings, table: { database: 'app', name: 'tokens' } };
      const { rows } = readSql(bytes, app, { binary: binaryColumns });
      const file = listed(
        app,
        rows.map(({ raw }) => raw),
      );
      const again = readSql(file, { ...settings, allowIncomplete: true }, { binary: binaryColumns });
      expect(again.error).toBeUndefined();
      expect(again.rows.map(({ fields }) => fields)).toEqual(rows.map(({ fields }) => fields));
    }),
    { numRuns: 100 },
  );
});

test('a file of rejected rows says how it is read, and that it has no end', () => {
  const head = readSqlHead(sample('insert-mysql97.sql'))!;
  const settings: SqlSettings = {
    ...wholeTokens,
    ...{ columns: valueColumns(head.tables[0]!), characterSet: 'latin1', timeZone: '+00:00' },
  };
  const file = listed(settings, ["(1,'x'),\n", "(2,'y');"]);
  expect(file.toString().split('\n').slice(0, 3)).toEqual([
    '-- Rows listed by import-tokens',
    '/*!40101 SET NAMES latin1 */;',
    "/*!40103 SET TIME_ZONE='+00:00' */;",
  ]);
  expect(file.toString()).toMatch(/\nINSERT INTO `tokens` \(`token`,.*\) VALUES \(1,'x'\);\nINSERT .*\(2,'y'\);\n$/);
  const again = readSqlHead(file)!;
  expect(again.hasEnd).toBe(false);
  expect(again.tables).toEqual([
    {
      ...{ name: 'tokens', list: settings.columns.map(({ name }) => name), valueCount: 2 },
      ...{ characterSet: 'latin1', timeZone: '+00:00' },
    },
  ]);
});

test('names are quoted, and written in the set of the dump', () => {
  const settings = { ...wholeTokens, table: { name: 'to`kens' }, columns: [{ name: 'é' }], characterSet: 'latin1' };
  const file = listed(settings, ['(1),']);
  expect(file.toString('latin1')).toContain('INSERT INTO `to``kens` (`\xe9`) VALUES (1);\n');
  expect(readSql(file, { ...settings, allowIncomplete: true }).rows[0]?.fields).toEqual(['1']);
  expect(readSqlHead(file)!.tables[0]).toMatchObject({ name: 'to`kens', list: ['é'] });
});
