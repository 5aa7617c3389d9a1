import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import type { ImportOptions } from '../../src/options/import-options.ts';
import { optionGroupsOf } from '../../src/options/options-of-command.ts';

function optionsOf(...argv: readonly string[]): ImportOptions {
  const commandLine = parseCommandLine(argv);
  if (commandLine.kind !== 'command') throw new Error(`shown: ${commandLine.text}`);
  return commandLine.options;
}

function shownBy(...argv: readonly string[]): string {
  const commandLine = parseCommandLine(argv);
  if (commandLine.kind !== 'shown') throw new Error('nothing shown');
  return commandLine.text;
}

test('sources alone are imported with the defaults', () => {
  expect(optionsOf('a.csv', 'b.csv')).toMatchObject({
    sources: ['a.csv', 'b.csv'],
    repository: 'dynamodb',
    table: 'tokens',
    wps: undefined,
    reserve: { kind: 'percent', value: 20 },
    concurrency: 64,
    batchSize: 25,
    header: undefined,
    maxRejects: { kind: 'units', value: 100 },
    runDir: undefined,
    requestTimeoutMs: 5000,
    settleMs: 10_000,
    maxAhead: 100_000,
    maxRowBytes: 4_194_304,
  });
});

test('flags stand before, between and behind the sources', () => {
  const options = optionsOf('--wps', '80%', 'a.csv', '--table=access', '-', '-y', '--max-rejects', '-1');
  expect(options).toMatchObject({
    sources: ['a.csv', '-'],
    wps: { kind: 'percent', value: 80 },
    table: 'access',
    yes: true,
    maxRejects: { kind: 'units', value: -1 },
  });
});

test('the last of several equal flags counts, lists of columns add up', () => {
  const options = optionsOf(
    'a',
    '--wps',
    '1',
    '--wps',
    '2',
    '--omit',
    'x',
    '--omit',
    'y',
    '--types',
    'c=N',
    '--types',
    'd=B',
  );
  expect(options.wps).toEqual({ kind: 'units', value: 2 });
  expect(options.omit).toEqual(['x', 'y']);
  expect({ ...options.types }).toEqual({ c: 'N', d: 'B' });
});

test('the settle time follows the request time-out unless it is given', () => {
  expect(optionsOf('a', '--request-timeout', '3s').settleMs).toBe(6000);
  expect(optionsOf('a', '--request-timeout', '3s', '--settle', '1s').settleMs).toBe(1000);
});

test('--no-header and --no-null differ from options that are not given', () => {
  expect(optionsOf('a', '--header').header).toBe(true);
  expect(optionsOf('a', '--no-header', '--columns', 'x').header).toBe(false);
  expect(optionsOf('a', '--no-null').null).toBe(false);
  expect(optionsOf('a')).toMatchObject({ header: undefined, null: undefined });
});

test('--no-run-dir is told from a run directory that is not named', () => {
  expect(optionsOf('a', '--repository', 'memory', '--no-run-dir').runDir).toBeNull();
  expect(optionsOf('a', '--run-dir', 'here').runDir).toBe('here');
});

test('empty text can be given where it means something', () => {
  expect(optionsOf('a', '--null', '', '--quote=').null).toBe('');
  expect(optionsOf('a', '--null', '', '--quote=').quote).toBe('');
});

test('a resume needs no source', () => {
  expect(optionsOf('--resume', 'runs/1')).toMatchObject({ sources: [], resume: 'runs/1' });
});

test('settings are echoed as flags, with how each was chosen', () => {
  const { settings } = optionsOf(
    'a',
    '--wps',
    '80%',
    '--types',
    'x=N,y=B',
    '--settle',
    '90s',
    '--delimiter',
    '\t',
    '--lines-terminated-by',
    '\\r\\n',
    '--yes',
  );
  expect(settings).toContainEqual({ flag: '--wps', value: '80%', origin: 'flag' });
  expect(settings).toContainEqual({ flag: '--types', value: 'x=N,y=B', origin: 'flag' });
  expect(settings).toContainEqual({ flag: '--settle', value: '90s', origin: 'flag' });
  expect(settings).toContainEqual({ flag: '--delimiter', value: '\\t', origin: 'flag' });
  expect(settings).toContainEqual({ flag: '--lines-terminated-by', value: '\\r\\n', origin: 'flag' });
  expect(settings).toContainEqual({ flag: '--stall-timeout', value: '5m', origin: 'default' });
  expect(settings).toContainEqual({ flag: '--max-row-bytes', value: '4MiB', origin: 'default' });
  const flags = settings.map(({ flag }) => flag);
  expect(flags).not.toContain('--yes');
  expect(flags).not.toContain('--latency');
  expect(flags).not.toContain('--max-rows');
});

