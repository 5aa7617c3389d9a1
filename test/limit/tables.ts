import type { TableInfo, WriteCapacity } from '../../src/domain/table.ts';

const common = {
  ...{ name: 'tokens', arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens', account: '000000000000' },
  ...{ region: 'us-east-1', status: 'ACTIVE', itemCount: 0, sizeBytes: 0, localIndexes: [] },
  key: [{ name: 'token', type: 'S' }],
} as const;

/** A table with so many write units, and indexes with so many each. */
export function provisioned(writeUnits: number, indexes: Readonly<Record<string, number>> = {}): TableInfo {
  return {
    ...common,
    ...{ billing: 'provisioned', provisionedWriteUnits: writeUnits, provisionedReadUnits: 5 },
    globalIndexes: Object.entries(indexes).map(([name, provisionedWriteUnits]) =>
      indexOf(name, { provisionedWriteUnits }),
    ),
  };
}

export function onDemand(
  capacity: WriteCapacity = {},
  indexes: Readonly<Record<string, WriteCapacity>> = {},
): TableInfo {
  return {
    ...common,
    ...{ billing: 'on-demand', ...capacity },
    globalIndexes: Object.entries(indexes).map(([name, figures]) => indexOf(name, figures)),
  };
}

function indexOf(name: string, capacity: WriteCapacity): TableInfo['globalIndexes'][number] {
  return { name, status: 'ACTIVE', key: [{ name: 'user', type: 'S' }], ...capacity };
}
