import { expect, test } from 'vitest';
import { runCli as runWith } from '../../src/cli/run-cli.ts';
import type { Compositions } from '../../src/cli/world.ts';
import type { composeImport as ComposedImport } from '../../src/compose/import.ts';
import { ImportError, type ImportErrorCode } from '../../src/domain/import-error.ts';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import type { Preflight } from '../../src/report/plan/preflight.ts';
import { completed, preflightFacts, rejectedOn, runOf } from '../report/facts.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type FakeWorld, fakeWorld } from './fake-world.ts';

type LoadCompose = Compositions['import'];

function runCli(world: FakeWorld, load: LoadCompose, others: Partial<Compositions> = {}): Promise<number> {
  return runWith(world, {
    import: load,
    endCommand: () => import('../../src/compose/run/import-summary.ts'),
    verify: async () => ({ composeVerify: () => Promise.reject(new Error('no verification')) }),
    capacity: async () => ({ composeCapacity: () => Promise.reject(new Error('no capacity')) }),
    runReport: () => Promise.reject(new Error('no report')),
    convert: async () => ({ composeConvert: () => Promise.reject(new Error('no conversion')) }),
    plan: async () => ({ composePlan: () => Promise.reject(new Error('no plan')) }),
    ...others,
  });
}

const interrupted: RunSummary = {
  ...completed,
  outcome: 'interrupted',
  exitCode: 143,
  resumeCommand: 'import-tokens --resume runs/1',
};

/** An import that asks, then ends with the summary; it writes only after a yes. */
function importing(
  summary: RunSummary,
  preflight: Preflight = preflightFacts,
): { load: LoadCompose; wrote: () => boolean } {
  let wrote = false;
  const composeImport: typeof ComposedImport = async (_options, { confirm }) => {
    if (!(await confirm(preflight))) throw new ImportError('not-confirmed', 'nothing was written');
    wrote = true;
    return { summary };
  };
  return { load: async () => ({ composeImport }), wrote: () => wrote };
}

/** An import that goes on until it is told to stop. */
const endless: LoadCompose = async () => ({
  composeImport: (_options, { signal }) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve({ summary: interrupted }))),
});

const failing =
  (error: unknown): LoadCompose =>
  async () => ({
    composeImport: async () => {
      throw error;
    },
  });

const neverLoaded: LoadCompose = () => {
  throw new Error('the import is loaded only where there is something to import');
};

test('--help and --version are written to standard output without loading the import', async () => {
  const help = fakeWorld(['--help']);
  expect(await runCli(help, neverLoaded)).toBe(0);
  expect(help.out()).toMatch(/^Usage: import-tokens <source\.\.\.> \[options\]\n/);
  const version = fakeWorld(['--version']);
  expect(await runCli(version, neverLoaded)).toBe(0);
  expect(version.out()).toMatch(/^\d+\.\d+\.\d+ \(commit unbuilt, Node v24\.1\.0 on linux-x64\)\n$/);
});

test('a wrong command line ends with 2, a message and a hint, before anything is loaded', async () => {
  const world = fakeWorld(['a.csv', '--wpss', '5']);
  expect(await runCli(world, neverLoaded)).toBe(2);
  expect(world.err()).toBe("error: unknown option '--wpss'\nhint: Did you mean --wps?\n");
  expect(world.out()).toBe('');
});

test('an import ends with the summary on standard output and its exit code', async () => {
  const world = fakeWorld(['tokens.csv', '--yes']);
  const { load, wrote } = importing({ ...completed, outcome: 'completed-with-rejects', exitCode: 5 });
  expect(await runCli(world, load)).toBe(5);
  expect(wrote()).toBe(true);
  expect(world.out()).toContain('10,000,000 read = 9,999,990 written');
  expect(world.listening()).toBe(false);
});

test.each([['--json'], ['--summary', '-']])('with %s %s standard output is the summary as JSON', async (...flags) => {
  const world = fakeWorld(['tokens.csv', '--yes', ...flags]);
  expect(await runCli(world, importing(completed).load)).toBe(0);
  expect(JSON.parse(world.out())).toEqual(JSON.parse(JSON.stringify(completed)));
});

test('the options and the process are handed on', async () => {
  const world = fakeWorld(['-', '--wps', '5']);
  const load: LoadCompose = async () => ({
    composeImport: async (options, surroundings) => {
      expect(options).toMatchObject({ sources: ['-'], wps: { kind: 'units', value: 5 } });
      expect(surroundings).toMatchObject({ argv: world.argv, env: world.env, cwd: '/work', pid: 4711 });
      expect(surroundings.random()).toBe(0.5);
      return { summary: completed };
    },
  });
  expect(await runCli(world, load)).toBe(0);
});

