import type { ImportOptions } from './import-options.ts';
import { alsoForCapacity, constant, flag, type OptionGroup, onlyFor } from './option-row.ts';
import { parseIfExists } from './parse/parse-if-exists.ts';
import { parseKey } from './parse/parse-list.ts';
import { parseTable } from './parse/parse-table.ts';
import { parseChoice, parseShape, parseText, parseUrl } from './parse/parse-text.ts';

/** Which table, found and reached how. */
export const targetOptions: OptionGroup = {
  heading: 'Target:',
  options: [
    flag(
      'repository',
      '--repository <name>',
      'dynamodb, dynamodb-sdk (through the AWS SDK) or memory (a rehearsal)',
      parseChoice<ImportOptions['repository']>('dynamodb', 'dynamodb-sdk', 'memory'),
    ),
    ...alsoForCapacity(
      flag(
        'table',
        '--table <name>',
        'table to import into, by its name, or by its ARN, which tells region and account',
        parseTable,
      ),
    ),
    flag('key', '--key <a[,b]>', 'partition key and sort key, where they cannot be read from the table', parseKey),
    ...alsoForCapacity(
      flag('region', '--region <name>', 'AWS region; else AWS_REGION, AWS_DEFAULT_REGION or the profile', parseText),
      flag('profile', '--profile <name>', 'AWS profile; else AWS_PROFILE or AWS_DEFAULT_PROFILE', parseText),
      flag(
        'endpointUrl',
        '--endpoint-url <url>',
        'another endpoint; else AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL',
        parseUrl,
      ),
      flag(
        'expectAccount',
        '--expect-account <id>',
        'stop unless the table belongs to this AWS account',
        parseShape(/^\d{12}$/, 'an AWS account of 12 digits', (dashed) => dashed.replace(/[- ]/g, '')),
      ),
    ),
    ...onlyFor(
      ['import', 'plan'],
      flag(
        'ifExists',
        '--if-exists <how>',
        'an item that is there already: replace, keep, or newer:COLUMN, which replaces it where the row has more in COLUMN',
        parseIfExists,
      ),
    ),
    ...onlyFor(['import', 'capacity'], constant('yes', '-y, --yes', 'do not ask before the first write', true)),
    ...onlyFor(['import'], constant('dryRun', '--dry-run', 'plan this import and write nothing', true)),
  ],
};
