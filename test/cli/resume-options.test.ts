import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import type { ImportOptions } from '../../src/cli/import-options.ts';
import type { OptionName } from '../../src/cli/option-row.ts';
import { optionGroups } from '../../src/cli/option-table.ts';
import { resumeOptions, shapeItems, storedOptions } from '../../src/cli/resume-options.ts';

/** They say where the table is, how the rows go there and what is shown of it, not what becomes of a row. */
const mayChange: readonly OptionName[] = [
  ...(['region', 'profile', 'endpointUrl', 'expectAccount', 'yes', 'dryRun', 'json', 'prices'] as const),
  ...(['wps', 'reserve', 'concurrency', 'batchSize', 'raiseWcu', 'keepRaised', 'suspendAutoscaling'] as const),
  ...(['expectRows', 'maxRejects', 'maxRows', 'runDir', 'resume', 'summary', 'latencyMs', 'memoryWcu'] as const),
  ...(['requestTimeoutMs', 'stallTimeoutMs', 'settleMs', 'maxAhead', 'maxRowBytes'] as const),
  ...(['progress', 'logLevel', 'logFormat', 'quiet', 'showValues'] as const),
];

test('of each option of an import it is decided whether a resume may change it', () => {
  const rows = optionGroups.flatMap(({ options }) => options);
  const ofImport = rows.filter(({ commands }) => commands === undefined || commands.includes('import'));
  const undecided = ofImport
    .map(({ name }) => name)
    .filter((name) => shapeItems.includes(name) === mayChange.includes(name));
  expect(undecided).toEqual([]);
});

function optionsOf(...argv: readonly string[]): ImportOptions {
  const commandLine = parseCommandLine(argv);
  if (commandLine.kind !== 'command') throw new Error(`shown: ${commandLine.text}`);
  return commandLine.options;
}

/** The options of a resume with `now` of a run that was begun with `before`, as the manifest brings them back. */
function resumed(before: readonly string[], now: readonly string[]): ImportOptions {
  const stored = JSON.parse(JSON.stringify(storedOptions(optionsOf(...before))));
  return resumeOptions(stored, optionsOf('--resume', 'run', ...now));
}

const before = ['tokens.csv', '--types', 'n=N', '--concurrency', '8', '--wps', '70', '--max-rows', '10', '--yes'];

test('a resume without options goes on with those of the run, but for what belongs to one process', () => {
  expect(resumed(before, [])).toMatchObject({
    sources: ['tokens.csv'],
    types: { n: 'N' },
    concurrency: 8,
    wps: { kind: 'units', value: 70 },
    maxRows: 10,
    yes: false,
  });
});

test('what a resume gives goes before what is stored', () => {
  expect(resumed(before, ['moved.csv', '--concurrency', '2', '--wps', '50%', '--max-rows', '99'])).toMatchObject({
    sources: ['moved.csv'],
    types: { n: 'N' },
    concurrency: 2,
    wps: { kind: 'percent', value: 50 },
    maxRows: 99,
  });
});

test('what shapes the items may be given again, but not otherwise, nor for the first time', () => {
  expect(resumed(before, ['--types', 'n=N'])).toMatchObject({ types: { n: 'N' } });
  expect(() => resumed(before, ['--types', 'n=S'])).toThrow('--types is not what this run was started with');
  expect(() => resumed(before, ['--time-zone', 'Europe/Berlin'])).toThrow('--time-zone is not what');
  expect(() => resumed(before, ['--columns', 'a,b'])).toThrow('--columns is not what');
});