test('where the rejects are is said from what the run tells', async () => {
  const world = fakeWorld(['tokens.csv', '--yes']);
  const rejects = {
    ...completed,
    rows: { ...completed.rows, rejected: 1 },
    rejects: [{ code: 'not-a-number', count: 1 }],
    repair: {
      rows: 'runs/1/rejected.csv',
      reasons: 'runs/1/rejects.jsonl',
      importCommand: 'import-tokens runs/1/rejected.csv',
    },
  };
  const load: LoadCompose = async () => ({
    composeImport: async (_options, { observe }) => {
      observe(runOf(new FakeClock())).on(rejectedOn(3));
      return { summary: rejects };
    },
  });
  await runCli(world, load);
  expect(world.out()).toContain('Repair runs/1/rejected.csv (the reasons are in runs/1/rejects.jsonl), then:\n');
  expect(world.err()).toContain('rejected: not-a-number, first at tokens.csv line 3');
});

test.each([
  ['usage', 2],
  ['wrong-account', 2],
  ['too-many-rejects', 3],
  ['table-missing', 4],
  ['stalled', 4],
  ['disk-full', 4],
] as const satisfies readonly (readonly [ImportErrorCode, number])[])(
  'the fault %s ends with %d',
  async (code, exitCode) => {
    const world = fakeWorld(['tokens.csv', '--yes']);
    const error = new ImportError(code, 'what happened', { hint: 'what to do' });
    expect(await runCli(world, failing(error))).toBe(exitCode);
    expect(world.err()).toBe('error: what happened\nhint: what to do\n');
    expect(world.out()).toBe('');
  },
);

test('a fault within the run is told on standard error, and the summary all the same', async () => {
  const world = fakeWorld(['tokens.csv', '--quiet', '--yes']);
  const error = { code: 'stalled', message: 'no write was accepted for 5 min', hint: 'raise the capacity' };
  expect(await runCli(world, importing({ ...completed, outcome: 'failed', exitCode: 4, error }).load)).toBe(4);
  expect(world.err()).toBe('error: no write was accepted for 5 min\nhint: raise the capacity\n');
  expect(world.out()).toMatch(/^Failed: no write was accepted for 5 min\n/);
});

test('anything else that is thrown is a bug: its stack and exit code 1', async () => {
  const world = fakeWorld(['tokens.csv', '--yes']);
  expect(await runCli(world, failing(new TypeError('x is not a function')))).toBe(1);
  expect(world.err()).toMatch(/^This is a bug in import-tokens\.\nTypeError: x is not a function\n +at /);
});

test.each(['y', 'Y', 'yes', ' y '])('on a terminal "%s" lets the import begin', async (answer) => {
  const world = fakeWorld(['tokens.csv'], { terminal: true, answer });
  const { load, wrote } = importing(completed);
  expect(await runCli(world, load)).toBe(0);
  expect(wrote()).toBe(true);
  expect(world.err()).toMatch(/replaces the whole item.*Go on with table tokens.*\? \[y\/N\] $/s);
});

test.each(['', 'n', 'no', 'yep', undefined])(
  'on a terminal "%s" ends it with 7 and nothing written',
  async (answer) => {
    const world = fakeWorld(['tokens.csv'], { terminal: true, answer: Promise.resolve(answer) });
    const { load, wrote } = importing(completed);
    expect(await runCli(world, load)).toBe(7);
    expect(wrote()).toBe(false);
    expect(world.err()).toMatch(/\[y\/N\] \n?error: nothing was written\n$/);
    expect(world.out()).toBe('');
  },
);

test.each([
  [['tokens.csv', '--yes'], true, 'dynamodb'],
  [['-', '--yes'], true, 'dynamodb'],
  [['tokens.csv', '--yes'], false, 'dynamodb'],
  [['tokens.csv', '--repository', 'memory'], true, 'memory'],
  [['tokens.csv', '--repository', 'memory'], false, 'memory'],
] as const)('%j is not asked (terminal: %s, into %s)', async (argv, terminal, repository) => {
  const world = fakeWorld(argv, { terminal, answer: 'n' });
  const { load, wrote } = importing(completed, { ...preflightFacts, repository });
  expect(await runCli(world, load)).toBe(0);
  expect(wrote()).toBe(true);
  expect(world.err()).not.toContain('[y/N]');
});

