import type { VerifyReport } from '../domain/run-summary.ts';
import type { StoredBytes } from '../domain/run-totals.ts';
import type { TableInfo } from '../domain/table.ts';
import type { Clock } from '../ports/clock.ts';
import {
  countLines,
  formatBalance,
  formatBytes,
  formatCount,
  formatDuration,
  formatNoun,
  labelIndent,
  labelled,
  pageOf,
  printable,
  wrappedText,
  wrapSentence,
  wrapWords,
} from './format.ts';
import { recentRate, shareProgress } from './watch/run-progress.ts';

/** What is known of a verification before its first read. */
export type VerifyPreflight = {
  readonly sources: readonly { readonly name: string; readonly storedBytes: number | undefined }[];
  readonly format: string;
  readonly keyNames: readonly string[];
  /** Undefined where the table may not be described. */
  readonly table: TableInfo | undefined;
  readonly tableName: string;
  readonly endpoint: string;
  readonly region: string;
  readonly rate: { readonly readUnitsPerSecond: number; readonly chosen: string };
  readonly consistent: boolean;
  /** Rows; undefined where all are compared. */
  readonly sample: number | undefined;
  readonly seed: number;
  /** For items of up to 4 KB; NaN where it can't be told. */
  readonly estimatedReadUnits: number;
  readonly runDir: string;
  readonly resumedAt: number | undefined;
};

/** How a verification stands at a moment. */
export type VerifyFigures = StoredBytes & {
  readonly rowsRead: number;
  readonly isSample: boolean;
  /** Rows of the sample, once it is drawn. */
  readonly drawn: number | undefined;
  /** Rows read and not judged. */
  readonly pending: number;
  readonly equal: number;
  /** Rows that are missing, differ, or are not deleted. */
  readonly found: number;
  readonly readUnits: number;
};

/** The page on standard output. Ends with a line break. `columns`: where there is a terminal to wrap for. */
export function verifyReportText(report: VerifyReport, columns = Infinity): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rows, requests, rate, sample, files, resumeCommand } = report;
  const { unsampled: _unsampled, ...compared } = rows;
  return pageOf([
    wrapSentence(verifyOutcomeText(report), columns),
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
    ...files.flatMap(fileLines),
    ...(resumeCommand === undefined ? [] : ['To continue the verification:', `  ${resumeCommand}`]),
  ]);
}

/** What to do with the rows of a file; production may have written items since the import, which a put would undo. */
function fileLines(file: string): readonly string[] {
  const holds = `  ${printable(file)} holds the rows;`;
  if (!/(^|\/)(different|undeleted)\.[a-z]+$/.test(file)) {
    return [`${holds} import-tokens ${printable(file)} with the options of the import mends the table`];
  }
  return [
    `${holds} production may have changed these items since the import.`,
    `  To apply only rows that are newer: import-tokens ${printable(file)} --if-exists newer:COLUMN, with the options of the import`,
  ];
}

/** The verification in one sentence. */
function verifyOutcomeText({ outcome, rows, sample, table, error }: VerifyReport): string {
  switch (outcome) {
    case 'equal':
      return `Equal: ${equalText(rows, sample, table)}.`;
    case 'different':
      return `Different: ${formatCount(rows.missing)} missing, ${formatCount(rows.different)} different, ${undeletedText(rows)}${formatCount(rows.rejected)} rejected by the mapping, ${formatCount(rows.equal)} equal.`;
    case 'too-many-differences':
      return 'Different: too many rows differ to go on.';
    case 'interrupted':
      return `Interrupted: ${formatNoun(rows.read, 'row')} read, ${rows.pending === 0 ? 'all' : formatCount(rows.pending)} of them ${rows.pending === 0 ? '' : 'not '}compared`;
    case 'failed':
      return `Failed${error === undefined ? ': the balance of rows does not hold, which is a bug' : `: ${printable(error.message)}`}`;
  }
}

/** Rows of other shards, and those that are skipped, are not compared. */
function equalText(rows: VerifyReport['rows'], sample: VerifyReport['sample'], table: string): string {
  const ofShard = rows.elsewhere === undefined ? '' : ' of the shard';
  const which = sample === null || rows.unsampled === 0 ? ofShard : ' of the sample';
  const orDeleted = rows.undeleted === undefined ? '' : ', or deleted from it,';
  const butFor = rows.skipped === 0 ? '' : `, but for ${formatCount(rows.skipped)} skipped`;
  return `every row${which} is in table ${printable(table)}${orDeleted} as the source has it${butFor}`;
}

