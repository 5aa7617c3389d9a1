import type { Progress } from '../domain/checkpoint.ts';
import type { ListedRow } from '../domain/row.ts';
import type { CapacityRaise } from '../domain/write-capacity.ts';

/** Where progress is kept, durable once `save` has resolved. */
export type CheckpointStore = {
  /** Throws ImportError `disk-full` or `run-dir`. */
  save(progress: Progress): Promise<void>;
};

/** Persists that capacity must be restored, even if this process dies. */
export type RaiseStore = {
  /** Durable once it has resolved. Throws ImportError `disk-full` or `run-dir`. */
  save(raise: CapacityRaise): Promise<void>;
  /** All capacity is restored. */
  clear(): Promise<void>;
};

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

/** Where an operator may leave another rate for a run under way. */
export type RateOverride = {
  /** What is written there, undefined where nothing is. Throws ImportError `run-dir` where it can't be read. */
  read(): Promise<string | undefined>;
};
