import type { NextStep } from '../domain/run-summary.ts';
import type { KeyAttribute, TableInfo } from '../domain/table.ts';
import { dataPrefix } from '../ports/converted-files.ts';
import {
  type AwsPlace,
  bulkPutCommand,
  importTableCommand,
  leastBulkUnitsPerSecond,
  operationCommand,
  syncCommand,
} from './aws-commands.ts';
import { formatCount, formatDuration, formatNoun } from './format.ts';
import type { ImportEstimate } from './plan/estimate-text.ts';

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

/** Converted files: in a folder, quoted for a shell, or in a bucket below a prefix that is empty or ends with a slash. */
type FilesPlace = { readonly folder: string } | { readonly bucket: string; readonly prefix: string };

/** What an engine of AWS is to load, and how. `table`: as it is described, undefined if it was not. */
type LoadTarget = {
  readonly place: AwsPlace;
  readonly key: readonly KeyAttribute[];
  readonly table: TableInfo | undefined;
  /** Write units a second; undefined: none was asked for. */
  readonly unitsPerSecond: number | undefined;
  readonly runId: string;
};

/** How to load converted files into a table with AWS's own engines, to follow that, and to cancel it. */
export function loadSteps(files: FilesPlace, target: LoadTarget): readonly NextStep[] {
  const { place, runId } = target;
  const { bucket, prefix } = 'bucket' in files ? files : { bucket: 'BUCKET', prefix: `${runId}/` };
  const input = { bucket, prefix: `${prefix}${dataPrefix}`, clientToken: runId };
  const upload: NextStep[] =
    'bucket' in files
      ? []
      : [
          {
            text: 'To upload the files, with the name of your bucket for BUCKET, here and below:',
            command: syncCommand(files.folder, `s3://${bucket}/${prefix}`, place),
          },
        ];
  const errorPrefix = `${prefix}errors/`;
  return [
    ...upload,
    ...bulkSteps(target, (unitsPerSecond) => bulkPutCommand(place, input, errorPrefix, unitsPerSecond)),
    ...importSteps(target, (newPlace) => importTableCommand(newPlace, input, target.key, target.table)),
  ];
}

function bulkSteps(
  { place, table, unitsPerSecond }: LoadTarget,
  command: (unitsPerSecond: number) => string,
): readonly NextStep[] {
  const name = place.tableName;
  if ((table?.replicaRegions?.length ?? 0) > 0) {
    return [
      { text: `Table ${name} is a global table, which StartBulkPutItems cannot write to: use import-tokens for it.` },
    ];
  }
  const pace = unitsPerSecond ?? leastBulkUnitsPerSecond;
  const least = `${formatCount(leastBulkUnitsPerSecond)} write units a second, the least it can be given`;
  const how =
    unitsPerSecond !== undefined && unitsPerSecond >= leastBulkUnitsPerSecond
      ? `${formatCount(unitsPerSecond)} write units a second`
      : `${least}${unitsPerSecond === undefined ? '; --wps sets another' : ', which is more than --wps'}`;
  return [
    { text: `To load them into table ${name}, if it is in use, at ${how}:`, command: `arn=$(${command(pace)})` },
    { text: 'To follow that:', command: operationCommand(place, 'describe-bulk-operation') },
    { text: 'To cancel it:', command: operationCommand(place, 'cancel-bulk-operation') },
  ];
}

function importSteps({ place, table }: LoadTarget, command: (place: AwsPlace) => string): readonly NextStep[] {
  const isNew = table === undefined;
  const name = isNew ? place.tableName : `${table.name}-new`;
  const without = table?.localIndexes.map((index) => index.name) ?? [];
  const lacking =
    without.length === 0
      ? ''
      : `, without its local ${without.length === 1 ? 'index' : 'indexes'} ${without.join(', ')}`;
  const compare = isNew ? '' : ` (to compare that table, pass --table ${name} to the last command)`;
  const like = isNew ? '' : ` like ${table.name}${lacking}`;
  return [
    {
      text: `Or to load them into a new table ${name}${like}:`,
      command: `arn=$(${command({ ...place, tableName: name })})`,
    },
    {
      text: `To follow that, which AWS has no command to cancel${compare}:`,
      command: operationCommand(place, 'describe-import'),
    },
  ];
}
