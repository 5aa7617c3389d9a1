import { describe, expect, test } from 'vitest';
import type { TableColumn } from '../../../src/input/mysql/definition/table-column.ts';
import { parseTableDefinitions } from '../../../src/input/mysql/definition/table-definition.ts';
import { chunkSizes, hexOf, readSql, sample, truth } from './sql-files.ts';

const tables = {
  mysql97: parseTableDefinitions(sample('insert-mysql97.sql').toString('latin1'))[0]!,
  mariadb: parseTableDefinitions(sample('insert-mariadb.sql').toString('latin1'))[0]!,
};

/** In the order of the list in the dump's INSERT. */
function listed(columns: readonly TableColumn[], without: string[] = []): TableColumn[] {
  return columns.filter(({ name }) => !without.includes(name));
}

const dumps = [
  { name: 'insert-mysql97.sql', truthName: 'truth-mysql97.tsv', columns: listed(tables.mysql97.columns, ['g']) },
  { name: 'insert-mariadb.sql', truthName: 'truth-mariadb.tsv', columns: listed(tables.mariadb.columns) },
  {
    ...{ name: 'insert-mydumper.sql', truthName: 'truth-mysql97.tsv', characterSet: 'binary', allowIncomplete: true },
    columns: listed(tables.mysql97.columns, ['g']),
  },
];

describe.each(dumps)('$name, as a dumper wrote it', ({ name, truthName, columns, ...other }) => {
  const settings = { columns, timeZone: '+00:00', characterSet: 'utf8mb4', allowIncomplete: false, ...other };
  const binary = columns.map((column) => column.binary);

  test.each(chunkSizes)('equals what the server held, in chunks of %d bytes', (chunkBytes) => {
    const { rows, error } = readSql(sample(name), settings, { binary, chunkBytes });
    expect(error).toBeUndefined();
    const read = rows.map(({ fields }) => fields?.map((field, i) => hexOf(field, columns[i]!.bits)));
    expect(read).toEqual(truth(truthName));
  });

  test('gives each tuple with its place, at any chunk size alike', () => {
    const bytes = sample(name);
    const { rows } = readSql(bytes, settings, { binary });
    for (const { byteOffset, byteLength, raw, line } of rows) {
      expect(bytes.toString('latin1', byteOffset, byteOffset + byteLength)).toBe(raw);
      expect(raw).toMatch(/^\([\s\S]*\)[,;]\s*$/);
      expect(line).toBe(bytes.subarray(0, byteOffset).toString('latin1').split('\n').length);
    }
    for (const chunkBytes of chunkSizes) expect(readSql(bytes, settings, { binary, chunkBytes }).rows).toEqual(rows);
  });

  test('goes on after every row as if it had not stopped', () => {
    const { rows } = readSql(sample(name), settings, { binary });
    for (const [i, row] of rows.entries()) {
      const mark = { byteOffset: row.byteOffset + row.byteLength, line: row.line + row.raw.split('\n').length - 1 };
      const rest = readSql(sample(name), settings, { binary, mark, chunkBytes: 7 });
      expect(rest.error).toBeUndefined();
      expect(rest.rows).toEqual(rows.slice(i + 1));
    }
  });

  test('is never read wrong when it is cut at any byte, and says so', () => {
    const bytes = sample(name);
    const { rows } = readSql(bytes, settings, { binary });
    const texts = rows.map((row) => JSON.stringify(row));
    for (let length = 0; length < bytes.length - 1; length++) {
      const cut = readSql(bytes.subarray(0, length), settings, { binary });
      expect(cut.rows.map((row) => JSON.stringify(row))).toEqual(texts.slice(0, cut.rows.length));
      const isWhole = settings.allowIncomplete && (cut.rows.length === 0 || cut.rows.length === rows.length);
      if (!isWhole || cut.error !== undefined) expect(cut.error?.code).toBe('source-truncated');
    }
  });
});
