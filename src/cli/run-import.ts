import type { LastWords } from '../compose/surroundings.ts';
import { jsonText } from '../domain/format.ts';
import { exitCodeOfFault, exitCodes, ImportError, isAbort } from '../domain/import-error.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { terminalColumns } from '../report/format.ts';
import { verifyAfterImport } from './run-verify.ts';
import { asksFirst, openQuestion, readingIn } from './terminal.ts';
import { type Compositions, untilSignal, type World, writeFault } from './world.ts';

export async function runImport(options: ImportOptions, world: World, compositions: Compositions): Promise<number> {
  const [{ composeImport }, { openScreen }] = await Promise.all([
    compositions.import(),
    import('../report/watch/screen.ts'),
  ]);
  const screen = openScreen(world.stderr, options);
  const question = openQuestion(world);
  let words: LastWords | undefined;
  let runDir: string | undefined;
  let summary: string | undefined;
  let isEnding = false;
  let isObserved = false;
  const stopWords = {
    meanwhile: () => {
      if (question.isOpen()) return undefined;
      return isEnding ? 'the command of --on-end is ended' : 'what is in flight ends first';
    },
    stopped: () => ' before the first write',
    lastWords: () => words,
  };

  async function runOnEnd(exitCode: number, signal: AbortSignal): Promise<void> {
    if (options.onEnd === undefined || runDir === undefined) return;
    isEnding = true;
    screen.close();
    const { runEndCommand } = await compositions.endCommand();
    await runEndCommand(options.onEnd, { summary, exitCode }, { ...world, signal, warn: screen.warn });
  }

  async function importAndVerify(signal: AbortSignal): Promise<number> {
    const imported = await composeImport(options, {
      ...readingIn(world, signal, screen.warn),
      async confirm(preflight) {
        const { goOnQuestion, targetInWords } = await import('../report/plan/preflight.ts');
        // A resume may be of a rehearsal, which writes to no table.
        const isRehearsal = preflight.repository === 'memory';
        const asks = !isRehearsal && asksFirst(world, options, `import into ${targetInWords(preflight)}`);
        screen.preflight(preflight, asks);
        return !asks || question.ask(goOnQuestion(preflight), signal);
      },
      began(folder) {
        runDir = folder;
      },
      observe(run) {
        isObserved = true;
        return screen.observe(run);
      },
      lastWords(last) {
        words = last;
      },
    }).catch((error) => {
      // A request that times out after the signal does not matter any more.
      const isOfInterest = isObserved || !(error instanceof ImportError) || error.code === 'capacity-not-restored';
      throw signal.aborted && !isOfInterest ? signal.reason : error;
    });
    summary = runDir && `${runDir}/summary.json`;
    screen.close(imported.summary);
    const exitCode = await tellSummary(imported.summary, options, world);
    const { options: verified = options } = imported;
    if (!verified.verify || runDir === undefined || (exitCode !== exitCodes.done && exitCode !== exitCodes.someRows))
      return exitCode;
    return (await verifyAfterImport(verified, runDir, { screen, world, compositions, signal })) || exitCode;
  }

  return untilSignal(world, screen, stopWords, async (signal) => {
    const exitCode = await importAndVerify(signal).catch(async (fault: unknown) => {
      await runOnEnd(exitCodeOfFault(fault, signal), signal);
      throw fault;
    });
    await runOnEnd(exitCode, signal);
    return exitCode;
  });
}

async function tellSummary(summary: RunSummary, { json }: ImportOptions, world: World): Promise<number> {
  const { summaryText } = await import('../report/summary-text.ts');
  if (summary.error !== undefined) writeFault(summary.error.message, summary.error.hint, world);
  const columns = terminalColumns(world.stdout);
  world.stdout.write(json ? jsonText(summary) : summaryText(summary, columns));
  return summary.exitCode;
}

export async function runConvert(options: ImportOptions, world: World, compositions: Compositions): Promise<number> {
  const [{ composeConvert }, { openScreen }] = await Promise.all([
    compositions.convert(),
    import('../report/watch/screen.ts'),
  ]);
  const screen = openScreen(world.stderr, options);
  let isObserved = false;
  const stopWords = {
    meanwhile: () => 'no further file is made',
    stopped: () => ' before the first row',
  };
  return untilSignal(world, screen, stopWords, async (signal) => {
    const summary = await composeConvert(options, {
      ...readingIn(world, signal, screen.warn),
      observe(run) {
        isObserved = true;
        return screen.observe(run);
      },
    }).catch((error: unknown) => {
      throw signal.aborted && !isObserved && !isAbort(error, signal) ? signal.reason : error;
    });
    screen.close(summary);
    return tellSummary(summary, options, world);
  });
}
