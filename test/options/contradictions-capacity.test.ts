import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';

test.each([
  [[], 'expected capacity show, set, warm or restore, got nothing'],
  [['lower'], 'got "lower"'],
  [['set'], 'capacity set requires --wcu'],
  [['set', 'run', '--wcu', '5'], 'unexpected argument "run" after capacity'],
  [['warm'], 'capacity warm requires --wcu'],
  [['warm', 'run', '--wcu', '5'], 'unexpected argument "run" after capacity warm'],
  [['restore'], 'capacity restore requires a run directory, or --table and --wcu'],
  [['restore', '--wcu', '5'], 'capacity restore requires a run directory, or --table and --wcu'],
  [['restore', 'run', '--wcu', '5'], 'reads from the run directory what to restore'],
  [['show', 'run'], 'unexpected argument "run" after capacity'],
  [['show', '--wcu', '5'], 'capacity show changes nothing'],
  [['set', '--wcu', '0'], '--wcu: expected a whole number from 1 up, got "0"'],
  [['set', '--wcu', '5', '--index-wcu', 'by-user'], '--index-wcu: expected index=units pairs'],
  [['set', '--wcu', '5', '--index-wcu', 'by-user=0'], '--index-wcu: expected index=units pairs'],
  [['set', '--wcu', '5', '--raise-wcu', '5'], 'has no option --raise-wcu'],
])('capacity %j is a mistake: %s', (args, message) => {
  expect(() => parseCommandLine(['capacity', ...args])).toThrow(message);
});

test.each([
  [['show'], {}],
  [['set', '--wcu', '20_000', '--index-wcu', 'a=5,b=6'], { wcu: 20_000, indexWcu: { a: 5, b: 6 } }],
  [['warm', '--wcu', '20000'], { sources: ['warm'], wcu: 20_000 }],
  [['restore', 'run'], { sources: ['restore', 'run'] }],
  [['restore', '--table', 'tokens', '--wcu', '20'], { table: 'tokens', wcu: 20 }],
])('capacity %j is understood', (args, options) => {
  expect(parseCommandLine(['capacity', ...args])).toMatchObject({ command: { name: 'capacity' }, options });
});
