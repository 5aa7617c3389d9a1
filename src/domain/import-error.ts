/** Faults of the run, as opposed to faults in data. The command line turns the code into an exit code. */
export type ImportErrorCode =
  | 'usage'
  | 'wrong-account'
  | 'not-confirmed'
  | 'too-many-rejects'
  | 'too-many-deletes'
  | 'too-many-differences'
  | 'source-missing'
  | 'source-unreadable'
  | 'source-empty'
  | 'source-changed'
  | 'source-truncated'
  | 'source-unsupported'
  | 'header-invalid'
  | 'schema-invalid'
  | 'key-column-missing'
  | 'row-too-long'
  | 'unterminated-quote'
  | 'undecodable'
  | 'unexpected-row-count'
  | 'table-missing'
  | 'table-not-ready'
  | 'auto-scaling'
  | 'capacity-not-restored'
  | 'access-denied'
  | 'credentials-missing'
  | 'credentials-expired'
  | 'region-missing'
  | 'endpoint-unreachable'
  | 'service-refused'
  | 'stalled'
  | 'disk-full'
  | 'run-dir'
  | 'run-locked'
  | 'resume-mismatch';

/** A fault of the run, or a bug, in a summary or a report. */
export type ToldFault = { readonly code: string; readonly message: string; readonly hint?: string };

/** A fault of the run: `message` says what happened and where, `hint` what to do. Neither shows a field value. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code: ImportErrorCode;
  readonly hint: string | undefined;

  constructor(code: ImportErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  get told(): ToldFault {
    const { code, message, hint } = this;
    return { code, message, ...(hint !== undefined && { hint }) };
  }
}

/** A mistake in the command line; ends the program with exit code 2. */
export function usageError(message: string, hint?: string): ImportError {
  return new ImportError('usage', message, hint === undefined ? {} : { hint });
}

/** The source ends before its first row. */
export function noRows(hasHeader = true): ImportError {
  const what = hasHeader ? 'the source holds a header but no rows' : 'the source holds no rows';
  return new ImportError('source-empty', what, { hint: 'Check the dump.' });
}

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
    case 'too-many-deletes':
      return exitCodes.tooManyRejects;
    case 'capacity-not-restored':
      return exitCodes.capacityRaised;
    case 'not-confirmed':
      return exitCodes.declined;
    default:
      return exitCodes.failed;
  }
}

/** The exit code of a process that ends with what was thrown; `signal` is the one that stops it. */
export function exitCodeOfFault(fault: unknown, signal: AbortSignal): number {
  if (isAbort(fault, signal)) return exitCodes[signal.reason as StopSignal];
  return fault instanceof ImportError ? exitCodeOf(fault.code) : exitCodes.bug;
}

/** Whether it was thrown because of the signal. */
export function isAbort(fault: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (fault === signal.reason || (fault as Error)?.name === 'AbortError');
}
