import type { ImportErrorCode } from './import-error.ts';

/** What ended the run, as the shell is told. */
export function exitCodeOf(code: ImportErrorCode): 2 | 3 | 4 | 6 | 7 {
  switch (code) {
    case 'usage':
    case 'wrong-account':
    case 'auto-scaling':
      return 2;
    case 'too-many-rejects':
      return 3;
    case 'capacity-not-restored':
      return 6;
    case 'not-confirmed':
      return 7;
    default:
      return 4;
  }
}

/** Signals that stop an import cleanly, with what the shell is told. */
export const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof signalExitCodes;
