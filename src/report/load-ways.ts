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
import { formatCount } from './format.ts';

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
  const like = isNew ? '' : ` like ${table.name}${lacking}`;
  return [
    {
      text: `Or to load them into a new table ${name}${like}:`,
      command: `arn=$(${command({ ...place, tableName: name })})`,
    },
    {
      text: 'To follow that, which AWS has no command to cancel:',
      command: operationCommand(place, 'describe-import'),
    },
  ];
}
