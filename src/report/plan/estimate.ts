import type { ImportCost, Traffic } from '../../domain/import-estimate.ts';

/** A bound on write units a second, and what would move it. */
export type Limit = {
  /** `the table`, `index by-user`, `the account`. */
  readonly of: string;
  readonly kind: 'provisioned' | 'maximum' | 'warm' | 'cold' | 'table-quota' | 'account-quota' | 'partition';
  readonly unitsPerSecond: number;
  /** Whether it is below what the import asks for. */
  readonly holdsBack: boolean;
  /** That raises it to what is asked for; where it is not, nothing need be changed. */
  readonly command?: string;
};

/** A pace that the table does not allow as it is. */
export type FasterPace = {
  readonly unitsPerSecond: number;
  readonly seconds: number;
  /** The flag of the import that brings it about and puts back what it changed; absent where none would do. */
  readonly flag?: string;
  /** One command for all that has to be changed for it; absent where none would do. */
  readonly command?: string;
};

/** What an import of so many rows and units would take and cost. */
export type ImportEstimate = {
  /** At these shares of the rate; empty where there is none. */
  readonly times: readonly { readonly percent: number; readonly seconds: number }[];
  /** What needs longest at its rate: `the table`, `index by-user`. */
  readonly heldBackBy: string | null;
  readonly traffic: Traffic | null;
  /** Up to this latency the batches in flight hold the pace. */
  readonly latencyToHoldMs: number | null;
  readonly limits: readonly Limit[];
  readonly faster?: FasterPace;
  readonly cost: ImportCost;
};
