import type { RunSummary } from '../../domain/run-summary.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import { pageColumns, terminalColumns, widthOf } from '../format.ts';
import { type PlanProgress, planProgressText } from '../plan/plan-text.ts';
import type { Preflight } from '../plan/preflight.ts';
import { preflightScreen } from '../plan/preflight-screen.ts';
import { preflightText } from '../plan/preflight-text.ts';
import { outcomeText } from '../summary-text.ts';
import { frameLines, liveLines, type TerminalLook } from './live-view.ts';
import { createLog, type LogOptions, logRun } from './log-run.ts';
import type { RunContext } from './run-context.ts';

/** Output of text. It never fails: a closed pipe or a vanished terminal must not stop an import. */
export type TextOutput = {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly look: TerminalLook;
  /** Width and height now; 80 and 24 where unknown. */
  readonly columns: () => number;
  readonly rows: () => number;
};

export type ScreenOptions = {
  /** `auto`: in place on a terminal, else `plain`: a line every few seconds. */
  readonly progress: 'auto' | 'plain' | 'none';
  readonly logLevel: LogOptions['level'];
  readonly logFormat: LogOptions['format'];
  /** Everything that is known before the import, not just one screen of it. */
  readonly details?: boolean;
  /** Only errors. */
  readonly quiet: boolean;
};

/** What the operator sees on standard error while an import runs: lines, and below them the progress. */
export type Screen = {
  /** Shows what is about to happen; `asked`: the operator is about to be asked, so it shows in any case. */
  preflight(preflight: Preflight, asked: boolean): void;
  warn(message: string): void;
  /** Attaches the progress and the log to a run. */
  observe(run: RunContext): RunObserver;
  /** Shows on a terminal how far the reading for a plan is. */
  observePlan(progress: PlanProgress): void;
  /** Shows a page, or says it in a line where the log is JSON. */
  announce(page: (columns: number) => string, sentence: string, fields: object): void;
  /** Shows how far a work is: in place on a terminal, else a line every few seconds. */
  observeText(clock: Clock, text: () => string): void;
  /** Takes the progress away; the summary, where there is one, is logged where the log is JSON. */
  close(summary?: RunSummary): void;
};

const figuresEveryMs = 5000;

export function openScreen(output: TextOutput, options: ScreenOptions): Screen {
  const { write, isTerminal, look } = output;
  const { quiet, progress } = options;
  const inPlace = progress === 'auto' && isTerminal && look.redraws && !quiet;
  const format = options.logFormat;
  let live: LiveBlock | undefined;
  let runId: string | undefined;
  const closers: (() => void)[] = [];

  function writeLines(text: string): void {
    if (live === undefined) write(text);
    else live.above(text);
  }

  function preflightPage(preflight: Preflight): string {
    const columns = pageColumns(output);
    if (options.details) return preflightText(preflight, columns);
    return preflightScreen(preflight, { columns, colors: isTerminal && look.colors });
  }

  const log = createLog({
    write: writeLines,
    level: quiet ? 'error' : options.logLevel,
    format,
    columns: () => terminalColumns(output),
  });

  return {
    preflight(preflight, asked) {
      runId ??= preflight.runId;
      if (asked || (format === 'pretty' && !quiet)) writeLines(preflightPage(preflight));
      else log.info({ run: runId, event: 'preflight', ...preflight, runId: undefined }, preflightSentence(preflight));
    },
    warn(message) {
      log.warn({ run: runId, event: 'warning' }, message);
    },
    observe(run) {
      runId = run.runId;
      const plain = progress !== 'none' && !inPlace && !quiet;
      const listener = logRun(log, run, plain ? figuresEveryMs : undefined);
      closers.push(listener.close);
      if (inPlace) live = drawRun(output, run);
      return listener;
    },
    observePlan(plan) {
      const text = planProgressText(plan);
      if (inPlace) live = drawLive(output, plan.clock, (columns) => [text().slice(0, columns)]);
    },
    announce(page, sentence, fields) {
      if (format === 'pretty' && !quiet) writeLines(page(pageColumns(output)));
      else log.info(fields, sentence);
    },
    observeText(clock, text) {
      if (inPlace) live = drawLive(output, clock, (columns) => [text().slice(0, columns)]);
      else if (progress !== 'none' && !quiet) closers.push(repeat(clock, () => log.info(text())));
    },
    close(summary) {
      for (const close of closers) close();
      live?.close();
      live = undefined;
      if (summary !== undefined && format === 'json') {
        log.info({ run: runId, event: 'finished', ...summary }, outcomeText(summary));
      }
    },
  };
}

/** Calls it every few seconds until the returned function is called. */
function repeat(clock: Clock, tell: () => void): () => void {
  let cancel = clock.setTimer(figuresEveryMs, again);
  function again(): void {
    tell();
    cancel = clock.setTimer(figuresEveryMs, again);
  }
  return () => cancel();
}

function drawRun(output: TextOutput, run: RunContext): LiveBlock {
  const { colors, unicode } = output.look;
  return drawLive(output, run.clock, (columns) => {
    const now = run.figures();
    const size = { columns, colors, unicode };
    const { above, below } = frameLines(run, now, size);
    return [...above, ...liveLines(now, size), ...below];
  });
}

function preflightSentence({ repository, tableName, ifExists }: Preflight): string {
  const puts = ifExists.kind === 'replace' ? 'a put replaces the whole item' : 'items that are there may stay';
  return repository === 'memory'
    ? 'a rehearsal: nothing is written to DynamoDB'
    : `about to import into ${tableName}; ${puts}`;
}

/** Lines at the foot of a terminal, redrawn in place. */
type LiveBlock = {
  /** Writes text, which ends with a line break, above the lines. */
  above(text: string): void;
  /** Takes the lines away for good. */
  close(): void;
};

const redrawMs = 250;
const eraseToEndOfLine = '\u001b[K';
const eraseBelow = '\u001b[J';

/**
 * Draws the lines four times a second, each time with one write, so that nothing flickers.
 * @param lines what they say now, none wider than `columns`
 */
export function drawLive(
  { write, columns, rows }: Pick<TextOutput, 'write' | 'columns' | 'rows'>,
  clock: Clock,
  lines: (columns: number) => readonly string[],
): LiveBlock {
  let drawn: readonly string[] = [];
  let drawnColumns = 0;
  let cancel = clock.setTimer(redrawMs, redraw);

  function redraw(): void {
    // A terminal that has wrapped a line remembers it until the line is erased as a whole.
    const erased = drawnColumns === columns() ? '' : eraseBelow;
    write(`${toFirstLine()}${erased}${block()}`);
    cancel = clock.setTimer(redrawMs, redraw);
  }

  /** The last column stays free, since some terminals wrap on writing it, and a row for what comes next. */
  function block(): string {
    drawnColumns = columns();
    drawn = lines(drawnColumns - 1).slice(0, Math.max(1, rows() - 1));
    return drawn.join(`${eraseToEndOfLine}\n`) + eraseToEndOfLine + eraseBelow;
  }

  /** Where the terminal has become narrower, what stands there takes more rows than it has lines. */
  function toFirstLine(): string {
    const width = Math.max(1, columns());
    const rowsTaken = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
    return rowsTaken > 1 ? `\r\u001b[${rowsTaken - 1}A` : '\r';
  }

  return {
    above(text) {
      const isShown = drawn.length > 0;
      write(isShown ? `${toFirstLine()}${eraseBelow}${text}${block()}` : text);
    },
    close() {
      cancel();
      if (drawn.length > 0) write(`${toFirstLine()}${eraseBelow}`);
      drawn = [];
    },
  };
}
