import type { Progress } from '../domain/checkpoint.ts';
import type { ListedRow } from '../domain/row.ts';
import type { CapacityRaise } from '../domain/table.ts';

/** Stores progress, durable once `save` has resolved. */
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

/** Bytes of the reject files that are durable; a resume truncates the files to these lengths. */
export type RejectLengths = { readonly rowsBytes: number; readonly reasonsBytes: number };

/** Receives rejected rows in source order. */
export type RejectSink = {
  /** Throws ImportError `disk-full` or `run-dir`. */
  append(rows: readonly ListedRow[]): Promise<void>;
  /** Makes everything appended durable. */
  sync(): Promise<RejectLengths>;
  close(): Promise<void>;
};

/** A rate that an operator sets during a run. */
export type RateOverride = {
  /** Its text, undefined if there is none. Throws ImportError `run-dir` if it cannot be read. */
  read(): Promise<string | undefined>;
};

/** Identifies a process, even after its pid was reused. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Opaque text that differs between all processes that ever had this pid. */
  readonly startTime: string;
  /** Differs after each boot; empty if the system has none. */
  readonly bootId: string;
  /** A pid is valid only inside its namespace (container); empty if there are none. */
  readonly pidNamespace: string;
  readonly host: string;
};

/** The process that has this pid now; undefined if none does. */
export type IdentifyProcess = (pid: number) => Promise<ProcessIdentity | undefined>;