function undeletedText({ undeleted }: VerifyReport['rows']): string {
  return undeleted === undefined ? '' : `${formatCount(undeleted)} not deleted, `;
}

/** What the operator is shown before the first read, a line each. Ends with a line break. */
export function verifyPreflightText(preflight: VerifyPreflight, columns: number): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { sources, table, rate, resumedAt } = preflight;
  const names = sources.map(({ name, storedBytes }) => {
    return `${printable(name)}${storedBytes === undefined ? '' : ` (${formatBytes(storedBytes)})`}`;
  });
  return pageOf([
    wrapSentence(titleOf(preflight), columns),
    labelled('source', wrapWords(names, columns, labelIndent)),
    line('format', printable(preflight.format)),
    line('account', table?.account ?? 'not known: the table could not be described'),
    line('region', preflight.region),
    line('endpoint', printable(preflight.endpoint)),
    table && line('table', table.arn),
    table && line('holds', `${formatNoun(table.itemCount, 'item')} as of AWS's last count`),
    line('key', preflight.keyNames.map(printable).join(', ')),
    line('compares', comparedText(preflight)),
    line('costs', costText(preflight)),
    line('rate', `${formatCount(rate.readUnitsPerSecond)} read units a second: ${rate.chosen}`),
    resumedAt === undefined ? undefined : line('resumed', `${formatNoun(resumedAt, 'row')} compared before`),
    labelled('run dir', printable(preflight.runDir)),
  ]);
}

function titleOf({ tableName }: VerifyPreflight): string {
  return `About to compare with the DynamoDB table ${printable(tableName)}: nothing is written to it`;
}

/** The same in one line of a log. */
export function verifyPreflightSentence(preflight: VerifyPreflight): string {
  return `about to compare ${comparedText(preflight)} with ${preflight.tableName}; ${costText(preflight)}`;
}

function comparedText({ sample, seed }: VerifyPreflight): string {
  return sample === undefined
    ? 'every row'
    : `a sample of ${formatNoun(sample, 'row')} (--seed ${seed} draws it again)`;
}

function costText({ estimatedReadUnits, consistent, rate }: VerifyPreflight): string {
  const unit = consistent ? '1 read unit' : 'half a read unit';
  const each = `${unit} for each item of up to 4 KB`;
  if (Number.isNaN(estimatedReadUnits)) return `${each}: 10 million rows cost ${consistent ? 10 : 5} million`;
  const seconds = Math.ceil(estimatedReadUnits / rate.readUnitsPerSecond);
  return `about ${formatCount(estimatedReadUnits)} read units, in ${formatCount(seconds)} s: ${each}`;
}

const windowMs = 10_000;

/** How far a verification is: `1,234,567 rows   62 %   1,987/s read units   3 found   ETA 3 min`. */
export function verifyProgressText(clock: Clock, figures: () => VerifyFigures): () => string {
  // Drawing a sample is one work, comparing it another.
  const drawing = shareProgress(clock);
  const comparing = shareProgress(clock);
  const units = recentRate(windowMs);
  return () => {
    const now = figures();
    const isDrawing = now.isSample && now.drawn === undefined;
    const { done, eta } = (isDrawing ? drawing : comparing)(shareDone(now));
    units.add(clock.nowMs(), now.readUnits);
    return [
      `${formatCount(now.rowsRead)} rows`,
      done,
      isDrawing ? 'drawing the sample' : `${formatCount(now.equal + now.found)} compared`,
      `${formatCount(units.perSecond() ?? 0)}/s read units`,
      now.found === 0 ? undefined : `${formatCount(now.found)} missing or different`,
      eta,
    ]
      .filter((part) => part !== undefined)
      .join('   ');
  };
}

/** Of the sample, once it is drawn; else of the source, less what is read and not compared yet. */
function shareDone(figures: VerifyFigures): number | undefined {
  const { isSample, drawn, equal, found, rowsRead, pending, storedBytesRead, storedBytesTotal: total } = figures;
  if (drawn !== undefined) return drawn === 0 ? undefined : (equal + found) / drawn;
  if (!total) return undefined;
  const judged = isSample || rowsRead === 0 ? 1 : 1 - pending / rowsRead;
  return Math.min(1, storedBytesRead / total) * judged;
}
