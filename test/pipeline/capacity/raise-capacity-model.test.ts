import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import {
  allSuspended,
  type CapacityRaise,
  type ProvisionChange,
  type ScalingSuspension,
  wasAskedFor,
} from '../../../src/domain/table.ts';
import type { CapacityWork } from '../../../src/pipeline/capacity/apply-changes.ts';
import { raiseCapacity } from '../../../src/pipeline/capacity/raise-capacity.ts';
import { restoreCapacity } from '../../../src/pipeline/capacity/restore-capacity.ts';
import type { RaiseStore } from '../../../src/ports/run-stores.ts';
import type { TableCapacity } from '../../../src/ports/table-capacity.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeTableCapacity } from '../../support/fake-table-capacity.ts';

/** What becomes of one thing that a process does to the world. `late`: it takes effect after the process has given up. */
type Fate = 'done' | 'refused' | 'unreachable' | 'late' | 'killed before' | 'killed after' | 'killed, then late';

type Step = {
  readonly kind: 'raise' | 'restore' | 'wait';
  readonly writeUnits: number;
  /** Of the process's requests and saves, in order; all after these are done. */
  readonly fates: readonly Fate[];
  readonly lateMs: number;
  /** When the operator presses Ctrl-C; undefined: never. */
  readonly stopMs: number | undefined;
};

const noSuspension = { scaleIn: false, scaleOut: false, scheduled: false };
const targets = [
  { index: undefined, minWriteUnits: 5, maxWriteUnits: 100, suspended: { ...noSuspension, scheduled: true } },
  { index: 'by-user', minWriteUnits: 5, maxWriteUnits: 100, suspended: noSuspension },
];
/** So that a signal may come in the middle of everything. */
const answerMs = 150;
const before = { '': 20, 'by-user': 30, 'by-day': 40 };

const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('done') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Fate>(
      ...(['refused', 'unreachable', 'late', 'killed before', 'killed after', 'killed, then late'] as const),
    ),
  },
);
const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step['kind'][]>('raise', 'raise', 'restore', 'wait'),
  writeUnits: fc.constantFrom(10, 25, 35, 500, 1000, 2000),
  fates: fc.array(fates, { maxLength: 14 }),
  lateMs: fc.integer({ min: 1, max: 9_000 }),
  stopMs: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined, freq: 3 }),
});

/** Histories in which a table once stayed raised, or its auto scaling suspended. */
const found: [Step[], number][] = [
  [
    [
      { ...{ kind: 'raise', writeUnits: 35, lateMs: 601, stopMs: undefined }, fates: lastOf(8, 'killed, then late') },
      { kind: 'raise', writeUnits: 10, fates: [], lateMs: 1, stopMs: undefined },
    ],
    0,
  ],
  [
    [
      { kind: 'raise', writeUnits: 2000, fates: [], lateMs: 1, stopMs: undefined },
      { kind: 'restore', writeUnits: 10, fates: ['refused'], lateMs: 1, stopMs: undefined },
      { kind: 'raise', writeUnits: 10, fates: [...lastOf(4, 'late'), 'refused'], lateMs: 951, stopMs: undefined },
    ],
    0,
  ],
];

function lastOf(count: number, last: Fate): Fate[] {
  return [...Array<Fate>(count - 1).fill('done'), last];
}

test('after any raises, refusals, kills and restores, all is back or still listed, and a restore ends it', async () => {
  const property = fc.asyncProperty(
    fc.array(steps, { maxLength: 7 }),
    fc.constantFrom(0, 3_000),
    async (run, updateMs) => {
      const world = new World(updateMs);
      for (const step of run) {
        await world.take(step);
        await world.check();
      }
      await world.restoreForGood();
      expect(world.writeUnits()).toEqual(before);
      expect(world.table.scalingTargets).toEqual(targets);
    },
  );
  await fc.assert(property, { numRuns: 500, examples: found });
});

class World {
  readonly clock = new FakeClock({ wallStartMs: Date.UTC(2026, 0, 31, 12) });
  readonly table: FakeTableCapacity;
  stored: CapacityRaise | undefined;
  readonly #never = new Promise<never>(() => {});
  /** When the last request that may come late is there. */
  #lateUntilMs = 0;

  constructor(updateMs: number) {
    const indexes = { 'by-user': { writeUnits: 30, readUnits: 7 }, 'by-day': { writeUnits: 40, readUnits: 9 } };
    const options = { table: { writeUnits: 20, readUnits: 5 }, indexes, updateMs, scaling: targets };
    this.table = new FakeTableCapacity({ ...options, clock: this.clock });
  }

