import type { ListedRow } from '../domain/rejected-row.ts';

/** Bytes of the reject files that are safe on disk; a resume cuts the files back to them. */
export type RejectLengths = { readonly rowsBytes: number; readonly reasonsBytes: number };

/** Where rejected rows go, in source order. */
export type RejectSink = {
  /** Throws ImportError `disk-full` or `run-dir`. */
  append(rows: readonly ListedRow[]): Promise<void>;
  /** Makes what was appended durable. */
  sync(): Promise<RejectLengths>;
  close(): Promise<void>;
};
