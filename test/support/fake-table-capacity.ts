import { ImportError } from '../../src/domain/import-error.ts';
import {
  capacityParts,
  isActive,
  type ProvisionChange,
  type ScalingSuspension,
  type ScalingTarget,
  type TableInfo,
  type WarmChange,
} from '../../src/domain/table.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ScalingFindings, TableCapacity, UpdateResult } from '../../src/ports/table-capacity.ts';
import { tokensTable } from './tokens-table.ts';

type Units = { readonly writeUnits: number; readonly readUnits: number };

export type FakeTableOptions = {
  readonly clock: Clock;
  readonly table: Units;
  readonly indexes?: Readonly<Record<string, Units>>;
  /** How long the table is UPDATING. */
  readonly updateMs?: number;
  readonly scaling?: readonly ScalingTarget[];
  readonly billing?: TableInfo['billing'];
};

type Decreases = { count: number; lastMs: number };

const freeDecreases = 4;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A table whose capacity changes as in DynamoDB: slowly, one change at a time, with few decreases a day. */
export class FakeTableCapacity implements TableCapacity {
  scalingTargets: readonly ScalingTarget[];
  /** Thrown by the next requests, one each. */
  readonly faults: ImportError[] = [];
  readonly #options: FakeTableOptions;
  readonly #units = new Map<string | undefined, Units>();
  /** Warm throughput by part, raised `updateMs` after it is asked for. */
  readonly warmUnits = new Map<string | undefined, number>();
  #warming: { readonly changes: readonly WarmChange[]; readonly doneMs: number } | undefined;
  readonly #decreases = new Map<string | undefined, Decreases>();
  #billing: TableInfo['billing'];
  #pending: { readonly changes: readonly ProvisionChange[]; readonly doneMs: number } | undefined;

  constructor(options: FakeTableOptions) {
    this.#options = options;
    this.#billing = options.billing ?? 'provisioned';
    this.scalingTargets = options.scaling ?? [];
    this.#units.set(undefined, options.table);
    for (const [index, units] of Object.entries(options.indexes ?? {})) this.#units.set(index, units);
  }

