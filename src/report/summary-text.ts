import type { RowCounts, RunExpiry, RunSummary, ScopeFigures } from '../domain/run-summary.ts';
import { capacityLines } from './capacity-state.ts';
import {
  formatBalance,
  formatBytes,
  formatCount,
  formatDuration,
  formatMs,
  formatNoun,
  formatRate,
  labelled,
  pageOf,
  printable,
  rejectText,
  wrappedText,
  wrapSentence,
} from './format.ts';

/** A shorter run says little of what holds a longer one back. */
const leastSecondsForAdvice = 30;

/** The final page on standard output. Ends with a line break. `columns`: where there is a terminal to wrap for. */
export function summaryText(summary: RunSummary, columns = Number.POSITIVE_INFINITY): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rejects, report } = summary;
  const isStillRaised = summary.capacity?.state === 'still-raised';
  return pageOf([
    // It costs money until someone acts.
    ...(isStillRaised ? capacityLines(summary.capacity) : []),
    wrapSentence(outcomeText(summary), columns),
    line('rows', formatBalance(summary.rows)),
    ...(summary.converted === undefined ? tableLines(summary, line) : fileLines(summary, summary.converted, line)),
    ...skipLines(summary, line),
    ...rejects.map((group, i) => line(i === 0 ? 'rejected' : '', rejectText(group))),
    ...(isStillRaised ? [] : capacityLines(summary.capacity)),
    summary.restorePoint && line('go back to', `${summary.restorePoint}, by point-in-time recovery into a new table`),
    report && labelled('report', printable(report)),
    ...nextLines(summary, columns),
    summary.repository === 'memory' ? 'This was a rehearsal: nothing was written to DynamoDB.' : undefined,
  ]);
}

function tableLines(summary: RunSummary, line: (label: string, text: string) => string): string[] {
  const { requests, latencyMs } = summary;
  return [
    ...scopeLines(summary, line),
    line(
      'requests',
      `${formatCount(requests.sent)} sent, ${formatCount(requests.throttled)} throttled, ${formatCount(requests.retried)} retried, ${formatNoun(requests.unprocessedItems, 'item')} handed back`,
    ),
    ...(latencyMs.max === 0
      ? []
      : [
          line(
            'latency',
            `p50 ${formatMs(latencyMs.p50)}, p90 ${formatMs(latencyMs.p90)}, p99 ${formatMs(latencyMs.p99)}, max ${formatMs(latencyMs.max)}`,
          ),
        ]),
    line('connections', `${formatCount(summary.connectionsOpened)} opened, ${formatBytes(summary.bytesSent)} sent`),
    ...(hasAdvice(summary) ? [line('held back', `by ${summary.advice}`)] : []),
  ];
}

function fileLines(
  { durationSeconds }: RunSummary,
  { files, items, bytes, to }: NonNullable<RunSummary['converted']>,
  line: (label: string, text: string) => string,
): string[] {
  const made = `${formatNoun(files, 'file')} with ${formatNoun(items, 'item')} in ${formatBytes(bytes)}`;
  return [line('took', formatDuration(durationSeconds)), line('files', `${made}, in ${printable(to)}`)];
}

/** Whether the run was long enough to say what held it back. */
export function hasAdvice({ advice, durationSeconds }: RunSummary): boolean {
  return advice !== '' && durationSeconds >= leastSecondsForAdvice;
}

/** Time and write units, of this process and of all. */
function scopeLines(
  { scopes, durationSeconds, writeUnits, rate }: RunSummary,
  line: (label: string, text: string) => string,
): string[] {
  const pace = `on average ${formatCount(rate.average)} a second${limitText(rate)}`;
  if (scopes === undefined) {
    return [line('took', formatDuration(durationSeconds)), line('write units', `${formatCount(writeUnits)}, ${pace}`)];
  }
  const { processes, thisProcess, wholeRun } = scopes;
  return [
    line('this process', `${scopeText(thisProcess)}, ${pace}`),
    line('whole run', `${scopeText(wholeRun)}, in ${processes} processes`),
  ];
}

function scopeText({ rows, writeUnits, durationSeconds }: ScopeFigures): string {
  return `${formatNoun(rows, 'row')}, ${formatNoun(writeUnits, 'write unit')} in ${formatDuration(durationSeconds)}`;
}

/** What to do next, each with a command to be pasted, which is never wrapped. */
function nextLines(summary: RunSummary, columns: number): string[] {
  const { verifyCommand, resumeCommand, converted } = summary;
  const next = (text: string, command?: string) => [
    wrapSentence(printable(text), columns),
    ...(command === undefined ? [] : [`  ${printable(command)}`]),
  ];
  return [
    ...(resumeCommand === undefined ? [] : next(continueText(summary), resumeCommand)),
    ...repairLines(summary, next),
    ...(converted?.next ?? []).flatMap(({ text, command }) => next(text, command)),
    ...(verifyCommand === undefined ? [] : next(verifyText(summary), verifyCommand)),
  ];
}

