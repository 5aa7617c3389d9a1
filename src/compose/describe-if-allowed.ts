import type { Connection } from '../adapters/dynamodb/connection.ts';
import { ImportError } from '../domain/import-error.ts';
import { notReady, type TableInfo } from '../domain/table.ts';
import { unlessStopped } from './unless-stopped.ts';

/** What the operator says in place of the table. */
type Told = { readonly key: boolean; readonly rate: boolean; readonly rateFlag: '--wps' | '--rcu' };

/**
 * Undefined where DescribeTable is denied and the operator says what the table would have told: key and rate. Throws
 * ImportError for all else that is in the way, and what `signal` aborts with.
 */
export async function describeIfAllowed(
  connection: Connection,
  tableName: string,
  told: Told,
  signal: AbortSignal,
): Promise<TableInfo | undefined> {
  const { describeTable } = await import('../adapters/dynamodb/table/describe-table.ts');
  try {
    const table = await unlessStopped(signal, describeTable(connection, tableName));
    if (table.status === 'ACTIVE' || table.status === 'UPDATING') return table;
    throw notReady(table);
  } catch (error) {
    if (!(error instanceof ImportError) || error.code !== 'access-denied') throw error;
    if (told.key && told.rate) return undefined;
    throw new ImportError('access-denied', error.message, {
      hint: `Allow dynamodb:DescribeTable, or name the primary key with --key and the rate with ${told.rateFlag}.`,
      cause: error,
    });
  }
}