test('flags without an argument are echoed only where they are given', () => {
  const given = optionsOf('a', '--repository', 'memory', '--no-run-dir', '--no-header', '--columns', 'x').settings;
  expect(given.filter(({ value }) => value === '')).toEqual([
    { flag: '--no-header', value: '', origin: 'flag' },
    { flag: '--no-run-dir', value: '', origin: 'flag' },
  ]);
  expect(given).toContainEqual({ flag: '--latency', value: '10ms', origin: 'default' });
});

test('what the settings echo reads back as the same options', () => {
  const options = optionsOf(
    'a',
    '--repository',
    'memory',
    '--wps',
    '2_000',
    '--max-rejects',
    '1%',
    '--escape',
    '\\',
    '--rename',
    'a=b',
  );
  const argv = options.settings.flatMap(({ flag, value }) => (value === '' ? [flag] : [flag, value]));
  const derived = { settings: [], given: [] };
  expect({ ...optionsOf('a', ...argv), ...derived }).toEqual({ ...options, ...derived });
});

test.each([
  [['a', '--wpss', '3'], "unknown option '--wpss'", 'did you mean --wps?'],
  [['a', '--yess'], "unknown option '--yess'", 'did you mean --yes?'],
  [['a', '-x'], "unknown option '-x'", 'see import-tokens --help'],
  [['a', '--wps'], "option '--wps <n|p%>' argument missing", 'see import-tokens --help'],
  [['a', '--concurrency', '9999'], '--concurrency: expected a whole number from 1 to 1024, got "9999"', undefined],
  [['a', '--batch-size', '26'], '--batch-size: expected a whole number from 1 to 25, got "26"', undefined],
  [['a', '--expect-account', '123'], '--expect-account: expected an AWS account of 12 digits, got "123"', undefined],
  [
    ['a', '--table', 'a/b'],
    '--table: expected the name of a table (3 to 255 letters, digits, _ . -) or its ARN, got "a/b"',
    undefined,
  ],
  [['a', '--region', ''], '--region: expected some text, got nothing', undefined],
  [
    ['a', '--expect-account', '1234-5678-9012'],
    '--expect-account: expected an AWS account of 12 digits, got "1234-5678-9012"',
    'did you mean --expect-account 123456789012?',
  ],
  [
    ['a', '--table', 'arn:aws:dynamodb:eu-west-1:123456789012:table/tokens/index/by-user'],
    '--table: expected the name of a table (3 to 255 letters, digits, _ . -) or its ARN, got "arn:aws:dynamodb:eu-west-1:123456789012:table/tokens/index/by-user"',
    'did you mean --table arn:aws:dynamodb:eu-west-1:123456789012:table/tokens?',
  ],
  [
    ['--resume'],
    "option '--resume <dir>' argument missing",
    'name the run directory: import-tokens --resume import-tokens-runs/2026-01-31T02-00-00Z',
  ],
  [
    ['--resume', '--yes'],
    '--resume: expected some text, got "--yes"',
    'say what --resume is to be; a file of that name is ./--yes',
  ],
  [
    ['resume', 'night'],
    '"resume" is no command',
    'did you mean import-tokens --resume night? A file of that name is ./resume',
  ],
  [
    ['show', 'capacity'],
    '"show" is no command',
    'did you mean import-tokens capacity show? A file of that name is ./show',
  ],
  [
    ['restore', 'night'],
    '"restore" is no command',
    'did you mean import-tokens capacity restore night? A file of that name is ./restore',
  ],
  [
    ['restore', 'my night'],
    '"restore" is no command',
    'did you mean import-tokens capacity restore? A file of that name is ./restore',
  ],
  [
    ['statsu', 'night'],
    '"statsu" is no command',
    'did you mean import-tokens status night? A file of that name is ./statsu',
  ],
  [['help'], '"help" is no command', 'did you mean import-tokens --help? A file of that name is ./help'],
])('%j is refused', (argv, message, hint) => {
  expect(() => parseCommandLine(argv)).toThrow(expect.objectContaining({ code: 'usage', message, hint }));
});

test.each(['verfy', 'verifyy', 'veriyf', 'verifi', 'Verify'])('%s is taken for a slip, not for a file', (typed) => {
  expect(() => parseCommandLine([typed, 'a.csv', '--all'])).toThrow(
    expect.objectContaining({
      message: `"${typed}" is no command`,
      hint: `did you mean import-tokens verify a.csv? A file of that name is ./${typed}`,
    }),
  );
});

