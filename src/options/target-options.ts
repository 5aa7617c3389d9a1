import { option, pacing, reading, toggle, writing } from './option.ts';
import { indexUnits, keyNames } from './syntax/lists.ts';
import { amount, count, size } from './syntax/numbers.ts';
import { accountId, choice, deleteWhere, ifExists, tableName, text, url } from './syntax/texts.ts';

const withCapacity = [...reading, 'capacity'] as const;

/** The table, and how it is found and reached. */
export const targetOptions = {
  repository: option(
    '--repository',
    // `own` is the repository of a program that imports through the package.
    choice<'dynamodb' | 'dynamodb-sdk' | 'memory' | 'own'>('<name>', 'dynamodb', 'dynamodb-sdk', 'memory'),
    pacing,
    'items',
    {
      default: 'dynamodb',
      help: 'where rows are written: dynamodb, dynamodb-sdk (through the AWS SDK) or memory (a rehearsal)',
      brief: 'memory rehearses the import',
    },
  ),
  table: option('-t, --table', tableName, withCapacity, 'items', {
    default: 'tokens',
    help: 'DynamoDB table, as a name or an ARN; an ARN also sets the region and checks the account',
    brief: 'DynamoDB table, as a name or ARN',
  }),
  key: option('--key', keyNames, reading, 'items', {
    shownDefault: 'from the table; in memory from the schema, else the first column',
    help: 'partition key and sort key; convert then needs no table',
  }),
  to: option('--to', text('<dir>'), ['convert'], 'items', {
    help: 'new folder for the files, or s3://bucket/prefix/',
    brief: 'new folder or s3:// prefix for the files',
  }),
  fileBytes: option('--file-bytes', size(64 * 1024, 1024 ** 3), ['convert'], 'items', {
    default: 128 * 1024 ** 2,
    help: 'bytes of lines in a file before compression, about; the rows of a file are held in memory while it is made',
  }),
  region: option('--region', text('<name>'), withCapacity, 'run', {
    shownDefault: 'AWS_REGION, AWS_DEFAULT_REGION or the profile',
    help: 'AWS region',
  }),
  s3Region: option('--s3-region', text('<name>'), reading, 'run', {
    shownDefault: '--region, AWS_REGION, AWS_DEFAULT_REGION or the profile',
    help: 'AWS region of the buckets of s3:// sources',
  }),
  profile: option('--profile', text('<name>'), withCapacity, 'run', {
    shownDefault: 'AWS_PROFILE or AWS_DEFAULT_PROFILE',
    help: 'AWS profile',
  }),
  endpointUrl: option('--endpoint-url', url, withCapacity, 'run', {
    shownDefault: 'AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL',
    help: 'send requests to this endpoint',
  }),
  expectAccount: option('--expect-account', accountId, withCapacity, 'run', {
    help: 'stop unless the table belongs to this AWS account',
  }),
  ifExists: option('--if-exists', ifExists, writing, 'items', {
    default: { kind: 'replace' },
    help: 'what happens to an existing item: replace, keep, or newer:COLUMN (replace it if COLUMN is greater in the row)',
    brief: 'existing items: keep, newer:COLUMN',
  }),
  deleteWhere: option('--delete-where', deleteWhere, pacing, 'items', {
    help: "rows that delete the item with their key: COL=VALUE, COL!=VALUE, 'COL is null' or 'COL is not null'",
  }),
  yes: toggle('-y, --yes', ['import', 'capacity'], 'process', {
    help: 'do not ask before the first write; required if standard input is not a terminal',
    brief: 'skip the confirmation',
  }),
  dryRun: toggle('--dry-run', ['import'], 'process', {
    help: 'preview the import without writing; the same as import-tokens plan',
    conflicts: { '--resume': 'a preview reads the source from its beginning' },
  }),
};

export const paceOptions = {
  wps: option('--wps', amount(1), [...writing, 'convert'], 'run', {
    shownDefault: 'what the table has, less --reserve',
    help: 'write units per second, or a share of what the table has; convert only prints a command with it',
    brief: 'write units per second, or a share of the table',
  }),
  reserve: option('--reserve', amount(0), pacing, 'run', {
    default: { kind: 'percent', value: 20 },
    help: 'units per second of the table and of each index to leave for production',
  }),
  concurrency: option('--concurrency', count(1, 1024), pacing, 'run', {
    default: 64,
    help: 'number of connections, each with one batch in flight',
  }),
  batchSize: option('--batch-size', count(1, 25), writing, 'run', {
    default: 25,
    help: 'maximum number of rows in a batch',
  }),
};

/** Of `--raise-wcu`, and of the command that sets capacity by itself. */
export const capacityOptions = {
  raiseWcu: option('--raise-wcu', count(1), writing, 'run', {
    help: 'raise the write units of the table and each index to N during the import, and restore them at the end',
    brief: 'raise capacity to N during the import',
  }),
  keepRaised: toggle('--keep-raised', writing, 'process', {
    help: 'if the import is stopped, leave capacity raised for --resume; it is restored when the import completes',
    isEchoed: true,
  }),
  wcu: option('--wcu', count(1), ['capacity'], 'run', {
    help: 'write units per second for the table and each index',
    brief: 'write units per second',
  }),
  indexWcu: option('--index-wcu', indexUnits, ['capacity'], 'run', {
    default: {},
    help: 'write units for indexes that differ from the table',
  }),
  suspendAutoscaling: toggle('--suspend-autoscaling', [...writing, 'capacity'], 'run', {
    help: 'suspend auto scaling, which would undo the raise; an import resumes it at the end',
  }),
};
