import type { TableInfo } from '../domain/table.ts';
import type { ProvisionChange, ScalingSuspension, ScalingTarget } from '../domain/write-capacity.ts';

/** What became of a change that was asked for. The service's own rules are values, all else is an ImportError. */
export type UpdateResult =
  /** Under way: the table is UPDATING until it holds. */
  | { readonly kind: 'taken' }
  /** Another change is under way, or too many on other tables. */
  | { readonly kind: 'busy' }
  /** Too many decreases today; `allowedAtMs` (wall clock) where the service tells it. */
  | { readonly kind: 'too-soon'; readonly allowedAtMs: number | undefined };

export type ScalingFindings =
  | { readonly kind: 'known'; readonly targets: readonly ScalingTarget[] }
  /** `because`: `needs application-autoscaling:DescribeScalableTargets`. */
  | { readonly kind: 'not-checked'; readonly because: string };

/** The capacity of one table and its indexes. Everything may throw ImportError, as DescribeTable does. */
export type TableCapacity = {
  describe(): Promise<TableInfo>;
  /** One request for all of the changes; none of them may set what is set already. */
  update(changes: readonly ProvisionChange[]): Promise<UpdateResult>;
  /** Auto scaling of the write units of the table and these indexes. */
  scaling(indexes: readonly string[]): Promise<ScalingFindings>;
  suspendScaling(index: string | undefined, suspended: ScalingSuspension): Promise<void>;
};
