import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { expectRefused } from './expect-refused.ts';

test.each([
  ['', 'no source is given', 'import-tokens --help'],
  ['--wps 5', 'no source is given', 'or - for standard input'],
  ['- a -', 'standard input (-) is given more than once', 'read only once'],
  ['a.csv --summary a.csv', '--summary a.csv would overwrite a source', 'another file'],
  ['a --latency 5ms', '--latency says how to model a table, but --repository is dynamodb', '--repository memory'],
  ['a --memory-wcu 5 --repository dynamodb-sdk', '--memory-wcu says how to model a table', 'leave --memory-wcu out'],
  ['a --retain', '--retain says how to model a table', 'leave --retain out'],
  ['a --repository memory --wps 80%', '--wps 80% is a share', '--memory-wcu'],
  ['a --no-run-dir', '--no-run-dir is only for --repository memory', 'could not be resumed'],
  ['--resume d --run-dir e', '--resume goes on in its own folder, so --run-dir contradicts it', 'one of the two'],
  ['a --resume d --no-run-dir --repository memory', 'so --no-run-dir contradicts it', 'one of the two'],
  ['--resume d --skip-rows 5', '--skip-rows contradicts --resume', 'without --resume'],
  ['a --format csv --no-header', '--no-header leaves the columns without names', '--columns a,b,c'],
  ['a --delimiter | --quote |', '--delimiter and --quote are the same character', 'told from its border'],
  ['a --delimiter | --escape |', '--delimiter and --escape are the same character', 'told from its border'],
  ['a --omit x --types x=N', 'column "x" is left out by --omit, but --types names it', 'one of the two'],
  ['a --omit x --rename x=y', 'column "x" is left out by --omit, but --rename names it', 'one of the two'],
  ['a --rename x=z,y=z', '--rename: two columns would become "z"', undefined],
  ['a --key id --omit id', '"id" is a key, but --omit leaves it out', 'its whole key'],
  ['a --reserve 100%', '--reserve 100% leaves nothing to write with', 'reserve less'],
  ['a --repository dynamodb-sdk --if-exists keep', '--if-exists keep needs conditional puts', '--repository dynamodb'],
  ['a --omit x --if-exists newer:x', '--if-exists newer:x compares a column that --omit leaves out', 'one of the two'],
  ['a --expect-rows 10 --max-rows 9', '--max-rows 9 stops before the 10 rows of --expect-rows', 'leave one'],
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
