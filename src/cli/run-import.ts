import type { RunSummary } from '../domain/run-summary.ts';
import type { Invocation } from './commands.ts';
import type { Compositions } from './compositions.ts';
import { confirmOn } from './confirm.ts';
import { verifyAfterImport } from './run-verify.ts';
import { isAbort, signalExitCode, stopOnSignal } from './stop-signal.ts';
import type { LastWords } from './surroundings.ts';
import type { World } from './world.ts';
import { writeFault } from './write-fault.ts';

export async function runImport({ options }: Invocation, world: World, compositions: Compositions): Promise<number> {
  // The SDK takes a profile's endpoint_url only from the profile that the environment names.
  if (options.profile !== undefined) world.setEnv('AWS_PROFILE', options.profile);
  const [{ composeImport }, { openScreen }] = await Promise.all([compositions.import(), import('../report/screen.ts')]);
  const { progress, logLevel, logFormat, quiet } = options;
  const screen = openScreen({ ...world.stderr, progress, logLevel, logFormat, quiet });
  const { warn } = screen;
  let words: LastWords | undefined;
  const stop = stopOnSignal(world, {
    meanwhile: () => (confirm.asking() ? undefined : 'what is in flight ends first'),
    warn,
    close: () => screen.close(),
    lastWords: () => words,
  });
  const confirm = confirmOn(world, screen, options, stop.signal);
  let runDir: string | undefined;
  try {
    const imported = await composeImport(options, {
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
      lastWords: (last) => {
        words = last;
      },
      warn,
      random: world.random,
      usage: world.usage,
    });
    screen.close(imported.summary);
    if (confirm.declined()) return tellDeclined(world);
    const exitCode = await tellSummary(imported.summary, runDir, world);
    const { options: verified = options } = imported;
    if (!verified.verify || runDir === undefined || (exitCode !== 0 && exitCode !== 5)) return exitCode;
    const place = { screen, world, compositions, signal: stop.signal };
    return (await verifyAfterImport(verified, runDir, place)) || exitCode;
  } catch (error) {
    screen.close();
    if (confirm.declined()) return tellDeclined(world);
    if (isAbort(error, stop.signal)) return tellStopped(stop.signal, world);
    throw error;
  } finally {
    stop.unlisten();
  }
}

async function tellSummary(summary: RunSummary, runDir: string | undefined, world: World): Promise<number> {
  const [{ summaryText }, { terminalColumns }] = await Promise.all([
    import('../report/summary-text.ts'),
    import('../report/columns.ts'),
  ]);
  if (summary.error !== undefined) writeFault(summary.error.message, summary.error.hint, world);
  world.stdout.write(
    summaryText(summary, { ...(runDir !== undefined && { runDir }), columns: terminalColumns(world.stdout) }),
  );
  return summary.exitCode;
}

function tellDeclined(world: World): number {
  writeFault('not confirmed: nothing was written', 'answer y to go on, or give --yes', world);
  return 4;
}

function tellStopped(signal: AbortSignal, world: World): number {
  writeFault(`stopped by ${signal.reason} before the first write`, undefined, world);
  return signalExitCode(signal);
}
