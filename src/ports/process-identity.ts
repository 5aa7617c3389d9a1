/** A process as another one can recognise it, even after its pid was given away. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Opaque text, another one for each process that ever had this pid. */
  readonly startTime: string;
  /** Another one after each boot; empty where the system has none. */
  readonly bootId: string;
  /** A pid means something only inside its namespace (container); empty where there are none. */
  readonly pidNamespace: string;
  readonly host: string;
};

/** Who has this pid now; undefined where no living process has it. */
export type IdentifyProcess = (pid: number) => Promise<ProcessIdentity | undefined>;