  writeUnits(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.table.units()).map(([name, { writeUnits }]) => [name, writeUnits]));
  }

  /** A process of the run, which ends by itself, by a fault, by the signal or by a kill. */
  async take(step: Step): Promise<void> {
    if (step.kind === 'wait') return this.clock.advance(step.lateMs);
    const stop = new AbortController();
    if (step.stopMs !== undefined) this.clock.setTimer(step.stopMs, () => stop.abort());
    const process = new Process(this, step);
    const work = { ...process.work, signal: stop.signal };
    const ending =
      step.kind === 'raise' ? this.#raise(work, process.store, step.writeUnits) : this.#restore(work, process.store);
    await this.clock.runUntil(Promise.race([ending.catch(refuseBug), process.killed]));
  }

  /** Once nothing can come late: what is not as it was is on disk, with everything needed to restore it. */
  async check(): Promise<void> {
    if (this.stored !== undefined) return this.#checkListed(this.stored);
    // Nobody keeps anything any more, so nothing may come.
    await this.clock.advance(Math.max(0, this.#lateUntilMs - this.clock.nowMs()) + 5_000);
    expect(this.writeUnits()).toEqual(before);
    expect(this.table.scalingTargets).toEqual(targets);
  }

  async restoreForGood(): Promise<void> {
    for (let round = 0; this.stored !== undefined; round++) {
      if (round > 40) throw new Error(`never restored: ${JSON.stringify(this.stored)}`);
      const process = new Process(this, { kind: 'restore', writeUnits: 0, fates: [], lateMs: 0, stopMs: undefined });
      await this.clock.runUntil(this.#restore(process.work, process.store));
      await this.clock.advance(3_600_000);
    }
  }

  late<T>(lateMs: number, happen: () => Promise<T>): void {
    this.#lateUntilMs = Math.max(this.#lateUntilMs, this.clock.nowMs() + lateMs);
    this.clock.setTimer(lateMs, () => void happen().catch(refuseBug));
  }

  get never(): Promise<never> {
    return this.#never;
  }

  #checkListed({ parts, scaling }: CapacityRaise): void {
    for (const [name, writeUnits] of Object.entries(this.writeUnits())) {
      const part = parts.find(({ index = '' }) => index === name);
      const beforeWriteUnits = before[name as keyof typeof before];
      if (part !== undefined) expect(part).toMatchObject({ beforeWriteUnits });
      if (writeUnits !== beforeWriteUnits) expect(part !== undefined && wasAskedFor(part, writeUnits)).toBe(true);
    }
    for (const { index, suspended } of this.table.scalingTargets) {
      const original = targets.find((target) => target.index === index)!;
      if (!isDeepStrictEqual(suspended, original.suspended)) expect(scaling).toContainEqual(original);
    }
  }

  async #raise(work: CapacityWork, store: RaiseStore, writeUnits: number): Promise<unknown> {
    const empty = {
      tableName: 'tokens',
      tableArn: 'arn',
      region: 'us-east-1',
      endpointUrl: undefined,
      undoCommand: '',
    };
    const raise = this.stored ?? {
      ...empty,
      since: new Date(this.clock.wallMs()).toISOString(),
      parts: [],
      scaling: [],
    };
    const scaling = this.table.scalingTargets.filter(({ suspended }) => !isDeepStrictEqual(suspended, allSuspended));
    return raiseCapacity(work, { writeUnits, raise, scaling, undoCommand: () => 'undo' }, store, () => {});
  }

  async #restore(work: CapacityWork, store: RaiseStore): Promise<unknown> {
    return this.stored && restoreCapacity(work, this.stored, store);
  }
}

/** One process, whose requests and saves meet the fates of its step. */
class Process {
  readonly killed: Promise<void>;
  readonly work: CapacityWork;
  readonly store: RaiseStore;
  readonly #world: World;
  readonly #fates: Fate[];
  readonly #lateMs: number;
  #kill: () => void = () => {};

  constructor(world: World, { fates: ofStep, lateMs }: Step) {
    this.#world = world;
    this.#fates = [...ofStep];
    this.#lateMs = lateMs;
    this.killed = new Promise((resolve) => {
      this.#kill = resolve;
    });
    const { table, clock } = world;
    const capacity: TableCapacity = {
      describe: () => this.#meet(() => table.describe(), false),
      update: (changes: readonly ProvisionChange[]) => this.#meet(() => table.update(changes), true),
      warm: (changes) => this.#meet(() => table.warm(changes), true),
      scaling: (indexes) => this.#meet(() => table.scaling(indexes), false),
      suspendScaling: (index, suspended: ScalingSuspension) =>
        this.#meet(() => table.suspendScaling(index, suspended), true),
    };
    this.work = { capacity, clock, timeoutMs: 600_000, tell: () => {} };
    this.store = {
      save: (raise) =>
        this.#meet(async () => {
          world.stored = JSON.parse(JSON.stringify(raise)) as CapacityRaise;
        }, false),
      clear: () =>
        this.#meet(async () => {
          world.stored = undefined;
        }, false),
    };
  }

  async #meet<T>(happen: () => Promise<T>, canBeLate: boolean): Promise<T> {
    const fate = this.#fates.shift() ?? 'done';
    await this.#world.clock.sleep(answerMs);
    if (fate === 'done') return happen();
    if (fate === 'refused') throw new ImportError('service-refused', 'a quota, or a right that is missing');
    if (fate === 'late' && canBeLate) this.#world.late(this.#lateMs, happen);
    if (fate === 'unreachable' || fate === 'late') throw new ImportError('endpoint-unreachable', 'no answer');
    if (fate === 'killed after') await happen();
    if (fate === 'killed, then late' && canBeLate) this.#world.late(this.#lateMs, happen);
    this.#kill();
    return this.#world.never;
  }
}

function refuseBug(error: unknown): void {
  if (!(error instanceof ImportError)) throw error;
}
