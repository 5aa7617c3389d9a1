import type { DeclaredColumn, Field, ToldType } from '../../domain/column.ts';
import { countOf } from '../../domain/format.ts';
import type { RowFault } from '../../domain/row.ts';
import type { TableColumn } from '../mysql/definition/table-column.ts';
import { declaredCheck, declaredColumn } from './declared-type.ts';

/**
 * Makes a check of decoded rows that returns the first fault: the number of fields, then each field. `columns`: by field;
 * undefined if not declared. Columns in `types` and `omit` are not checked.
 */
export function rowCheck(
  columns: readonly (TableColumn | undefined)[],
  writtenBy: DeclaredColumn['writtenBy'],
  types: Readonly<Record<string, ToldType>>,
  omit: readonly string[],
): (fields: readonly Field[]) => RowFault | undefined {
  const checks = columns.flatMap((column, field) => {
    if (column === undefined || Object.hasOwn(types, column.name) || omit.includes(column.name)) return [];
    const declared = declaredColumn(column, writtenBy);
    // Bytes are base64 only if the table does not declare them as text.
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
  const message = `the row has ${countOf(fieldCount, 'field')} where ${expected} ${expected === 1 ? 'is' : 'are'} expected`;
  return { code: 'ragged-row', message };
}
