import { ImportError } from '../../domain/import-error.ts';
import type { DumpedTable, SqlHead } from './sql-head.ts';
import type { TableName } from './sql-statements.ts';

/**
 * The table whose rows are read: the one that `sourceTable` names (`t` or `db.t`), or the only one. A table that is named
 * but not in the head may come later. Throws ImportError `usage` where there is a choice, with the tables that the head
 * shows, and `source-empty` where there is none.
 */
export function chooseTable({ tables }: SqlHead, fileName: string, sourceTable?: string): DumpedTable {
  const named = sourceTable === undefined ? tables : tables.filter((table) => isNamed(table, sourceTable));
  const [only, second] = named;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw ambiguous(fileName, named);
  if (sourceTable === undefined) {
    throw new ImportError('source-empty', `${fileName} begins like an SQL dump, but without a table`, {
      hint: 'Name the table whose rows to import with --source-table.',
    });
  }
  const dot = sourceTable.indexOf('.');
  return dot === -1 ? { name: sourceTable } : { database: sourceTable.slice(0, dot), name: sourceTable.slice(dot + 1) };
}

/** Whether `sourceTable`, `t` or `db.t`, can mean the table. */
export function isNamed({ database, name }: TableName, sourceTable: string): boolean {
  if (name === sourceTable) return true;
  // A dump of one database does not name it.
  return database === undefined ? sourceTable.endsWith(`.${name}`) : sourceTable === `${database}.${name}`;
}

function ambiguous(fileName: string, tables: readonly DumpedTable[]): ImportError {
  const names = tables.map(({ database, name }) => (database === undefined ? name : `${database}.${name}`));
  return new ImportError('usage', `${fileName} holds more than one table: ${names.join(', ')}`, {
    hint: 'Name the one to import with --source-table.',
  });
}
