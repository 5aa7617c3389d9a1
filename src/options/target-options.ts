import { option, reading, toggle, writing } from './option.ts';
import { indexUnits, keyNames } from './syntax/lists.ts';
import { amount, count } from './syntax/numbers.ts';
import { accountId, choice, ifExists, tableName, text, url } from './syntax/texts.ts';

const withCapacity = [...reading, 'capacity'] as const;

/** The table, and how it is found and reached. */
export const targetOptions = {
  repository: option(
    '--repository',
    // `own` is the repository of a program that imports through the package.
    choice<'dynamodb' | 'dynamodb-sdk' | 'memory' | 'own'>('<name>', 'dynamodb', 'dynamodb-sdk', 'memory'),
    {
      default: 'dynamodb',
      help: 'where rows are written: dynamodb, dynamodb-sdk (through the AWS SDK) or memory (a rehearsal)',
      commands: reading,
      scope: 'items',
      brief: 'memory rehearses the import',
    },
  ),
  table: option('-t, --table', tableName, {
    default: 'tokens',
    help: 'DynamoDB table, as a name or an ARN; an ARN also sets the region and checks the account',
    commands: withCapacity,
    scope: 'items',
    brief: 'DynamoDB table, as a name or ARN',
  }),
  key: option('--key', keyNames, {
    help: 'partition key and sort key, if the table cannot be described',
    commands: reading,
    scope: 'items',
  }),
  region: option('--region', text('<name>'), {
    shownDefault: 'AWS_REGION, AWS_DEFAULT_REGION or the profile',
    help: 'AWS region',
    commands: withCapacity,
    scope: 'run',
  }),
  profile: option('--profile', text('<name>'), {
    shownDefault: 'AWS_PROFILE or AWS_DEFAULT_PROFILE',
    help: 'AWS profile',
    commands: withCapacity,
    scope: 'run',
  }),
  endpointUrl: option('--endpoint-url', url, {
    shownDefault: 'AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL',
    help: 'send requests to this endpoint',
    commands: withCapacity,
    scope: 'run',
  }),
  expectAccount: option('--expect-account', accountId, {
    help: 'stop unless the table belongs to this AWS account',
    commands: withCapacity,
    scope: 'run',
  }),
  ifExists: option('--if-exists', ifExists, {
    default: { kind: 'replace' },
    help: 'what happens to an existing item: replace, keep, or newer:COLUMN (replace it if COLUMN is greater in the row)',
    commands: writing,
    scope: 'items',
    brief: 'existing items: keep, newer:COLUMN',
  }),
  yes: toggle('-y, --yes', {
    help: 'do not ask before the first write; required if standard input is not a terminal',
    commands: ['import', 'capacity'],
    scope: 'process',
    brief: 'skip the confirmation',
  }),
  dryRun: toggle('--dry-run', {
    help: 'preview the import without writing; the same as import-tokens plan',
    commands: ['import'],
    scope: 'process',
    conflicts: { '--resume': 'a preview reads the source from its beginning' },
  }),
};

export const paceOptions = {
  wps: option('--wps', amount(1), {
    shownDefault: 'what the table has, less --reserve',
    help: 'write units per second, or a share of what the table has',
    commands: writing,
    scope: 'run',
    brief: 'write units per second, or a share of the table',
  }),
  reserve: option('--reserve', amount(0), {
    default: { kind: 'percent', value: 20 },
    help: 'units per second of the table and of each index to leave for production',
    commands: reading,
    scope: 'run',
  }),
  concurrency: option('--concurrency', count(1, 1024), {
    default: 64,
    help: 'number of connections, each with one batch in flight',
    commands: reading,
    scope: 'run',
  }),
  batchSize: option('--batch-size', count(1, 25), {
    default: 25,
    help: 'maximum number of rows in a batch',
    commands: writing,
    scope: 'run',
  }),
};

/** Of `--raise-wcu`, and of the command that sets capacity by itself. */
export const capacityOptions = {
  raiseWcu: option('--raise-wcu', count(1), {
    help: 'raise the write units of the table and each index to N during the import, and restore them at the end',
    commands: writing,
    scope: 'run',
    brief: 'raise capacity to N during the import',
  }),
  keepRaised: toggle('--keep-raised', {
    help: 'if the import is stopped, leave capacity raised for --resume; it is restored when the import completes',
    commands: writing,
    scope: 'process',
    isEchoed: true,
  }),
  wcu: option('--wcu', count(1), {
    help: 'write units per second for the table and each index',
    commands: ['capacity'],
    scope: 'run',
    brief: 'write units per second',
  }),
  indexWcu: option('--index-wcu', indexUnits, {
    default: {},
    help: 'write units for indexes that differ from the table',
    commands: ['capacity'],
    scope: 'run',
  }),
  suspendAutoscaling: toggle('--suspend-autoscaling', {
    help: 'suspend auto scaling, which would undo the raise; an import resumes it at the end',
    commands: [...writing, 'capacity'],
    scope: 'run',
  }),
};
