import type { VerifyReport } from '../../domain/verify-report.ts';
import { countLines } from '../count-lines.ts';
import { formatBalance, formatCount, formatDuration, formatNoun } from '../format.ts';
import { pageOf, wrappedText, wrapWords } from '../page.ts';
import { printable } from '../printable.ts';

/** The page on standard output. Ends with a line break. `columns`: where there is a terminal to wrap for. */
export function verifyReportText(report: VerifyReport, columns = Infinity): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rows, requests, rate, sample, files, resumeCommand } = report;
  const { unsampled: _unsampled, ...compared } = rows;
  return pageOf([
    wrapWords(verifyOutcomeText(report).split(' '), columns, 2),
    line('rows', formatBalance(sample === null ? compared : rows)),
    sample === null ? undefined : line('sample', `${formatNoun(sample.rows, 'row')}, --seed ${sample.seed}`),
    line('took', formatDuration(report.durationSeconds)),
    line(
      'read units',
      `${formatCount(report.readUnits)}, on average ${formatCount(rate.average)} a second${rate.limit === null ? '' : ` (limit ${formatCount(rate.limit)})`}`,
    ),
    line(
      'requests',
      `${formatCount(requests.sent)} sent, ${formatCount(requests.throttled)} throttled, ${formatCount(requests.retried)} retried, ${formatNoun(requests.unprocessedKeys, 'key')} handed back`,
    ),
    ...countLines('Differences by attribute:', Object.entries(report.differencesByAttribute)),
    ...countLines('Rows that an import rejects, by code:', Object.entries(report.rejectsByCode)),
    ...files.map(
      (file) =>
        `  ${printable(file)} holds the rows; import-tokens ${printable(file)} with the options of the import mends the table`,
    ),
    ...(resumeCommand === undefined ? [] : ['To go on with it:', `  ${resumeCommand}`]),
  ]);
}

/** The verification in one sentence. */
function verifyOutcomeText({ outcome, rows, sample, table, error }: VerifyReport): string {
  const compared = `${sample === null || rows.unsampled === 0 ? 'every row' : 'every row of the sample'} is in table ${printable(table)} as the source has it`;
  switch (outcome) {
    case 'equal':
      return `Equal: ${compared}.`;
    case 'different':
      return `Different: ${formatCount(rows.missing)} missing, ${formatCount(rows.different)} different, ${formatCount(rows.rejected)} rejected by the mapping, ${formatCount(rows.equal)} equal.`;
    case 'too-many-differences':
      return 'Different: too many rows differ to go on.';
    case 'interrupted':
      return `Interrupted: ${formatNoun(rows.read, 'row')} read, ${rows.pending === 0 ? 'all' : formatCount(rows.pending)} of them ${rows.pending === 0 ? '' : 'not '}compared`;
    case 'failed':
      return `Failed${error === undefined ? ': the balance of rows does not hold, which is a bug' : `: ${printable(error.message)}`}`;
  }
}
