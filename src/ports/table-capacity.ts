import type { ProvisionChange, ScalingSuspension, ScalingTarget, TableInfo, WarmChange } from '../domain/table.ts';

/** The service's answer to a change. Its own rules are values; everything else is an ImportError. */
export type UpdateResult =
  /** In progress: the table is UPDATING until it is done. */
  | { readonly kind: 'taken' }
  /** Another change of this table is under way, or too many on other tables. */
  | { readonly kind: 'busy' }
  /** Too many decreases today; `allowedAtMs` (wall clock) if the service says when the next is allowed. */
  | { readonly kind: 'too-soon'; readonly allowedAtMs: number | undefined };

export type ScalingFindings =
  | { readonly kind: 'known'; readonly targets: readonly ScalingTarget[] }
  /** `because`: `needs application-autoscaling:DescribeScalableTargets`. */
  | { readonly kind: 'not-checked'; readonly because: string };

/** The capacity of one table and its indexes. Each method may throw ImportError, as DescribeTable does. */
export type TableCapacity = {
  describe(): Promise<TableInfo>;
  /** Sends all changes in one request; none of them may set a figure that holds already. */
  update(changes: readonly ProvisionChange[]): Promise<UpdateResult>;
  /** Raises warm throughput, all of it in one request; each figure must be above the present one. */
  warm(changes: readonly WarmChange[]): Promise<UpdateResult>;
  /** Auto scaling targets for the write units of the table and these indexes. */
  scaling(indexes: readonly string[]): Promise<ScalingFindings>;
  suspendScaling(index: string | undefined, suspended: ScalingSuspension): Promise<void>;
};