test.each([
  [['tokens.csv'], false, 'not a terminal, so nothing was asked'],
  [['-'], true, 'standard input holds the rows, so nothing was asked'],
  [['-'], false, 'standard input holds the rows, so nothing was asked'],
] as const)('%j is refused where nobody can be asked (terminal: %s)', async (argv, terminal, message) => {
  const world = fakeWorld(argv, { terminal, answer: 'y' });
  const { load, wrote } = importing(completed);
  expect(await runCli(world, load)).toBe(2);
  expect(wrote()).toBe(false);
  expect(world.err()).toContain(
    `error: ${message}\nhint: Pass --yes to import into tokens (123456789012, eu-west-1).\n`,
  );
});

test('the first signal stops the run cleanly, and the run says the exit code', async () => {
  const world = fakeWorld(['tokens.csv'], { terminal: true });
  const running = runCli(world, endless);
  await until(world.listening);
  world.kill('SIGTERM');
  expect(await running).toBe(143);
  expect(world.err().replace(/\s+/g, ' ')).toContain(
    'stopping on SIGTERM: what is in flight ends first; a second signal to exit at once',
  );
  expect(world.out()).toContain('To continue the import:\n  import-tokens --resume runs/1\n');
  expect(world.exited()).toBeUndefined();
});

test('the reason of the abort is the name of the signal', async () => {
  const world = fakeWorld(['tokens.csv', '--yes']);
  let reason: unknown;
  const load: LoadCompose = async () => ({
    composeImport: (_options, { signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          resolve({ summary: interrupted });
        }),
      ),
  });
  const running = runCli(world, load);
  await until(world.listening);
  world.kill('SIGHUP');
  await running;
  expect(reason).toBe('SIGHUP');
});

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a second signal, %s, exits at once with %d', async (signal, exitCode) => {
  const world = fakeWorld(['tokens.csv'], { terminal: true });
  void runCli(world, async () => ({ composeImport: () => new Promise(() => {}) }));
  await until(world.listening);
  world.kill('SIGINT');
  expect(world.err().replace(/\s+/g, ' ')).toContain('press Ctrl-C again to exit at once');
  expect(world.exited()).toBeUndefined();
  world.kill(signal);
  expect(world.exited()).toBe(exitCode);
});

test('a second signal says what is left undone, and exits with its code', async () => {
  const world = fakeWorld(['tokens.csv'], { terminal: true });
  const load: LoadCompose = async () => ({
    composeImport: (_options, { lastWords }) => {
      lastWords?.({ message: 'the capacity is STILL RAISED', hint: 'put it back', exitCode: 6 });
      return new Promise(() => {});
    },
  });
  void runCli(world, load);
  await until(world.listening);
  await until(() => true);
  world.kill('SIGINT');
  expect(world.err()).not.toContain('STILL RAISED');
  world.kill('SIGINT');
  expect(world.exited()).toBe(6);
  expect(world.err()).toContain('error: the capacity is STILL RAISED\nhint: put it back\n');
});

test('a fault that comes of waiting before the first write does not hide that a signal came', async () => {
  const world = fakeWorld(['tokens.csv', '--yes']);
  const load: LoadCompose = async () => ({
    composeImport: (_options, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new ImportError('endpoint-unreachable', 'no answer'))),
      ),
  });
  const running = runCli(world, load);
  await until(world.listening);
  await until(() => true);
  world.kill('SIGTERM');
  expect(await running).toBe(143);
  expect(world.err()).toContain('error: stopped by SIGTERM before the first write\n');
});

test('a signal while the question stands is no answer, and ends it with the code of the signal', async () => {
  const world = fakeWorld(['tokens.csv'], { terminal: true, answer: new Promise(() => {}) });
  const load: LoadCompose = async () => ({
    composeImport: async (_options, { confirm, signal }) => {
      await confirm(preflightFacts);
      throw signal.reason;
    },
  });
  const running = runCli(world, load);
  await until(() => world.err().includes('[y/N]'));
  world.kill('SIGINT');
  expect(await running).toBe(130);
  expect(world.err()).toMatch(/\[y\/N\] \nerror: stopped by SIGINT before the first write\n$/);
});

test.each([
  [new Promise<undefined>(() => {}), 'error: stopped by SIGINT: nothing was changed\n'],
  ['y', 'error: stopped by SIGINT\n'],
])('a signal tells of capacity that nothing was changed only while the question stands (%#)', async (answer, told) => {
  const world = fakeWorld(['capacity', 'set', '--wcu', '20'], { terminal: true, answer });
  const capacity: Compositions['capacity'] = async () => ({
    async composeCapacity(_options, { confirm, signal }) {
      if (await confirm('About to change')) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    },
  });
  const running = runCli(world, neverLoaded, { capacity });
  await until(() => world.err().includes('[y/N]'));
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  world.kill('SIGINT');
  expect(await running).toBe(130);
  expect(world.err()).toContain(told);
});

/** Lets other work go on until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
