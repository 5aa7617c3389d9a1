import type { TableInfo } from '../../domain/table.ts';
import type { ImportEstimate } from './estimate.ts';

/** Below this an import is done before a bucket is made. */
const worthABucketRows = 1_000_000;
/** The least pace that a bulk operation can be given. */
const leastBulkUnitsPerSecond = 1024;

/** Where another way in is the better choice; nothing where none is. */
export function importAdvice(
  table: TableInfo | undefined,
  tableIsMissing: boolean,
  rows: number,
  estimate: ImportEstimate,
): readonly string[] {
  if (rows < worthABucketRows) return [];
  if (tableIsMissing || table?.itemCount === 0) return [importTable(tableIsMissing)];
  return table !== undefined && bulkFits(table, estimate) ? [bulkPut] : [];
}

function importTable(tableIsMissing: boolean): string {
  const where = tableIsMissing ? 'The table does not exist' : 'The table is empty, as far as AWS has counted';
  return `${where}: ImportTable makes a new one from CSV or DynamoDB JSON in S3, without write capacity and priced by the GB; its CSV makes every attribute but the keys a string, and of rows with one key an arbitrary one stays.`;
}

const bulkPut =
  'StartBulkPutItems writes DynamoDB JSON from S3 into a table in use, apart from its capacity and priced by itself; it takes the objects in parallel, so of rows with one key an arbitrary one stays.';

/** It can't write to a global table, nor slower than its least pace. */
function bulkFits(table: TableInfo, { faster }: ImportEstimate): boolean {
  const isGlobal = (table.replicaRegions?.length ?? 0) > 0;
  return !isGlobal && faster !== undefined && faster.unitsPerSecond >= leastBulkUnitsPerSecond;
}