function repairLines(summary: RunSummary, next: (text: string, command?: string) => string[]): string[] {
  const { repair, resumeCommand, error } = summary;
  if (repair === undefined) return [];
  const { rows, reasons, importCommand } = repair;
  // What is past the last checkpoint may not have reached the disk.
  if (error?.code === 'disk-full') return next(`Not all rejected rows are in ${rows}: a resume finds them again.`);
  if (resumeCommand !== undefined) return next(`Rejected rows are in ${rows}, the reasons in ${reasons}.`);
  return next(`Repair ${rows} (the reasons are in ${reasons}), then${whenLoaded(summary)}:`, importCommand);
}

function continueText({ stoppedAtMaxRows, converted }: RunSummary): string {
  if (converted !== undefined) return 'To continue the conversion:';
  return stoppedAtMaxRows ? 'To import the rest:' : 'To continue the import:';
}

function verifyText(summary: RunSummary): string {
  return `To compare the table with the source${whenLoaded(summary)}:`;
}

/** Before that, an engine could write an earlier row of the key over a repaired one. */
function whenLoaded({ converted }: RunSummary): string {
  return converted === undefined ? '' : ' once the files are loaded';
}

const unread = 'the source was not read to its end';

/** The run in one sentence. */
export function outcomeText(summary: RunSummary): string {
  const { outcome, rows, error, table, repository, exitCode, stoppedAtMaxRows, converted, shard } = summary;
  const where = converted === undefined ? `table ${printable(table)}` : printable(converted.to);
  const fate = `${repository === 'memory' ? 'went through' : `is in ${where}`}${leftOutText(rows)}`;
  const ofShard = shard === undefined ? '' : ` of shard ${shard.index} of ${shard.count}`;
  const own = rows.read - (rows.elsewhere ?? 0);
  const because = error === undefined ? '' : `: ${printable(error.message)}`;
  if (exitCode === 1) return `Failed${because || ': the balance of rows does not hold, which is a bug'}`;
  switch (outcome) {
    case 'completed':
      if (stoppedAtMaxRows) return `Completed as far as --max-rows: every row read${ofShard} ${fate}; ${unread}.`;
      return `Completed: every row${ofShard} ${fate}.`;
    case 'completed-with-rejects': {
      const rejected = formatNoun(rows.rejected, 'rejected row');
      if (rows.rejected === own) return `Completed with ${rejected}: no other row${ofShard} was read.`;
      if (rows.rejected + rows.skipped === own)
        return `Completed with ${rejected}: every other row${ofShard} was skipped.`;
      if (!stoppedAtMaxRows) return `Completed with ${rejected}: every other row${ofShard} ${fate}.`;
      return `Completed as far as --max-rows, with ${rejected}: every other row read${ofShard} ${fate}; ${unread}.`;
    }
    case 'too-many-rejects':
      return `Stopped, too many rejected rows${because}`;
    case 'interrupted':
      return `Interrupted${because || `: ${formatNoun(rows.read, 'row')} read, ${rows.pending === 0 ? 'all' : formatCount(rows.pending)} of them ${rows.pending === 0 ? '' : 'not '}done`}`;
    case 'failed':
      return `${error?.code === 'too-many-deletes' ? 'Stopped' : 'Failed'}${because}`;
  }
}

/** Rows that ended well and are not in the table all the same. */
function leftOutText({ skipped, kept, deleted }: RowCounts): string {
  const parts = [
    skipped === 0 ? undefined : `${formatCount(skipped)} skipped`,
    kept === 0 ? undefined : `${formatCount(kept)} whose item there was kept`,
    deleted === 0 ? undefined : `${formatCount(deleted)} whose item was deleted`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `, but for ${listedWords(parts)}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listedWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' and ');
}

/** Why rows were skipped, and which of the expired were not. */
function skipLines({ skippedByReason, expiry }: RunSummary, line: (label: string, text: string) => string): string[] {
  const { 'skip-rows': first = 0, expired = 0 } = skippedByReason ?? {};
  const reasons = [
    expired > 0 && expiry !== undefined ? expiredText(expired, expiry) : undefined,
    first > 0 ? `${formatCount(first)} by --skip-rows` : undefined,
  ].filter((reason) => reason !== undefined);
  const neverDeleted = expiry?.neverDeleted ?? 0;
  return [
    ...(expiry === undefined || reasons.length === 0 ? [] : [line('skipped', reasons.join(', '))]),
    ...(neverDeleted === 0
      ? []
      : [
          line(
            'not skipped',
            `${formatNoun(neverDeleted, 'row')} that expired more than five years ago, which DynamoDB never deletes`,
          ),
        ]),
  ];
}

function expiredText(count: number, { clock, graceSeconds, column }: RunExpiry): string {
  const grace = graceSeconds === 0 ? '' : `, less ${formatDuration(graceSeconds)}`;
  return `${formatCount(count)} that had expired at ${clock}${grace}, by column ${printable(column)}`;
}

function limitText({ limit, limits }: RunSummary['rate']): string {
  if (limits !== undefined) return ` (limit ${formatCount(limits.lowest)} to ${formatCount(limits.highest)})`;
  return limit === null ? '' : ` (limit ${formatRate(limit)})`;
}
