import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import { flagGroupsOf, type ImportOptions } from '../../src/options/import-options.ts';

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

test('--summary - is --json', () => {
  expect(optionsOf('a', '--summary', '-')).toMatchObject({ summary: undefined, json: true });
  expect(optionsOf('a', '--summary', 'file')).toMatchObject({ summary: 'file', json: false });
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
  [['a', '--wpss', '3'], "unknown option '--wpss'", 'Did you mean --wps?'],
  [['a', '--yess'], "unknown option '--yess'", 'Did you mean --yes?'],
  [['a', '-x'], "unknown option '-x'", 'See import-tokens --help.'],
  [['a', '--wps'], "option '--wps <n|p%>' argument missing", 'See import-tokens --help.'],
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
    'Did you mean --expect-account 123456789012?',
  ],
  [
    ['a', '--table', 'arn:aws:dynamodb:eu-west-1:123456789012:table/tokens/index/by-user'],
    '--table: expected the name of a table (3 to 255 letters, digits, _ . -) or its ARN, got "arn:aws:dynamodb:eu-west-1:123456789012:table/tokens/index/by-user"',
    'Did you mean --table arn:aws:dynamodb:eu-west-1:123456789012:table/tokens?',
  ],
  [
    ['--resume'],
    "option '--resume <dir>' argument missing",
    'Name the run directory: import-tokens --resume import-tokens-runs/2026-01-31T02-00-00Z.',
  ],
  [
    ['--resume', '--yes'],
    '--resume: expected some text, got "--yes"',
    'Pass a value after --resume; write ./--yes for a file of that name.',
  ],
  [
    ['resume', 'night'],
    "unknown command 'resume'",
    'Did you mean import-tokens --resume night? Otherwise write ./resume for a file of that name.',
  ],
  [
    ['show', 'capacity'],
    "unknown command 'show'",
    'Did you mean import-tokens capacity show? Otherwise write ./show for a file of that name.',
  ],
  [
    ['restore', 'night'],
    "unknown command 'restore'",
    'Did you mean import-tokens capacity restore night? Otherwise write ./restore for a file of that name.',
  ],
  [
    ['restore', 'my night'],
    "unknown command 'restore'",
    'Did you mean import-tokens capacity restore? Otherwise write ./restore for a file of that name.',
  ],
  [
    ['statsu', 'night'],
    "unknown command 'statsu'",
    'Did you mean import-tokens status night? Otherwise write ./statsu for a file of that name.',
  ],
])('%j is refused', (argv, message, hint) => {
  expect(() => parseCommandLine(argv)).toThrow(expect.objectContaining({ code: 'usage', message, hint }));
});

