import type { ColumnType, DeclaredColumn, Field } from '../../domain/column.ts';
import type { RowFault } from '../../domain/row.ts';
import type { TableColumn } from '../mysql/definition/table-column.ts';
import { declaredCheck, declaredColumn } from './declared-type.ts';

/** What rows are checked against before it is known what they become. */
type DeclaredRow = {
  /** By field; undefined where the table definition does not tell. */
  readonly columns: readonly (TableColumn | undefined)[];
  readonly writtenBy: DeclaredColumn['writtenBy'];
  /** By column name; such a column is not checked. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Names of columns that are not checked. */
  readonly omit: readonly string[];
};

/** Compiled once; called with a decoded row, it returns the first thing that is wrong: the number of fields, then each field. */
export function rowCheck({
  columns,
  writtenBy,
  types,
  omit,
}: DeclaredRow): (fields: readonly Field[]) => RowFault | undefined {
  const checks = columns.flatMap((column, field) => {
    if (column === undefined || Object.hasOwn(types, column.name) || omit.includes(column.name)) return [];
    const declared = declaredColumn(column, writtenBy);
    // Base64 is what bytes are only where the table does not say that they are text.
    const type = writtenBy === 'csv' && column.type === 'B' ? 'S' : column.type;
    const check = declared === undefined ? undefined : declaredCheck(column.name, declared, type);
    return check === undefined ? [] : [{ field, name: column.name, check }];
  });
  return (fields) => {
    if (fields.length !== columns.length) return raggedRow(fields.length, columns.length);
    for (const { field, name, check } of checks) {
      const fault = check.check(fields[field]!);
      if (fault !== undefined) return { code: fault.code, column: name, message: fault.message };
    }
    return undefined;
  };
}

export function raggedRow(fieldCount: number, expected: number): RowFault {
  return {
    code: 'ragged-row',
    message: `the row has ${fieldCount} fields where ${expected} are expected`,
  };
}
