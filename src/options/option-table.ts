import { capacityOptions } from './capacity-options.ts';
import { alsoForCapacity, constant, flag, type OptionGroup, onlyFor } from './option-row.ts';
import { parseAmount, parseMaxRejects } from './parse/parse-amount.ts';
import { parseCount } from './parse/parse-count.ts';
import { parseDuration } from './parse/parse-duration.ts';
import { parsePrices } from './parse/parse-prices.ts';
import { parseChoice, parseText } from './parse/parse-text.ts';
import { mappingOptions, readingOptions } from './reading-options.ts';
import { targetOptions } from './target-options.ts';
import { verifyOptions } from './verify-options.ts';

/** Every flag, in the order of the help. */
export const optionGroups: readonly OptionGroup[] = [
  targetOptions,
  {
    heading: 'Pace:',
    options: [
      ...onlyFor(
        ['import', 'plan'],
        flag(
          'wps',
          '--wps <n|p%>',
          'write units a second, or a share of what the table has (default: what it has, less the reserve)',
          parseAmount(1),
        ),
      ),
      flag(
        'reserve',
        '--reserve <n|p%>',
        'write units a second of the table and of each index that are left to production',
        parseAmount(0),
      ),
      flag('concurrency', '--concurrency <n>', 'batches in flight, and connections', parseCount(1, 1024)),
      ...onlyFor(['import', 'plan'], flag('batchSize', '--batch-size <n>', 'most rows in a batch', parseCount(1, 25))),
    ],
  },
  capacityOptions,
  readingOptions,
  mappingOptions,
  {
    heading: 'Rows and rejects:',
    options: [
      ...onlyFor(
        ['import', 'plan'],
        flag('expectRows', '--expect-rows <n>', 'fail unless the source has just so many rows', parseCount(0)),
        flag(
          'maxRejects',
          '--max-rejects <n|p%>',
          'stop when more rows are rejected; a share counts from 1,000 rows on; -1: no limit',
          parseMaxRejects,
        ),
      ),
      flag('skipRows', '--skip-rows <n>', 'leave out the first rows', parseCount(0)),
      flag('maxRows', '--max-rows <n>', 'stop after so many rows; a resume may go further', parseCount(1)),
    ],
  },
  {
    heading: 'Run directory and resume:',
    options: [
      ...onlyFor(
        ['import', 'verify'],
        flag(
          'runDir',
          '--run-dir <dir>',
          'new folder for checkpoint, rejects and log (default: import-tokens-runs/<UTC time>)',
          parseText,
        ),
        flag('resume', '--resume <dir>', 'go on with the run whose files are in this folder', parseText),
        flag('summary', '--summary <file>', 'write the summary as JSON to this file too', parseText),
      ),
      ...onlyFor(['import'], constant('runDir', '--no-run-dir', 'keep nothing; only with --repository memory', null)),
    ],
  },
  {
    heading: 'Memory repository:',
    options: [
      ...onlyFor(
        ['import'],
        flag('latencyMs', '--latency <duration>', 'modelled latency of a batch', parseDuration(0)),
      ),
      ...onlyFor(
        ['import', 'plan'],
        flag(
          'memoryWcu',
          '--memory-wcu <n>',
          'modelled provisioned write units a second (default: unlimited)',
          parseCount(1),
        ),
      ),
      ...onlyFor(['import'], constant('retain', '--retain', 'keep the tokens in memory', true)),
    ],
  },
  {
    heading: 'Time-outs:',
    options: [
      flag('requestTimeoutMs', '--request-timeout <duration>', 'give up a request without an answer', parseDuration(1)),
      ...onlyFor(
        ['import', 'capacity', 'verify'],
        flag(
          'stallTimeoutMs',
          '--stall-timeout <duration>',
          'end the run when no write was accepted for so long, or the table is UPDATING',
          parseDuration(1),
        ),
      ),
      ...onlyFor(
        ['import'],
        flag(
          'settleMs',
          '--settle <duration>',
          'how late a request that was given up may still take effect (default: twice the request time-out)',
          parseDuration(0),
        ),
        flag(
          'maxAhead',
          '--max-ahead <n>',
          'rows read past the first that is not done; a resume writes at most these again',
          parseCount(25, 10_000_000),
        ),
      ),
    ],
  },
  {
    heading: 'Output:',
    options: [
      flag(
        'progress',
        '--progress <how>',
        'auto, plain or none; on standard error',
        parseChoice('auto', 'plain', 'none'),
      ),
      flag(
        'logLevel',
        '--log-level <level>',
        'debug, info, warn or error',
        parseChoice('debug', 'info', 'warn', 'error'),
      ),
      flag(
        'logFormat',
        '--log-format <how>',
        'pretty or json (default: pretty on a terminal, else json)',
        parseChoice('pretty', 'json'),
      ),
      ...alsoForCapacity(constant('quiet', '-q, --quiet', 'only errors and the final summary', true)),
      ...onlyFor(
        ['import', 'plan', 'verify', 'capacity', 'status'],
        constant('json', '--json', 'the plan, report, capacity or status as JSON', true),
      ),
      constant('showValues', '--show-values', 'values of fields may be shown; they are secrets otherwise', true),
    ],
  },
  verifyOptions,
  {
    heading: 'Plan:',
    options: [
      ...onlyFor(
        ['import', 'plan'],
        flag(
          'prices',
          '--prices <name=usd,...>',
          'on-demand (a million write units) and provisioned (a unit for an hour) in place of the list prices of us-east-1',
          parsePrices,
        ),
      ),
    ],
  },
];
