import type { TableColumn } from './table-definition.ts';

/**
 * The columns as the dump holds them. `--types f=N` says that a BIT column was selected as a number (`f+0`), as does any
 * type but B, which keeps its bytes, and BOOL for BIT(1), which takes either.
 */
export function withToldBits(
  columns: readonly TableColumn[],
  types: Readonly<Record<string, string>>,
): readonly TableColumn[] {
  return columns.map((column) => {
    const told = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    if (column.bits === undefined || told === undefined) return column;
    if (told === 'B') return { ...column, type: 'B', binary: true };
    if (told === 'BOOL' && column.bits === 1) return { ...column, digits: true };
    const { bits: _, ...other } = column;
    return { ...other, sqlType: `${column.sqlType}+0`, digits: true };
  });
}

/** BIT columns of which no flag says how they were dumped. */
export function untoldBits(
  columns: readonly TableColumn[],
  types: Readonly<Record<string, string>>,
  omitted: readonly string[],
): readonly TableColumn[] {
  return columns.filter(
    ({ bits, name }) => bits !== undefined && !Object.hasOwn(types, name) && !omitted.includes(name),
  );
}

/**
 * Whether values of the column stand between enclosures under `--fields-optionally-enclosed-by`: those of all types but
 * numbers. To a server that escapes BIT it is not a number.
 */
export function isEnclosable({ type, bits, digits }: TableColumn, bitsAre: 'raw' | 'escaped'): boolean {
  return bits === undefined ? type !== 'N' && digits !== true : bitsAre === 'escaped';
}
