import { type Logger, pino, stdTimeFunctions } from 'pino';

export type Log = Logger;

export type LogOptions = {
  /** Takes one line at a time, its line break included. */
  readonly write: (line: string) => void;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'pretty' | 'json';
  /** Milliseconds since 1970; the runtime's own where it is left out. */
  readonly wallMs?: () => number;
};

/** A log of lines such as `{"level":"warn","time":"2026-01-31T02:00:00.000Z","run":"…","event":"paused","msg":"…"}`. */
export function createLog({ write, level, format, wallMs }: LogOptions): Log {
  const timestamp =
    wallMs === undefined ? stdTimeFunctions.isoTime : () => `,"time":"${new Date(wallMs()).toISOString()}"`;
  return pino(
    { level, base: null, timestamp, formatters: { level: (label) => ({ level: label }) } },
    { write: format === 'json' ? write : (line) => write(prettyLine(line)) },
  );
}

/** `02:00:00 warn  paused: the credentials expired`, the time in UTC. */
function prettyLine(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: string; level: string; msg: string };
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${msg}\n`;
}
