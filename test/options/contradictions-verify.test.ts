import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { expectRefused } from './expect-refused.ts';

test.each([
  [
    'verify',
    'no source is given to compare with',
    'Name the imported files, in the same order: import-tokens verify tokens.csv --table tokens.',
  ],
  [
    'verify a --repository memory',
    'the memory repository keeps nothing from one process to the next',
    'Leave --repository memory out to compare with a table.',
  ],
  [
    'verify a --all --sample 5',
    '--sample cannot be combined with --all: --all compares every row',
    'Leave out --sample or --all.',
  ],
  [
    'verify a --all --seed 5',
    '--seed cannot be combined with --all: --all compares every row',
    'Leave out --seed or --all.',
  ],
  [
    'verify a --wps 5',
    'import-tokens verify has no option --wps',
    'Use it with import-tokens or import-tokens plan or import-tokens convert, or leave it out.',
  ],
  ['verify a --sample 0', '--sample: expected a whole number from 1 to 1000000, got "0"', undefined],
  ['a --sample 5', '--sample requires --verify', 'Add --verify, or use import-tokens verify.'],
  ['a --rcu 5', '--rcu requires --verify', 'Add --verify, or use import-tokens verify.'],
  [
    'a --verify --repository memory',
    '--verify reads from a table, but --repository memory has none',
    'Leave out --verify or --repository memory.',
  ],
  ['- --verify', '--verify reads the source again, but standard input can be read only once', 'Import from a file.'],
])('"%s" is refused with a hint', (line, message, hint) => {
  expectRefused(line.split(' '), message, hint);
});

test.each([
  'verify a --all --rcu 5 --consistent',
  'verify --resume d',
  'a --verify --all',
  'verify - --sample 5 --seed 0',
])('"%s" is a command', (line) => {
  expect(parseCommandLine(line.split(' '))).toMatchObject({ kind: 'command' });
});
