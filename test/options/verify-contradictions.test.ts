import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { expectRefused } from './expect-refused.ts';

test.each([
  ['verify', 'no source is given to compare with', 'in the same order'],
  ['verify a --repository memory', 'keeps nothing from one process to the next', '--repository memory'],
  ['verify a --all --sample 5', '--all compares every row, --sample is for some of them', 'one of the two'],
  ['verify a --all --seed 5', '--all compares every row, --seed is for some of them', 'one of the two'],
  ['verify a --wps 5', 'import-tokens verify has no option --wps', 'import-tokens and import-tokens plan'],
  ['verify a --sample 0', '--sample: expected a whole number from 1', undefined],
  ['a --sample 5', '--sample says how to verify', 'add --verify'],
  ['a --rcu 5', '--rcu says how to verify', 'import-tokens verify'],
  ['a --verify --repository memory', '--verify reads from a table', 'one of the two'],
  ['- --verify', 'standard input can be read only once', 'from a file'],
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
