import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { RejectedRow } from '../../domain/row.ts';
import { type ThrottleCause, throttleCauseText } from '../../domain/write-result.ts';
import type { RunEvent } from '../../ports/run-observer.ts';
import { formatCount, formatMs, formatNoun, formatRate, printable, wrapWords } from '../format.ts';
import { throttleAdvice } from './judge-run.ts';
import { figuresText, type RunContext, type RunListener } from './run-context.ts';
import { mostReasons } from './run-stats.ts';

export type Log = Logger;

export type LogOptions = {
  /** Takes one line at a time, its line break included. */
  readonly write: (line: string) => void;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'pretty' | 'json';
  /** Width to which pretty lines are wrapped; undefined: they are not. */
  readonly columns?: () => number | undefined;
  /** Milliseconds since 1970; the runtime's own where it is left out. */
  readonly wallMs?: () => number;
};

/**
 * Logs what an operator should hear of, with the run's id in every line. No line holds a row's bytes or a field.
 * @param figuresEveryMs how often the figures are logged; undefined: never
 */
export function logRun(log: Log, run: RunContext, figuresEveryMs: number | undefined): RunListener {
  const runLog = log.child({ run: run.runId });
  const stopFigures = figuresEveryMs === undefined ? () => {} : logFigures(runLog, run, figuresEveryMs);
  const seen = new Set<string>();

  /** What recurs is told once; from then on the figures count it. */
  function once(kind: string, reason: string, tell: () => void): void {
    const key = `${kind} ${reason}`;
    if (seen.has(key) || seen.size >= mostReasons) return;
    seen.add(key);
    tell();
  }

  function tellThrottle(cause: ThrottleCause): void {
    // What the table has named need not be inferred, and the other way round.
    const { inferred: _inferred, ...named } = cause;
    once('throttled', throttleCauseText(named), () =>
      runLog.warn(
        { event: 'throttled', ...cause },
        `the table throttles: ${throttleCauseText(cause)}; ${throttleAdvice(cause, run.billing)}`,
      ),
    );
  }

  function on(event: RunEvent): void {
    switch (event.kind) {
      case 'row-rejected':
        once(event.kind, event.row.code, () => logReject(runLog, run, event.row));
        break;
      case 'batch-throttled':
        for (const cause of event.causes ?? []) tellThrottle(cause);
        if (event.causes === undefined) {
          once(event.kind, event.reason, () =>
            runLog.warn({ event: 'throttled', reason: event.reason }, `the table throttles: ${event.reason}`),
          );
        }
        break;
      case 'rate-changed':
        if (event.cause !== undefined) tellThrottle(event.cause);
        logRate(runLog, event);
        break;
      case 'limit-warning':
        runLog.warn({ event: event.kind }, event.message);
        break;
      case 'partition-parked':
        once(event.kind, '', () =>
          runLog.warn(
            { event: event.kind },
            `items of one partition key are refused again and again while others pass: they wait and are tried less often; ${throttleAdvice({ limit: 'partition' }, run.billing)}`,
          ),
        );
        break;
      case 'attempt-failed':
        once(event.kind, event.reason, () => logFailure(runLog, event.reason, event.delayMs));
        runLog.debug({ event: 'attempt-failed', reason: event.reason, attempt: event.attempt }, 'attempt failed');
        break;
      case 'batch-taken-apart':
        once(event.kind, event.message, () =>
          runLog.warn({ event: 'batch-taken-apart' }, `a batch was refused, its rows are sent apart: ${event.message}`),
        );
        break;
      case 'paused':
        runLog.warn({ event: 'paused', reason: event.reason }, `paused: ${event.reason}`);
        break;
      case 'unpaused':
        runLog.info({ event: 'unpaused' }, 'continuing');
        break;
      case 'checkpointed':
        runLog.debug({ event: 'checkpointed', mark: event.mark }, `done up to row ${formatCount(event.mark.ordinal)}`);
        break;
      case 'capacity-changed':
        logCapacity(runLog, event.change, event.text);
        break;
      case 'file-made': {
        const { kind, name, items, number, files } = event;
        const place = `file ${formatCount(number)} of ${formatCount(files)}`;
        runLog.info({ event: kind, name, items }, `${place}: ${name}, ${formatNoun(items, 'item')}`);
        break;
      }
      case 'stopping':
        runLog.info({ event: 'stopping', reason: event.reason }, `stopping: ${event.reason}`);
        break;
      default:
        break;
    }
  }

  return { on, close: stopFigures };
}

