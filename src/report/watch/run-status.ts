import { jsonText } from '../../domain/format.ts';
import type { CapacityEnding, RowCounts, RunSummary, VerifyReport } from '../../domain/run-summary.ts';
import {
  alignedRows,
  formatCount,
  formatDuration,
  formatNoun,
  labelled,
  pageOf,
  partLabel,
  printable,
  wrappedText,
  wrapSentence,
} from '../format.ts';
import { headline, type ReportData } from '../page/report-data.ts';
import { summaryText } from '../summary-text.ts';
import { verifyReportText } from '../verify-text.ts';
import { liveLines, type ViewSize } from './live-view.ts';
import type { RunFigures } from './run-context.ts';

/** How a run stands, seen from outside of its process. */
export type RunStatus = {
  readonly runDir: string;
  readonly runId: string;
  readonly state: ReportData['state'];
  /** Before its first process wrote anything, ISO 8601 in UTC; undefined if the manifest is lost. */
  readonly startedAt: string | undefined;
  readonly sources: readonly string[];
  /** `memory` for a rehearsal. */
  readonly table: string;
  /** Capacity that it raised and has not restored. */
  readonly raised:
    | { readonly parts: CapacityEnding['raised']; readonly restoreCommand: string; readonly awsCommand: string }
    | undefined;
  /** When its last process began, in ms since 1970; undefined where none got so far. */
  readonly begunMs: number | undefined;
  /** As that process told them last; undefined before its first sample. */
  readonly figures: RunFigures | undefined;
  /** Rows below the last checkpoint. */
  readonly counts: RowCounts | undefined;
  /** Of a run that has ended. */
  readonly summary: RunSummary | undefined;
  /** Where it ended without a word. */
  readonly resumeCommand: string | undefined;
};

/** How a verification stands, seen from outside of its process. */
export type VerifyStatus = {
  readonly runDir: string;
  readonly state: 'running' | 'ended' | 'stopped';
  readonly sources: readonly string[];
  readonly rowsRead: number | undefined;
  readonly report: VerifyReport | undefined;
};

export function verifyStatusText(
  { runDir, state, sources, rowsRead, report }: VerifyStatus,
  columns = Infinity,
): string {
  if (report !== undefined && state !== 'running') return verifyReportText(report, columns);
  return pageOf([
    state === 'running' ? 'The verification is running.' : 'The verification stopped before its end.',
    wrappedText('source', sources.map(printable).join(', '), columns),
    rowsRead === undefined ? undefined : labelled('rows', `${formatCount(rowsRead)} compared at the last save`),
    labelled('run dir', printable(runDir)),
  ]);
}

/** The status as `--json` prints it, schema version 1. */
export function statusJson(status: RunStatus): string {
  // What is still raised and costs money goes first.
  const { raised, ...rest } = status;
  return jsonText({ version: 1, raised: raised ?? null, ...rest });
}

/** `pageColumns`: where there is a terminal to wrap for. */
type StatusSize = ViewSize & { readonly pageColumns?: number | undefined };

/** The status as one reads it; the figures are those that the run itself shows. */
export function statusText(status: RunStatus, nowMs: number, size: StatusSize): string {
  const { summary, figures, begunMs, counts, runDir, state, resumeCommand } = status;
  const columns = size.pageColumns ?? Infinity;
  const raised = raisedLines(status, columns);
  const about = aboutLines(status, columns);
  if (summary !== undefined) {
    const page = summaryText(summary, size.pageColumns);
    return `${raised.map((line) => `${line}\n`).join('')}${page}${pageOf(about)}`;
  }
  const ago = (ms: number) => `${formatDuration(Math.max(0, Math.round((nowMs - ms) / 1000)))} ago`;
  return pageOf([
    ...raised,
    wrapSentence(headline({ history: undefined, summary, state }), columns),
    ...(figures === undefined ? [] : liveLines(figures, { ...size, isOver: state === 'gone' })),
    figures === undefined ? undefined : labelled('as of', ago(figures.atMs)),
    figures === undefined && begunMs !== undefined
      ? wrappedText('begun', `${ago(begunMs)}, no figures yet`, columns)
      : undefined,
    ...about,
    wrappedText('checkpoint', doneText(counts, state), columns),
    labelled('run dir', printable(runDir)),
    ...(resumeCommand === undefined ? [] : ['To continue the import:', `  ${printable(resumeCommand)}`]),
  ]);
}

