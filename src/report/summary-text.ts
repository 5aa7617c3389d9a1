import type { RowCounts, RunSummary } from '../domain/run-summary.ts';
import { capacityLines } from './capacity-state.ts';
import { formatBalance, formatBytes, formatCount, formatDuration, formatMs, formatNoun, printable } from './format.ts';
import { pageOf, rejectLines, wrappedText, wrapWords } from './page.ts';

/** `runDir`: where the reject files are. `columns`: where there is a terminal to wrap for. */
type SummaryPlace = { readonly runDir?: string; readonly columns?: number | undefined };

/** The final page on standard output. Ends with a line break. */
export function summaryText(summary: RunSummary, { runDir, columns = Infinity }: SummaryPlace = {}): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rows, requests, latencyMs, rate } = summary;
  const isStillRaised = summary.capacity?.state === 'still-raised';
  return pageOf([
    // It costs money until someone acts.
    ...(isStillRaised ? capacityLines(summary.capacity) : []),
    wrapWords(outcomeText(summary).split(' '), columns, 2),
    line('rows', formatBalance(rows)),
    line('took', formatDuration(summary.durationSeconds)),
    line(
      'write units',
      `${formatCount(summary.writeUnits)}, on average ${formatCount(rate.average)} a second${limitText(rate.limit)}`,
    ),
    line(
      'requests',
      `${formatCount(requests.sent)} sent, ${formatCount(requests.throttled)} throttled, ${formatCount(requests.retried)} retried, ${formatNoun(requests.unprocessedItems, 'item')} handed back`,
    ),
    latencyMs.max === 0
      ? undefined
      : line(
          'latency',
          `p50 ${formatMs(latencyMs.p50)}, p90 ${formatMs(latencyMs.p90)}, p99 ${formatMs(latencyMs.p99)}, max ${formatMs(latencyMs.max)}`,
        ),
    line('connections', `${formatCount(summary.connectionsOpened)} opened, ${formatBytes(summary.bytesSent)} sent`),
    summary.advice === '' ? undefined : line('held back', `by ${summary.advice}`),
    ...rejectedLines(summary, runDir),
    ...(isStillRaised ? [] : capacityLines(summary.capacity)),
    summary.restorePoint && line('go back to', `${summary.restorePoint}, by point-in-time recovery into a new table`),
    ...(summary.resumeCommand === undefined ? [] : ['To go on with it:', `  ${summary.resumeCommand}`]),
    summary.repository === 'memory' ? 'This was a rehearsal: nothing was written to DynamoDB.' : undefined,
  ]);
}

const unread = 'the source was not read to its end';

/** The run in one sentence. */
export function outcomeText(summary: RunSummary): string {
  const { outcome, rows, error, table, repository, exitCode, stoppedAtMaxRows } = summary;
  const fate = `${repository === 'memory' ? 'went through' : `is in table ${printable(table)}`}${leftOutText(rows)}`;
  const because = error === undefined ? '' : `: ${printable(error.message)}`;
  if (exitCode === 1) return `Failed${because || ': the balance of rows does not hold, which is a bug'}`;
  switch (outcome) {
    case 'completed':
      if (stoppedAtMaxRows) return `Completed as far as --max-rows: every row read ${fate}; ${unread}.`;
      return `Completed: every row ${fate}.`;
    case 'completed-with-rejects': {
      const rejected = formatNoun(rows.rejected, 'rejected row');
      if (rows.rejected === rows.read - rows.skipped) return `Completed with ${rejected}: no other row was read.`;
      if (!stoppedAtMaxRows) return `Completed with ${rejected}: every other row ${fate}.`;
      return `Completed as far as --max-rows, with ${rejected}: every other row read ${fate}; ${unread}.`;
    }
    case 'too-many-rejects':
      return `Stopped, too many rejected rows${because}`;
    case 'interrupted':
      return `Interrupted${because || `: ${formatNoun(rows.read, 'row')} read, ${rows.pending === 0 ? 'all' : formatCount(rows.pending)} of them ${rows.pending === 0 ? '' : 'not '}done`}`;
    case 'failed':
      return `Failed${because}`;
  }
}

/** Rows that ended well and are not in the table all the same. */
function leftOutText({ skipped, kept }: RowCounts): string {
  const parts = [
    skipped === 0 ? undefined : `${formatCount(skipped)} skipped`,
    kept === 0 ? undefined : `${formatCount(kept)} whose item there was kept`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `, but for ${parts.join(' and ')}`;
}

function limitText(limit: number | null): string {
  return limit === null ? '' : ` (limit ${formatCount(limit)})`;
}

function rejectedLines({ rejectsByCode, rows, error }: RunSummary, runDir: string | undefined): readonly string[] {
  if (rows.rejected === 0) return [];
  const folder = printable(runDir ?? '');
  // What is behind the last checkpoint may not have reached the disk.
  const where =
    error?.code === 'disk-full'
      ? `  not all of them are in ${folder}/rejected.*; a resume finds them again`
      : `  the rows are in ${folder}/rejected.*, the reasons in rejects.jsonl next to them`;
  return [...rejectLines(rejectsByCode), ...(runDir === undefined ? [] : [where])];
}