  /** Current figures by part; the name of the table itself is `''`. */
  units(): Record<string, Units> {
    this.#settle();
    return Object.fromEntries([...this.#units].map(([index, units]) => [index ?? '', units]));
  }

  /** Changes capacity as another writer would, at once. */
  setUnits(index: string | undefined, units: Partial<Units>): void {
    this.#units.set(index, { ...this.#units.get(index)!, ...units });
  }

  useUpDecreases(index: string | undefined, count: number): void {
    this.#decreases.set(index, { count, lastMs: this.#options.clock.wallMs() });
  }

  async describe(): Promise<TableInfo> {
    this.#throwFault();
    this.#settle();
    const { table, globalIndexes } = this.#parts();
    return { ...tokensTable, ...table, billing: this.#billing, globalIndexes };
  }

  async update(changes: readonly ProvisionChange[]): Promise<UpdateResult> {
    const table = await this.describe();
    if (!isActive(table)) return { kind: 'busy' };
    for (const { index, writeUnits, readUnits } of changes) {
      const found = capacityParts(table).find((part) => part.index === index);
      const same = found?.provisionedWriteUnits === writeUnits && found.provisionedReadUnits === readUnits;
      if (same || found === undefined) throw new ImportError('service-refused', 'ValidationException');
    }
    const decreases = changes.filter((change) => this.#isDecrease(change));
    const tooSoon = decreases.flatMap(({ index }) => this.#allowedAtMs(index) ?? []);
    if (tooSoon.length > 0) return { kind: 'too-soon', allowedAtMs: Math.max(...tooSoon) };
    for (const { index } of decreases) this.#countDecrease(index);
    this.#pending = { changes, doneMs: this.#options.clock.nowMs() + (this.#options.updateMs ?? 0) };
    return { kind: 'taken' };
  }

  async warm(changes: readonly WarmChange[]): Promise<UpdateResult> {
    const table = await this.describe();
    if (!isActive(table)) return { kind: 'busy' };
    const isLower = changes.some(({ index, writeUnits }) => writeUnits <= (this.warmUnits.get(index) ?? 0));
    if (isLower) throw new ImportError('service-refused', 'ValidationException');
    this.#warming = { changes, doneMs: this.#options.clock.nowMs() + (this.#options.updateMs ?? 0) };
    return { kind: 'taken' };
  }

  /** Only what is asked for, as in the service. */
  async scaling(indexes: readonly string[]): Promise<ScalingFindings> {
    const isAsked = ({ index }: ScalingTarget) => index === undefined || indexes.includes(index);
    return { kind: 'known', targets: this.scalingTargets.filter(isAsked) };
  }

  async suspendScaling(index: string | undefined, suspended: ScalingSuspension): Promise<void> {
    this.#throwFault();
    this.scalingTargets = this.scalingTargets.map((target) =>
      target.index === index ? { ...target, suspended } : target,
    );
  }

  #parts() {
    const part = (index: string | undefined, { writeUnits, readUnits }: Units) => {
      const warmWriteUnits = this.warmUnits.get(index);
      const warming = this.#warming?.changes.some((change) => change.index === index);
      const changing = this.#pending?.changes.some((change) => change.index === index);
      return {
        status: changing || warming ? 'UPDATING' : 'ACTIVE',
        ...(warmWriteUnits !== undefined && { warmWriteUnits }),
        ...(warming && { isWarming: true as const }),
        ...(this.#billing === 'provisioned' && { provisionedWriteUnits: writeUnits, provisionedReadUnits: readUnits }),
        ...this.#decreaseFacts(index),
      };
    };
    const indexes = [...this.#units].filter(([index]) => index !== undefined);
    return {
      table: part(undefined, this.#units.get(undefined)!),
      globalIndexes: indexes.map(([name, units]) => ({ ...part(name, units), name: name!, key: [] })),
    };
  }

  #decreaseFacts(index: string | undefined) {
    const { count, lastMs } = this.#decreases.get(index) ?? { count: 0, lastMs: 0 };
    return count === 0 ? {} : { decreasesToday: count, lastDecreaseMs: lastMs };
  }

  #isDecrease({ index, writeUnits, readUnits }: ProvisionChange): boolean {
    const found = this.#units.get(index)!;
    return writeUnits < found.writeUnits || readUnits < found.readUnits;
  }

  /** The time from which a decrease is allowed; undefined if it is allowed now. */
  #allowedAtMs(index: string | undefined): number | undefined {
    const { count, lastMs } = this.#decreases.get(index) ?? { count: 0, lastMs: 0 };
    const midnightMs = (Math.floor(lastMs / dayMs) + 1) * dayMs;
    const freeAtMs = Math.min(lastMs + hourMs, midnightMs);
    return count >= freeDecreases && this.#options.clock.wallMs() < freeAtMs ? freeAtMs : undefined;
  }

  #countDecrease(index: string | undefined): void {
    const nowMs = this.#options.clock.wallMs();
    const { count, lastMs } = this.#decreases.get(index) ?? { count: 0, lastMs: 0 };
    const today = Math.floor(nowMs / dayMs) === Math.floor(lastMs / dayMs);
    this.#decreases.set(index, { count: today ? count + 1 : 1, lastMs: nowMs });
  }

  #settle(): void {
    if (this.#warming !== undefined && this.#options.clock.nowMs() >= this.#warming.doneMs) {
      for (const { index, writeUnits } of this.#warming.changes) this.warmUnits.set(index, writeUnits);
      this.#warming = undefined;
    }
    if (this.#pending === undefined || this.#options.clock.nowMs() < this.#pending.doneMs) return;
    for (const { index, writeUnits, readUnits } of this.#pending.changes) {
      this.#units.set(index, { writeUnits, readUnits });
    }
    this.#pending = undefined;
  }

  #throwFault(): void {
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
  }
}