/** Capacity of a run that is over is a matter of money; while it runs, it is as it should be. */
function raisedLines({ raised, state, table }: RunStatus, columns: number): readonly string[] {
  if (raised === undefined) return [];
  const parts = raised.parts.map(
    ({ index, before, raised: units }) => `${partLabel(index)} ${formatCount(units)}, before ${formatCount(before)}`,
  );
  const sentence = (text: string) => wrapSentence(`The capacity of ${printable(table)} is ${text}`, columns);
  if (state === 'running') return [sentence(`raised until the run ends: ${parts.join('; ')}.`)];
  return [
    sentence(`STILL RAISED: ${parts.join('; ')}. To restore it:`),
    `  ${printable(raised.restoreCommand)}`,
    'or, from any machine:',
    `  ${printable(raised.awsCommand)}`,
  ];
}

function aboutLines({ table, sources, startedAt }: RunStatus, columns: number): readonly string[] {
  return [
    table === '' ? undefined : labelled('table', table === 'memory' ? 'none: a rehearsal' : printable(table)),
    sources.length === 0 ? undefined : wrappedText('source', sources.map(printable).join(', '), columns),
    startedAt === undefined ? undefined : labelled('started', `${startedAt.slice(0, 19).replace('T', ' ')} UTC`),
  ].filter((line) => line !== undefined);
}

function doneText(counts: RowCounts | undefined, state: RunStatus['state']): string {
  if (counts === undefined) return state === 'running' ? 'none yet' : 'none: a resume begins with the first row';
  return `${formatNoun(counts.read, 'row')} done, ${formatCount(counts.rejected)} of them rejected`;
}

/** One line of the list of runs. */
export type RunEntry = {
  readonly kind: 'import' | 'convert' | 'verify';
  readonly runDir: string;
  /** As a command names it from where it is given. */
  readonly name: string;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly sources: readonly string[];
  readonly table: string;
  readonly state: 'running' | 'ended' | 'stopped';
  /** Of an import that ended: its outcome. */
  readonly outcome?: string;
  /** Rows done. */
  readonly rows?: number;
  /** How many shards the import has; undefined for one process, or one shard of several. */
  readonly shards?: number;
  /** The command that restores capacity that is still raised. */
  readonly restoreCommand?: string;
};

/** The runs in columns, the newest first; capacity that is still raised goes before them. Ends with a line break. */
export function runListText(entries: readonly RunEntry[], folder: string, columns = Infinity): string {
  const raised = entries.flatMap(({ name, restoreCommand, state }) =>
    restoreCommand === undefined || state === 'running'
      ? []
      : [
          wrapSentence(`The capacity that ${printable(name)} raised is STILL RAISED. To restore it:`, columns),
          `  ${restoreCommand}`,
        ],
  );
  if (entries.length === 0) return pageOf([`No runs in ${printable(folder)}.`]);
  const rows = [headings, ...entries.map(cellsOf)];
  const figures = alignedRows(
    rows.map((cells) => cells.slice(0, -1)),
    (place) => place === rowsPlace,
  );
  const names = rows.map((cells) => cells.at(-1)!);
  // A name is not cut, because it is there to be copied: if it does not fit, it has a line of its own.
  const fits = figures.every((text, i) => text.length + 2 + names[i]!.length <= columns);
  return pageOf([
    ...raised,
    ...figures.map((text, i) => (fits ? `${text}  ${names[i]}` : `${text.trimEnd()}\n  ${names[i]}`)),
  ]);
}

const headings = ['started (UTC)', 'state', 'rows', 'table', 'source', 'run'];
const rowsPlace = 2;
const widestCell = 18;

function cellsOf({ kind, name, startedAt, sources, table, state, outcome, rows, shards }: RunEntry): readonly string[] {
  const [first = '', ...others] = sources;
  const source = `${first.split('/').at(-1)}${others.length === 0 ? '' : ` +${others.length}`}`;
  return [
    startedAt.slice(0, 16).replace('T', ' '),
    `${kind === 'import' ? '' : `${kind} `}${shards === undefined ? '' : `${shards} shards, `}${stateText(state, outcome)}`,
    rows === undefined ? '' : formatCount(rows),
    cutCell(table),
    cutCell(source),
    printable(name),
  ];
}

function stateText(state: RunEntry['state'], outcome: string | undefined): string {
  if (state !== 'ended' || outcome === undefined) return state;
  return outcome === 'completed-with-rejects' ? 'with rejects' : outcome.replaceAll('-', ' ');
}

function cutCell(text: string): string {
  const shown = printable(text);
  return shown.length > widestCell ? `${shown.slice(0, widestCell - 1)}…` : shown;
}
