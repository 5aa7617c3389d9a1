import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { expectRefused } from './expect-refused.ts';

test.each([
  [
    '',
    'no source is given',
    'Name the files to import, or - for standard input: import-tokens tokens.csv. See import-tokens --help.',
  ],
  [
    '--wps 5',
    'no source is given',
    'Name the files to import, or - for standard input: import-tokens tokens.csv. See import-tokens --help.',
  ],
  ['- a -', 'standard input (-) is given more than once', 'Name it once: it can be read only once.'],
  ['a.csv --metrics-file a.csv', '--metrics-file a.csv would overwrite a source', 'Name another file.'],
  [
    'a.csv --repository memory --no-run-dir --on-end true',
    '--on-end cannot be combined with --no-run-dir: the command is given the summary in the run directory',
    'Leave out --on-end or --no-run-dir.',
  ],
  [
    'a.csv --delete-where op=D --if-exists keep',
    '--delete-where cannot be combined with --if-exists keep, which leaves every existing item as it is',
    'Pass --if-exists newer:COLUMN, or leave --if-exists out.',
  ],
  ['a.csv --max-deletes 5', '--max-deletes requires --delete-where', 'Leave --max-deletes out, or add --delete-where.'],
  ['a.csv --summary a.csv', '--summary a.csv would overwrite a source', 'Name another file.'],
  [
    'a --latency 5ms',
    '--latency requires --repository memory, but --repository is dynamodb',
    'Leave --latency out, or rehearse with --repository memory.',
  ],
  [
    'a --memory-wcu 5 --repository dynamodb-sdk',
    '--memory-wcu requires --repository memory, but --repository is dynamodb-sdk',
    'Leave --memory-wcu out, or rehearse with --repository memory.',
  ],
  [
    'a --shard 1/2 --dry-run',
    '--shard cannot be combined with --dry-run: a preview is of all shards',
    'Leave out --shard or --dry-run.',
  ],
  [
    'plan a --shard 1/2',
    'import-tokens plan has no option --shard',
    'Use it with import-tokens or import-tokens verify, or leave it out.',
  ],
  [
    'a --shard 1/2 --raise-wcu 500 --table tokens',
    '--raise-wcu cannot be combined with --shard: the first shard to end would restore the capacity for all',
    'Run import-tokens capacity set --table tokens --wcu 500 before the job, and import-tokens capacity restore --table tokens --wcu N after it, with the N that the table has now.',
  ],
  ['a --ttl-column b', '--ttl-column requires --skip-expired', 'Add --skip-expired, or leave --ttl-column out.'],
  [
    'a --skip-expired 1h --ttl-column b --omit b',
    '--ttl-column names a column that --omit leaves out',
    'Remove it from --omit, or name another column.',
  ],
  [
    '--skip-expired a',
    '--skip-expired: expected a time such as 30m, 12h or 7d, less than five years, got "a"',
    'Write the source before --skip-expired, or pass --skip-expired 0s.',
  ],
  [
    'a --retain',
    '--retain requires --repository memory, but --repository is dynamodb',
    'Leave --retain out, or rehearse with --repository memory.',
  ],
  [
    'a --repository memory --wps 80%',
    '--wps 80% is a share, but the memory repository has no limit to take it from',
    'Pass --wps as a number, or give the modelled table a limit with --memory-wcu.',
  ],
  [
    'a --no-run-dir',
    '--no-run-dir is only for --repository memory',
    'Leave it out: without a run directory an interrupted import cannot be resumed, and its rejects are lost.',
  ],
  [
    '--resume d --run-dir e',
    '--run-dir cannot be combined with --resume: a resume continues in the directory of its run',
    'Leave out --run-dir or --resume.',
  ],
  [
    'a --resume d --no-run-dir --repository memory',
    '--no-run-dir cannot be combined with --resume: a resume continues in the directory of its run',
    'Leave out --no-run-dir or --resume.',
  ],
  [
    '--resume d --skip-rows 5',
    '--skip-rows cannot be combined with --resume: a resume continues where the run stopped',
    'Leave out --skip-rows or --resume.',
  ],
  ['a --format csv --no-header', '--no-header leaves the columns without names', 'Name them with --columns a,b,c.'],
  ['a --delimiter | --quote |', '--delimiter and --quote are the same character', 'Choose two different characters.'],
  ['a --delimiter | --escape |', '--delimiter and --escape are the same character', 'Choose two different characters.'],
  [
    'a --omit x --types x=N',
    'column "x" is left out by --omit, but --types names it',
    'Remove it from --omit or --types.',
  ],
  [
    'a --omit x --rename x=y',
    'column "x" is left out by --omit, but --rename names it',
    'Remove it from --omit or --rename.',
  ],
  ['a --rename x=z,y=z', '--rename: two columns would become "z"', undefined],
  [
    'a --key id --omit id',
    '"id" is a key, but --omit leaves it out',
    'Remove it from --omit: an item needs its whole key.',
  ],
  ['a --reserve 100%', '--reserve 100% leaves nothing to write with', 'Reserve less.'],
  [
    'a --repository dynamodb-sdk --if-exists keep',
    '--if-exists keep needs conditional puts, but --repository dynamodb-sdk writes with BatchWriteItem',
    'Use --repository dynamodb.',
  ],
  [
    'a --omit x --if-exists newer:x',
    '--if-exists newer:x compares a column that --omit leaves out',
    'Remove it from --omit, or compare another column.',
  ],
  [
    'a --expect-rows 10 --max-rows 9',
    '--max-rows 9 stops before the 10 rows of --expect-rows',
    'Leave out --max-rows or --expect-rows.',
  ],
])('"%s" is refused with a hint', (line, message, hint) => {
  expectRefused(
    line.split(' ').filter((word) => word !== ''),
    message,
    hint,
  );
});

test.each([
  'a --repository memory --table tokens --region eu-west-1 --expect-account 123456789012 --reserve 10%',
  'a --repository memory --wps 80% --memory-wcu 100',
  'a --repository memory --no-run-dir --latency 0 --retain',
  'a --format mysql-batch --no-header',
  'a --columns x,y --header',
  'a --quote none --escape none',
  'a --key id --omit old --rename uuid=id',
  'a --expect-rows 10 --max-rows 10',
  'a --resume d --max-rows 10',
])('"%s" is no contradiction', (line) => {
  expect(parseCommandLine(line.split(' ')).kind).toBe('command');
});