test.each(['verfy', 'verifyy', 'veriyf', 'verifi', 'Verify'])('%s is taken for a slip, not for a file', (typed) => {
  expect(() => parseCommandLine([typed, 'a.csv', '--all'])).toThrow(
    expect.objectContaining({
      message: `unknown command '${typed}'`,
      hint: `Did you mean import-tokens verify a.csv? Otherwise write ./${typed} for a file of that name.`,
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
});

test('a word close to a command is a file where there is one of that name', () => {
  const isFile = (path: string) => path === 'plans';
  expect(parseCommandLine(['plans'], 80, 'Node', isFile)).toMatchObject({ options: { sources: ['plans'] } });
  expect(() => parseCommandLine(['plan s'], 80, 'Node', isFile)).not.toThrow();
  expect(() => parseCommandLine(['plane'], 80, 'Node', isFile)).toThrow("unknown command 'plane'");
});

test.each([
  [['--yes', 'plan', 'a'], 'the command plan must come first', /^Run import-tokens plan .*write \.\/plan for a file/],
  [['plan'], 'no source is given to plan with', /file called plan, write \.\/plan\.$/],
  [
    ['plan', 'a', '--run-dir', 'd'],
    'import-tokens plan has no option --run-dir',
    /^Use it with import-tokens or import-tokens verify or import-tokens convert, or leave it out\.$/,
  ],
  [['plan', 'a', '-y'], 'import-tokens plan has no option -y', /^Use it with import-tokens or import-tokens capacity/],
  [['plan', 'a', '--wpss', '3'], "unknown option '--wpss'", /^Did you mean --wps\?$/],
  [['plan', 'a', '-x'], "unknown option '-x'", /^See import-tokens plan --help\.$/],
  [['a', '--null', 'X', '--no-null'], '--no-null cannot be combined with --null', /^Leave out --no-null or --null\.$/],
  [['a', '--no-null', '--null', 'X'], '--null cannot be combined with --no-null', /^Leave out --null or --no-null\.$/],
  [['a', '--no-header', '--header'], '--header cannot be combined with --no-header', /--no-header\.$/],
  [['a', '--run-dir', 'd', '--no-run-dir'], '--no-run-dir cannot be combined with --run-dir', /--run-dir\.$/],
  [['a', '-v', '--log-level', 'warn'], '--log-level cannot be combined with --verbose', /--verbose\.$/],
  [['--resume', 'd', '--dry-run'], '--dry-run cannot be combined with --resume', /^Leave out --dry-run or --resume\.$/],
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

test('help prints the help of the program, or of the command that it names', () => {
  expect(shownBy('help')).toBe(shownBy('--help'));
  expect(shownBy('help', 'plan')).toBe(shownBy('plan', '--help'));
  expect(() => parseCommandLine(['help', 'plann'])).toThrow("unknown command 'plann'");
});

test.each(commands.map(({ name }) => name))('-h of %s fits one screen', (name) => {
  const lines = shownBy(name, '-h').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines[0]).toMatch(/^Usage: import-tokens /);
  expect(lines.at(-1)).toMatch(/--help prints everything\.$/);
});

test('-h names ten options, every command and three examples', () => {
  const short = shownBy('-h');
  expect(short.match(/^ {2}(-\w, )?--/gm)).toHaveLength(10);
  for (const { name } of commands.slice(1)) expect(short).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  expect(short.match(/^ {2}import-tokens /gm)).toHaveLength(3);
});

test('the help of a command names its argument whole', () => {
  const operand = '\n  [run directory]  directory of the run or of all its shards; without it the runs are listed\n';
  expect(shownBy('status', '--help')).toContain(operand);
  expect(shownBy('capacity', '--help')).toContain('\n  <show|set|warm|restore> ');
  expect(shownBy('--help')).toContain('\n  <source...> ');
});

test('the help of capacity says what each verb does, to whom, and what a Ctrl-C leaves', () => {
  const help = shownBy('capacity', '--help');
  for (const verb of ['show', 'set', 'warm', 'restore DIR', 'restore --wcu'])
    expect(help).toMatch(new RegExp(`^  ${verb} {2,}\\w`, 'm'));
  expect(help).toContain('Read capacity is never changed');
  expect(help).toMatch(/Ctrl-C stops waiting, but AWS\s+completes what was already\s+requested/);
});

test.each(commands.map(({ name }) => name))('the help of %s fits a terminal of 80 columns', (name) => {
  const shown = parseCommandLine([name, '--help'], 80) as { text: string };
  expect(shown.text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('the help of a command shows its own options, the help of the program names every command', () => {
  const help = shownBy('plan', '--help');
  expect(help).toMatch(/^Usage: import-tokens plan <source\.\.\.> \[options\]\n/);
  for (const { flags } of flagGroupsOf('plan')) for (const { usage } of flags) expect(help).toContain(`  ${usage}`);
  for (const flag of ['--run-dir', '--yes', '--settle']) expect(help).not.toContain(`  ${flag} `);
  for (const { name, about } of commands)
    expect(shownBy('--help')).toMatch(new RegExp(`import-tokens ${name} +${about}`));
});

test('the help names every flag, gives examples and tells the exit codes', () => {
  const help = shownBy('--help');
  for (const { heading, flags } of flagGroupsOf('import')) {
    expect(help).toContain(`\n${heading}:\n`);
    for (const { usage } of flags) expect(help).toContain(`  ${usage}`);
  }
  expect(help).toContain('Examples:\n  import-tokens tokens.csv');
  expect(help).toContain('129, 130, 143  interrupted');
  expect(help).toContain('AWS_ENDPOINT_URL_DYNAMODB');
});

test('the help fits the width of the terminal', () => {
  const commandLine = parseCommandLine(['--help'], 100);
  const options = commandLine.kind === 'shown' ? commandLine.text.split('Examples:')[0] : undefined;
  expect(options?.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

test('the version is that of the package', () => {
  expect(shownBy('--version')).toBe(`${packageJson.version} (commit unbuilt, Node)\n`);
  expect(shownBy('-V')).toBe(shownBy('--version'));
});
