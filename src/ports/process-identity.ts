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
