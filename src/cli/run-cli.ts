import { ImportError } from '../domain/import-error.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import type { Screen } from '../report/screen.ts';
import { parseCommandLine } from './command-line.ts';
import { confirmOn } from './confirm.ts';
import { exitCodeOf, type StopSignal, signalExitCodes } from './exit-code.ts';
import type { ImportOptions } from './import-options.ts';
import type { ComposeImport } from './surroundings.ts';
import type { World } from './world.ts';

/** Loaded only for an import, so that `--help` answers at once. */
export type LoadCompose = () => Promise<{ readonly composeImport: ComposeImport }>;

/** The whole program, from arguments to exit code. */
export async function runCli(world: World, loadCompose: LoadCompose): Promise<number> {
  try {
    const commandLine = parseCommandLine(world.argv, Math.min(world.stdout.columns(), widestHelp));
    if (commandLine.kind === 'import') return await runImport(commandLine.options, world, loadCompose);
    world.stdout.write(commandLine.text);
    return 0;
  } catch (error) {
    return tellFault(error, world);
  }
}

const widestHelp = 100;

async function runImport(options: ImportOptions, world: World, loadCompose: LoadCompose): Promise<number> {
  // The SDK takes a profile's endpoint_url only from the profile that the environment names.
  if (options.profile !== undefined) world.setEnv('AWS_PROFILE', options.profile);
  const [{ composeImport }, { openScreen }] = await Promise.all([loadCompose(), import('../report/screen.ts')]);
  const { progress, logLevel, logFormat, quiet } = options;
  const screen = openScreen({ ...world.stderr, progress, logLevel, logFormat, quiet });
  const stop = new AbortController();
  const unlisten = world.onStopSignal(stopOnce(stop, screen, world));
  const confirm = confirmOn(world, screen, options, stop.signal);
  let runDir: string | undefined;
  try {
    const { summary } = await composeImport(options, {
      env: world.env,
      cwd: world.cwd,
      pid: world.pid,
      argv: world.argv,
      stdin: world.stdin.bytes,
      confirm: confirm.ask,
      observe: (run) => {
        runDir = run.runDir;
        return screen.observe(run);
      },
      signal: stop.signal,
      warn: screen.warn,
      random: world.random,
    });
    screen.close(summary);
    if (confirm.declined()) return tellDeclined(world);
    return await tellSummary(summary, runDir, world);
  } catch (error) {
    screen.close();
    if (confirm.declined()) return tellDeclined(world);
    if (isAbort(error, stop.signal)) return tellStopped(stop.signal.reason, world);
    throw error;
  } finally {
    unlisten();
  }
}

/** The first signal stops the run cleanly, the second ends the process at once. */
function stopOnce(stop: AbortController, screen: Screen, world: World): (signal: StopSignal) => void {
  return (signal) => {
    if (stop.signal.aborted) {
      screen.close();
      world.exitNow(signalExitCodes[signal]);
      return;
    }
    const again = signal === 'SIGINT' ? 'press Ctrl-C again' : 'a second signal';
    screen.warn(`stopping on ${signal}: what is in flight ends first; ${again} to exit at once`);
    stop.abort(signal);
  };
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error as Error)?.name === 'AbortError');
}

async function tellSummary(summary: RunSummary, runDir: string | undefined, world: World): Promise<number> {
  const { summaryText } = await import('../report/summary-text.ts');
  if (summary.error !== undefined) writeFault(summary.error.message, summary.error.hint, world);
  world.stdout.write(summaryText(summary, runDir === undefined ? {} : { runDir }));
  return summary.exitCode;
}

function tellDeclined(world: World): number {
  writeFault('not confirmed: nothing was written', 'answer y to go on, or give --yes', world);
  return 4;
}

function tellStopped(signal: StopSignal, world: World): number {
  writeFault(`stopped by ${signal} before the first write`, undefined, world);
  return signalExitCodes[signal];
}

function tellFault(error: unknown, world: World): number {
  if (error instanceof ImportError) {
    writeFault(error.message, error.hint, world);
    return exitCodeOf(error.code);
  }
  world.stderr.write(`This is a bug in import-tokens.\n${(error as Error)?.stack ?? String(error)}\n`);
  return 1;
}

function writeFault(message: string, hint: string | undefined, world: World): void {
  world.stderr.write(`error: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
}