/** The first row of each code: where and why, never what. */
function logReject(log: Log, { sources, runDir }: RunContext, { code, column, message, position }: RejectedRow): void {
  const { fileIndex, line, byteOffset } = position;
  const source = sources[fileIndex];
  const where = `${printable(source ?? `file ${fileIndex + 1}`)} line ${line}`;
  const others = runDir === undefined ? '' : ` and listed in ${printable(runDir)}/rejects.jsonl`;
  log.warn(
    { event: 'row-rejected', code, column, source, line, byteOffset },
    `rejected: ${code}, first at ${where}: ${printable(message)}; further rows of this code are counted${others}`,
  );
}

/** Left raised, or someone else's doing, or what to keep should the machine be lost: for the operator to look at. */
const weighty: ReadonlySet<string> = new Set(['recorded', 'still-raised', 'left-alone', 'kept']);

function logCapacity(log: Log, change: string, text: string): void {
  const level = weighty.has(change) ? 'warn' : 'info';
  log[level]({ event: 'capacity-changed', change }, text);
}

/** The table is followed down and up all the time; what the operator or the capacity changes is told. */
function logRate(log: Log, event: Extract<RunEvent, { kind: 'rate-changed' }>): void {
  const { ratePerSecond, slowed, index, reason } = event;
  const rate = ratePerSecond === null ? 'without a limit' : `${formatRate(ratePerSecond)} write units a second`;
  const level = event.isLimit ? 'info' : 'debug';
  log[level](
    { event: 'rate-changed', ratePerSecond, slowed, index, reason },
    `${rate}${index === undefined ? '' : ` into index "${index}"`}: ${reason}`,
  );
}

function logFailure(log: Log, reason: string, delayMs: number): void {
  log.warn(
    { event: 'attempts-fail', reason },
    `a request failed and is sent again after ${formatMs(delayMs)}: ${reason}`,
  );
}

/** Logs the figures until the returned function is called. */
function logFigures(log: Log, run: RunContext, everyMs: number): () => void {
  let cancel = run.clock.setTimer(everyMs, tell);
  function tell(): void {
    const now = run.figures();
    log.info({ event: 'figures', ...now }, figuresText(now));
    cancel = run.clock.setTimer(everyMs, tell);
  }
  return () => cancel();
}

/** A log of lines such as `{"level":"warn","time":"2026-01-31T02:00:00.000Z","run":"…","event":"paused","msg":"…"}`. */
export function createLog({ write, level, format, columns = () => undefined, wallMs }: LogOptions): Log {
  const timestamp =
    wallMs === undefined ? stdTimeFunctions.isoTime : () => `,"time":"${new Date(wallMs()).toISOString()}"`;
  return pino(
    { level, base: null, timestamp, formatters: { level: (label) => ({ level: label }) } },
    { write: format === 'json' ? write : (line) => write(prettyLine(line, columns())) },
  );
}

/** `02:00:00 warn  paused: the credentials expired`, the time in UTC. */
function prettyLine(line: string, columns = Number.POSITIVE_INFINITY): string {
  const { time, level, msg } = JSON.parse(line) as { time: string; level: string; msg: string };
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${wrapWords(msg.split(' '), columns, messageIndent)}\n`;
}

const messageIndent = 'hh:mm:ss level '.length;
