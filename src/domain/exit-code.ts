import type { ImportErrorCode } from './import-error.ts';

/** What a command tells the shell. */
export const exitCodes = {
  done: 0,
  /** A bug, or rows that are not all accounted for. */
  bug: 1,
  usage: 2,
  tooManyRejects: 3,
  /** A fault of the run, a stall, a full disk. */
  failed: 4,
  /** Done, but some rows were rejected, or differ from the table. */
  someRows: 5,
  /** Done, but capacity is still raised. */
  capacityRaised: 6,
  /** The question before the first write was answered with no. */
  declined: 7,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** Signals that stop an import cleanly. */
export const stopSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

export type StopSignal = (typeof stopSignals)[number];

/** The exit code of a run that ended with this fault. */
export function exitCodeOf(code: ImportErrorCode): 2 | 3 | 4 | 6 | 7 {
  switch (code) {
    case 'usage':
    case 'wrong-account':
    case 'auto-scaling':
      return exitCodes.usage;
    case 'too-many-rejects':
      return exitCodes.tooManyRejects;
    case 'capacity-not-restored':
      return exitCodes.capacityRaised;
    case 'not-confirmed':
      return exitCodes.declined;
    default:
      return exitCodes.failed;
  }
}
