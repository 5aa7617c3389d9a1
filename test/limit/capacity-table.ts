import type { TableInfo } from '../../src/domain/table.ts';

/** A table with these write and read units by part; its own name is `''`. */
export function tableOf(units: Readonly<Record<string, readonly [number, number]>>): TableInfo {
  const part = ([writeUnits, readUnits]: readonly [number, number]) => ({
    status: 'ACTIVE',
    provisionedWriteUnits: writeUnits,
    provisionedReadUnits: readUnits,
  });
  const { '': table, ...indexes } = units;
  return {
    ...part(table ?? [1, 1]),
    name: 'tokens',
    arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens',
    account: '000000000000',
    region: 'us-east-1',
    itemCount: 0,
    sizeBytes: 0,
    billing: 'provisioned',
    key: [{ name: 'token', type: 'S' }],
    globalIndexes: Object.entries(indexes).map(([name, given]) => ({ ...part(given), name, key: [] })),
    localIndexes: [],
  };
}