test('a first word that names a command chooses it; without one the sources are imported', () => {
  const commandOf = (...argv: readonly string[]) => {
    const commandLine = parseCommandLine(argv);
    return commandLine.kind === 'command' ? [commandLine.command.name, ...commandLine.options.sources] : undefined;
  };
  expect(commandOf('a.csv')).toEqual(['import', 'a.csv']);
  expect(commandOf('import', 'a.csv')).toEqual(['import', 'a.csv']);
  expect(commandOf('plan', 'a.csv', '--json', 'b.csv')).toEqual(['plan', 'a.csv', 'b.csv']);
  expect(commandOf('./plan')).toEqual(['import', './plan']);
  expect(commandOf('a.csv', 'plan')).toEqual(['import', 'a.csv', 'plan']);
  expect(commandOf('plan', 'plan')).toEqual(['plan', 'plan']);
  expect(commandOf('pan.d')).toEqual(['import', 'pan.d']);
  expect(commandOf('pn')).toEqual(['import', 'pn']);
});

test.each([
  [['--yes', 'plan', 'a'], '"plan" is a command, and a command goes first', /import-tokens plan .*is \.\/plan$/],
  [['plan'], 'no source is given to plan with', /a file called plan is imported as \.\/plan$/],
  [
    ['plan', 'a', '--run-dir', 'd'],
    'import-tokens plan has no option --run-dir',
    /^import-tokens and import-tokens verify have it$/,
  ],
  [['plan', 'a', '--wpss', '3'], "unknown option '--wpss'", /did you mean --wps/],
  [['plan', 'a', '-x'], "unknown option '-x'", /see import-tokens plan --help/],
  [['a', '--json'], '--json is for plans', /--dry-run.*--summary/],
  [['--resume', 'd', '--dry-run'], '--dry-run reads the source from its beginning', /one of the two/],
  [['plan', 'a', '--format', 'csv', '--no-header'], '--no-header leaves the columns without names', /--columns/],
])('%j is refused with the right command in its hint', (argv, message, hint) => {
  expect(() => parseCommandLine(argv)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(message),
      hint: expect.stringMatching(hint),
    }),
  );
});

test('the help of a command names its argument whole', () => {
  expect(shownBy('status', '--help')).toContain('\n  <run directory>  the directory of the run\n');
  expect(shownBy('capacity', '--help')).toContain('\n  <show|set|restore> ');
  expect(shownBy('--help')).toContain('\n  <source...> ');
});

test('the help of capacity says what each verb does, to whom, and what a Ctrl-C leaves', () => {
  const help = shownBy('capacity', '--help');
  for (const verb of ['show', 'set', 'restore DIR', 'restore --wcu'])
    expect(help).toMatch(new RegExp(`^  ${verb} {2,}\\w`, 'm'));
  expect(help).toContain('the table and its global indexes; reads stay as they are');
  expect(help).toMatch(/Ctrl-C\s+ends the waiting[\s\S]*what was asked for goes on\s+there/);
});

test.each(commands.map(({ name }) => name))('the help of %s fits a terminal of 80 columns', (name) => {
  const shown = parseCommandLine([name, '--help'], 80) as { text: string };
  expect(shown.text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('the help of a command shows its own options, the help of the program names every command', () => {
  const help = shownBy('plan', '--help');
  expect(help).toMatch(/^Usage: import-tokens plan <source\.\.\.> \[options\]\n/);
  for (const { options } of optionGroupsOf('plan'))
    for (const { flags } of options) expect(help).toContain(`  ${flags}`);
  for (const flag of ['--run-dir', '--yes', '--settle']) expect(help).not.toContain(`  ${flag} `);
  for (const { name, about } of commands)
    expect(shownBy('--help')).toMatch(new RegExp(`import-tokens ${name} +${about}`));
});

test('the help names every flag, gives examples and tells the exit codes', () => {
  const help = shownBy('--help');
  for (const { heading, options } of optionGroupsOf('import')) {
    expect(help).toContain(`\n${heading}\n`);
    for (const { flags } of options) expect(help).toContain(`  ${flags}`);
  }
  expect(help).toContain('Examples:\n  import-tokens tokens.csv');
  expect(help).toContain('129, 130, 143  interrupted');
  expect(help).toContain('AWS_ENDPOINT_URL_DYNAMODB');
});

test('the help fits the width of the terminal', () => {
  const commandLine = parseCommandLine(['-h'], 100);
  const options = commandLine.kind === 'shown' ? commandLine.text.split('Examples:')[0] : undefined;
  expect(options?.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

test('the version is that of the package', () => {
  expect(shownBy('--version')).toBe(`${packageJson.version} (commit unbuilt, Node)\n`);
  expect(shownBy('-V')).toBe(shownBy('--version'));
});
