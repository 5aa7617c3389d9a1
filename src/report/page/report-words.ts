import type { RowCounts } from '../../domain/run-summary.ts';
import { formatCount, formatNoun } from '../format.ts';
import { outcomeText } from '../summary-text.ts';
import type { ReportData } from './report-data.ts';

type Fate = Exclude<keyof RowCounts, 'read'>;

/** What became of so many rows, as one says it to somebody who was not there. */
type FateInWords = { readonly fate: Fate; readonly count: number; readonly words: string };

/** The run in one sentence. */
export function headline({ summary, state }: ReportData): string {
  if (summary !== undefined) return outcomeText(summary);
  return state === 'running'
    ? 'The import is running.'
    : 'The process ended without a word, as after a kill. What it wrote is kept; a resume goes on from there.';
}

/** The fates that rows met, the usual one first. */
export function fatesOf(counts: RowCounts, isRehearsal: boolean): FateInWords[] {
  const written = isRehearsal
    ? 'went through; nothing was written, as this was a rehearsal'
    : 'were written to the table';
  const words: Readonly<Record<Fate, string>> = {
    written,
    superseded: 'were replaced by a later row with the same key, which is what the table holds',
    kept: 'were left out, because the table’s own item was to be kept',
    rejected: 'were rejected; they stand in the run directory, with the reason for each',
    skipped: 'were left out, as --skip-rows asked',
    pending: 'were read, but not done when the run stopped; a resume writes them',
  };
  return (Object.keys(words) as Fate[])
    .filter((fate) => counts[fate] > 0 || fate === 'written')
    .map((fate) => ({ fate, count: counts[fate], words: words[fate] }));
}

/** Whether all is accounted for. */
export function balanceSentence(counts: RowCounts): string {
  const { read, ...fates } = counts;
  const sum = Object.values(fates).reduce((total, count) => total + count, 0);
  if (sum !== read) {
    return `Of ${formatNoun(read, 'row')} read only ${formatCount(sum)} are accounted for. This is a bug: please report it.`;
  }
  return `${formatNoun(read, 'row')} ${read === 1 ? 'was' : 'were'} read, and each is accounted for: none is missing.`;
}
