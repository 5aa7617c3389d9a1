/** Faults of the run, as opposed to faults in data. The command line turns the code into an exit code. */
export type ImportErrorCode =
  | 'usage'
  | 'wrong-account'
  | 'not-confirmed'
  | 'too-many-rejects'
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

/** The source ends before its first row. */
export function noRows(hasHeader = true): ImportError {
  const what = hasHeader ? 'the source holds a header but no rows' : 'the source holds no rows';
  return new ImportError('source-empty', what, { hint: 'Check the dump.' });
}
