import type { TableInfo } from '../../src/domain/table.ts';

/** The description of an active, empty table without indexes. */
export const tokensTable: TableInfo = {
  ...{ name: 'tokens', arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens', account: '000000000000' },
  ...{ region: 'us-east-1', status: 'ACTIVE', itemCount: 0, sizeBytes: 0, billing: 'provisioned' },
  key: [{ name: 'token', type: 'S' }],
  ...{ globalIndexes: [], localIndexes: [] },
};
