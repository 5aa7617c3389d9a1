import { join } from 'node:path';
import { openRejectFiles } from '../../adapters/file/run/reject-files.ts';
import { exitCodeOf, exitCodes, ImportError, type StopSignal } from '../../domain/import-error.ts';
import type { VerifyOutcome, VerifyReport } from '../../domain/run-summary.ts';
import type { Difference, Differences } from '../../pipeline/verify/held-rows.ts';
import type { VerifyRun } from '../../pipeline/verify/verify-run.ts';
import { verifyResumeCommand } from '../shell-command.ts';
import { listedShape, type OpenedRows } from '../source/open-rows.ts';
import type { VerifySurroundings } from '../surroundings.ts';
import type { VerifyFolder } from './verify-folder.ts';

/** What a verification found and how it ended. Throws faults that are bugs, with their stack. */
export function findingsOf(
  run: VerifyRun,
  fault: unknown,
  { directory, options, state: { seed } }: VerifyFolder,
  surroundings: Pick<VerifySurroundings, 'cwd' | 'signal'>,
): Omit<VerifyReport, 'table' | 'readUnits' | 'durationSeconds' | 'rate' | 'requests' | 'files'> {
  if (fault !== undefined && !(fault instanceof ImportError)) throw fault;
  const { outcome, exitCode } = outcomeOf(run, fault, surroundings.signal);
  const isIncomplete = outcome === 'interrupted' || outcome === 'failed';
  return {
    version: 1,
    outcome,
    exitCode,
    source: options.sources,
    sample: options.all ? null : { rows: run.drawn ?? options.sample, seed },
    consistent: options.consistent,
    rows: run.counts(),
    differencesByAttribute: run.differencesByAttribute(),
    rejectsByCode: run.rejectsByCode,
    ...(isIncomplete && { resumeCommand: verifyResumeCommand(directory.path, options.sources, surroundings) }),
    ...(fault !== undefined && { error: fault.told }),
  };
}

function outcomeOf(
  run: VerifyRun,
  fault: ImportError | undefined,
  signal: AbortSignal,
): { outcome: VerifyOutcome; exitCode: number } {
  if (fault?.code === 'too-many-differences') return { outcome: 'too-many-differences', exitCode: exitCodes.someRows };
  if (fault !== undefined) return { outcome: 'failed', exitCode: exitCodeOf(fault.code) };
  if (!run.finished)
    return { outcome: 'interrupted', exitCode: exitCodes[signal.reason as StopSignal] ?? exitCodes.bug };
  const { missing, different, undeleted = 0, rejected, pending } = run.counts();
  if (pending !== 0) return { outcome: 'failed', exitCode: exitCodes.bug };
  return missing + different + undeleted + rejected === 0
    ? { outcome: 'equal', exitCode: exitCodes.done }
    : { outcome: 'different', exitCode: exitCodes.someRows };
}

/** Bounds the text that is made at once. */
const rowsAtOnce = 1_000;

/** Writes `missing.*`, `different.*` and `undeleted.*`, rows as the source has them, each with its reasons. Returns the paths written. */
export async function listDifferences(
  folder: string,
  rows: OpenedRows,
  differences: Differences,
  showValues: boolean,
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const kind of ['missing', 'different', 'undeleted'] as const) {
    const names = { rows: kind, reasons: `${kind}.jsonl` };
    const sink = await openRejectFiles(folder, { ...listedShape(rows), names });
    const found = differences.all(kind);
    for (let next = 0; next < found.length; next += rowsAtOnce) {
      const listed = found.slice(next, next + rowsAtOnce).map((difference) => ({
        position: difference.row,
        bytes: difference.row.bytes,
        code: kind,
        message: messageOf(difference, showValues),
      }));
      await sink.append(listed);
    }
    await sink.sync();
    await sink.close();
    if (found.length > 0) made.push(join(folder, `${kind}.${rows.dialect.rejectExtension}`));
  }
  return made;
}

function messageOf({ kind, attributes }: Difference, showValues: boolean): string {
  if (kind === 'missing') return 'the table has no item with this key';
  if (kind === 'undeleted') return 'the table has an item with this key, which the row deletes';
  const texts = attributes.map(({ name, inRow, inTable }) =>
    showValues ? `"${name}" (row ${inRow ?? 'none'}, table ${inTable ?? 'none'})` : `"${name}"`,
  );
  return `the item differs in ${texts.join(', ')}`;
}
