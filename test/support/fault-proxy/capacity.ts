import type { ThrottlingReason } from '../plain-table/answers.ts';
import type { Consumed } from '../plain-table/consumed-capacity.ts';
import { tableArn } from '../plain-table/describe-table.ts';

/** What a table, or one index of it, takes. */
export type CapacityLimit = {
  readonly table: string;
  /** Name of the index; undefined for the table itself. */
  readonly index?: string;
  /** Write units a second. */
  readonly writeUnits: number;
  /** Seconds of unused capacity that can be saved up, 300 in DynamoDB; without them one second. It starts full. */
  readonly burstSeconds?: number;
  /** What its exceptions name, such as `TableWriteMaxOnDemandThroughputExceeded`. */
  readonly reason?: string;
};

/** Token buckets by table and index. What has no limit takes everything. */
export class Capacity {
  readonly #buckets = new Map<string, Bucket>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Sets or changes a limit. What was saved up stays, as far as it fits. */
  set(limit: CapacityLimit): void {
    const name = bucketName(limit.table, limit.index);
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) this.#buckets.set(name, new Bucket(limit, this.#nowMs));
    else bucket.change(limit);
  }

  lift(table: string, index?: string): void {
    this.#buckets.delete(bucketName(table, index));
  }

  /** Takes the units from all buckets if each has them; else from none, and returns why not. */
  take(table: string, units: Consumed): ThrottlingReason[] {
    const charges = this.#charges(table, units);
    const reasons = charges.filter(([bucket, amount]) => !bucket.has(amount)).map(([bucket]) => bucket.reason());
    if (reasons.length === 0) for (const [bucket, amount] of charges) bucket.take(amount);
    return reasons;
  }

  /** Takes units that are already spent; if too few are left the bucket goes below zero. */
  owe(table: string, units: Consumed): void {
    for (const [bucket, amount] of this.#charges(table, units)) bucket.take(amount);
  }

  #charges(table: string, units: Consumed): [Bucket, number][] {
    const charges: [Bucket, number][] = [];
    const add = (index: string | undefined, amount: number) => {
      const bucket = this.#buckets.get(bucketName(table, index));
      if (bucket !== undefined && amount > 0) charges.push([bucket, amount]);
    };
    add(undefined, units.table);
    for (const index in units.indexes) add(index, units.indexes[index]!);
    return charges;
  }
}

class Bucket {
  limit: CapacityLimit;
  #level: number;
  #levelAtMs: number;
  readonly #nowMs: () => number;

  constructor(limit: CapacityLimit, nowMs: () => number) {
    this.limit = limit;
    this.#level = depth(limit);
    this.#nowMs = nowMs;
    this.#levelAtMs = nowMs();
  }

  change(limit: CapacityLimit): void {
    this.#refill();
    this.limit = limit;
    this.#level = Math.min(this.#level, depth(limit));
  }

  /** A put larger than the bucket passes when the bucket is full; otherwise it never would. */
  has(units: number): boolean {
    this.#refill();
    return this.#level >= Math.min(units, depth(this.limit));
  }

  take(units: number): void {
    this.#refill();
    this.#level -= units;
  }

  reason(): ThrottlingReason {
    const { table, index, reason } = this.limit;
    return index === undefined
      ? { reason: reason ?? 'TableWriteProvisionedThroughputExceeded', resource: tableArn(table) }
      : { reason: reason ?? 'IndexWriteProvisionedThroughputExceeded', resource: `${tableArn(table)}/index/${index}` };
  }

  #refill(): void {
    const nowMs = this.#nowMs();
    const earned = ((nowMs - this.#levelAtMs) / 1000) * this.limit.writeUnits;
    this.#level = Math.min(depth(this.limit), this.#level + earned);
    this.#levelAtMs = nowMs;
  }
}

function depth(limit: CapacityLimit): number {
  return limit.writeUnits * Math.max(1, limit.burstSeconds ?? 0);
}

function bucketName(table: string, index: string | undefined): string {
  return index === undefined ? table : `${table}/${index}`;
}
