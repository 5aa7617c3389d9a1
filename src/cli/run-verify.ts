import { jsonText } from '../domain/format.ts';
import type { VerifyReport } from '../domain/run-summary.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { terminalColumns } from '../report/format.ts';
import type { Screen } from '../report/watch/screen.ts';
import { readingIn } from './terminal.ts';
import { type Compositions, untilSignal, type World, writeFault } from './world.ts';

export async function runVerify(options: ImportOptions, world: World, compositions: Compositions): Promise<number> {
  const { openScreen } = await import('../report/watch/screen.ts');
  const screen = openScreen(world.stderr, options);
  const stopWords = { meanwhile: () => 'what is in flight ends first', stopped: () => ' before the first read' };
  return untilSignal(world, screen, stopWords, async (signal) => {
    const report = await verifyOn(screen, options, { world, compositions, signal });
    return tellReport(report, options, world);
  });
}

type Place = { readonly world: World; readonly compositions: Compositions; readonly signal: AbortSignal };

async function verifyOn(screen: Screen, options: ImportOptions, place: Place): Promise<VerifyReport> {
  const { world, compositions, signal } = place;
  const [{ composeVerify }, { verifyPreflightText, verifyPreflightSentence, verifyProgressText }] = await Promise.all([
    compositions.verify(),
    import('../report/verify-text.ts'),
  ]);
  const report = await composeVerify(options, {
    ...readingIn(world, signal, screen.warn),
    preflight: (facts) =>
      screen.announce((columns) => verifyPreflightText(facts, columns), verifyPreflightSentence(facts), {
        event: 'verify',
        ...facts,
      }),
    observe: (clock, figures) => screen.observeText(clock, verifyProgressText(clock, figures)),
  });
  screen.close();
  return report;
}

/** Verifies after an import, in a folder inside its run directory. Resolves with the exit code of the verification. */
export async function verifyAfterImport(
  options: ImportOptions,
  runDir: string,
  place: Place & { readonly screen: Screen },
): Promise<number> {
  const { screen, world } = place;
  const own = { resume: undefined, summary: undefined, runDir: `${runDir}/verify` };
  const report = await verifyOn(screen, { ...options, ...own }, place);
  const { keepVerification } = await place.compositions.runReport();
  await keepVerification(runDir, report, world).catch((error: Error) => screen.warn(error.message));
  if (!options.json) return tellReport(report, options, world);
  // Standard output holds the summary of the import; this report is in its own directory.
  if (report.error !== undefined) writeFault(report.error.message, report.error.hint, world);
  return report.exitCode;
}

async function tellReport(report: VerifyReport, options: ImportOptions, world: World): Promise<number> {
  const { verifyReportText } = await import('../report/verify-text.ts');
  if (report.error !== undefined) writeFault(report.error.message, report.error.hint, world);
  world.stdout.write(options.json ? jsonText(report) : verifyReportText(report, terminalColumns(world.stdout)));
  return report.exitCode;
}
