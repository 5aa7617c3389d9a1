import type { TableInfo } from '../../src/domain/table.ts';
import { tokensTable } from '../support/tokens-table.ts';

/** A table with these write and read units by part; its own name is `''`. */
export function tableOf(units: Readonly<Record<string, readonly [number, number]>>): TableInfo {
  const part = ([provisionedWriteUnits, provisionedReadUnits]: readonly [number, number]) => ({
    ...{ status: 'ACTIVE', provisionedWriteUnits, provisionedReadUnits },
  });
  const { '': table, ...indexes } = units;
  return {
    ...{ ...tokensTable, ...part(table ?? [1, 1]) },
    globalIndexes: Object.entries(indexes).map(([name, given]) => ({ ...part(given), name, key: [] })),
  };
}

/** A table with so many write units, and indexes with so many each. */
export function provisioned(writeUnits: number, indexes: Readonly<Record<string, number>> = {}): TableInfo {
  const parts = Object.entries({ '': writeUnits, ...indexes });
  return tableOf(Object.fromEntries(parts.map(([name, units]) => [name, [units, 5]])));
}
