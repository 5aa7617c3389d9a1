import type { TableInfo } from '../../domain/table.ts';
import { leastBulkUnitsPerSecond } from '../aws-commands.ts';
import { formatCount, formatDuration, formatNoun } from '../format.ts';
import type { ImportEstimate } from './estimate-text.ts';

/** The way into the table that fits best, and why. */
export type LoadWay = {
  readonly way: 'importer' | 'shards' | 'import-table' | 'bulk-put';
  readonly text: string;
  readonly because: string;
};

/** What the choice depends on. */
export type LoadFacts = {
  readonly rows: number;
  readonly writeUnits: number;
  /** Undefined if it does not exist, or was not looked at. */
  readonly table: TableInfo | undefined;
  readonly tableIsMissing: boolean;
  /** Write units a second that the account allows one table; undefined if it is not known. */
  readonly quota: number | undefined;
  readonly estimate: Pick<ImportEstimate, 'times' | 'faster'>;
};

/** Fewer rows are written before the files of a conversion are in a bucket. */
const leastRowsForAws = 1_000_000;
/** What one process sustains on a slow machine, next to other work. */
const rowsPerSecondOfProcess = 100_000;
/** The quota of a table unless the account has another. */
const defaultQuota = 40_000;
const longSeconds = 24 * 3600;

/**
 * Chooses between this importer, shards of it, and AWS's own engines, by the first of these rules that holds:
 *
 * 1. Fewer than a million rows: this importer.
 * 2. A table that is missing or empty: ImportTable, which needs no write capacity.
 * 3. A table in use, but not a global one, at 1,024 write units a second or more, if the rate asked for is above the
 *    quota of a table, or if the import takes longer than a day: StartBulkPutItems.
 * 4. More rows a second than one process sustains: shards.
 * 5. Otherwise: this importer.
 */
export function chooseWay(facts: LoadFacts): LoadWay {
  const { rows, writeUnits, table, tableIsMissing, quota = defaultQuota, estimate } = facts;
  if (rows < leastRowsForAws) {
    return importer(`${formatNoun(rows, 'row')} can be written before files for AWS are in a bucket`);
  }
  if (tableIsMissing || table?.itemCount === 0) return importTable(tableIsMissing);
  const seconds = estimate.times[0]?.seconds;
  const now = seconds === undefined || seconds === 0 ? undefined : writeUnits / seconds;
  const asked = estimate.faster?.unitsPerSecond ?? now;
  if (asked === undefined) return importer('no rate is known, and it paces itself by what the table has');
  const isGlobal = (table?.replicaRegions?.length ?? 0) > 0;
  if (!isGlobal && asked >= leastBulkUnitsPerSecond) {
    if (asked > quota)
      return bulkPut(
        `${formatCount(asked)} write units a second are above the quota of a table, ${formatCount(quota)}`,
      );
    const duration = estimate.faster?.seconds ?? seconds!;
    if (duration > longSeconds) return bulkPut(`the import would take ${formatDuration(duration)}`);
  }
  const rowsPerSecond = (Math.min(asked, quota) * rows) / writeUnits;
  if (rowsPerSecond > rowsPerSecondOfProcess) return shards(rowsPerSecond);
  const pace = `one process sustains ${formatCount(rowsPerSecond)} rows a second`;
  return importer(isGlobal ? `${pace}, and AWS does not load files into a global table` : pace);
}

function importer(because: string): LoadWay {
  return { way: 'importer', text: 'this importer', because };
}

function shards(rowsPerSecond: number): LoadWay {
  const count = Math.ceil(rowsPerSecond / rowsPerSecondOfProcess);
  return {
    way: 'shards',
    text: `this importer in ${count} shards: --shard 1/${count}, and so on, each with its share of --wps`,
    because: `one process sustains about ${formatCount(rowsPerSecondOfProcess)} rows a second, and ${formatCount(rowsPerSecond)} are asked for`,
  };
}

function importTable(tableIsMissing: boolean): LoadWay {
  const state = tableIsMissing ? 'the table does not exist' : 'the table is empty, as far as AWS has counted';
  return {
    way: 'import-table',
    text: 'ImportTable of AWS, which makes a new table from the files of import-tokens convert',
    because: `${state}, and an import from S3 needs no write capacity and is priced by the GB`,
  };
}

function bulkPut(because: string): LoadWay {
  return {
    way: 'bulk-put',
    text: 'StartBulkPutItems of AWS, which loads the files of import-tokens convert apart from the capacity of the table',
    because,
  };
}
