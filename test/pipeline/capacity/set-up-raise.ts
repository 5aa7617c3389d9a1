import type { CapacityRaise } from '../../../src/domain/table.ts';
import type { CapacityWork } from '../../../src/pipeline/capacity/apply-changes.ts';
import { raiseCapacity } from '../../../src/pipeline/capacity/raise-capacity.ts';
import { type Restored, restoreCapacity } from '../../../src/pipeline/capacity/restore-capacity.ts';
import type { RaiseStore } from '../../../src/ports/run-stores.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeTableCapacity, type FakeTableOptions } from '../../support/fake-table-capacity.ts';

export const noSuspension = { scaleIn: false, scaleOut: false, scheduled: false };
export const target = { index: undefined, minWriteUnits: 5, maxWriteUnits: 100, suspended: noSuspension };

/** A table of 20 units with an index of 30, both UPDATING for a minute at each change. */
export function setUpRaise(options: Partial<FakeTableOptions> = {}, stop?: AbortController) {
  const clock = new FakeClock({ wallStartMs: Date.UTC(2026, 0, 31, 12) });
  const capacity = new FakeTableCapacity({
    clock,
    updateMs: 60_000,
    table: { writeUnits: 20, readUnits: 5 },
    indexes: { 'by-user': { writeUnits: 30, readUnits: 7 } },
    ...options,
  });
  const said: string[] = [];
  const stored: { raise: CapacityRaise | undefined } = { raise: undefined };
  const store: RaiseStore = {
    save: async (raise) => {
      stored.raise = raise;
    },
    clear: async () => {
      stored.raise = undefined;
    },
  };
  const work: CapacityWork = {
    capacity,
    clock,
    timeoutMs: 600_000,
    tell: (change, text) => said.push(`${change}: ${text}`),
    ...(stop !== undefined && { signal: stop.signal }),
  };
  const empty: CapacityRaise = {
    tableName: 'tokens',
    tableArn: 'arn',
    region: 'us-east-1',
    endpointUrl: undefined,
    since: new Date(clock.wallMs()).toISOString(),
    parts: [],
    scaling: [],
    undoCommand: '',
  };
  const raise = (writeUnits = 1000, scaling = capacity.scalingTargets, earlier = stored.raise ?? empty) =>
    clock.runUntil(
      raiseCapacity(
        work,
        { writeUnits, raise: earlier, scaling, undoCommand: () => 'undo' },
        store,
        ({ undoCommand }) => {
          said.push(`announced: ${undoCommand}`);
        },
      ),
    );
  const restore = (): Promise<Restored> => clock.runUntil(restoreCapacity(work, stored.raise!, store));
  return { clock, capacity, work, said, stored, store, raise, restore, empty };
}

export const before = { '': { writeUnits: 20, readUnits: 5 }, 'by-user': { writeUnits: 30, readUnits: 7 } };
export const raised = { '': { writeUnits: 1000, readUnits: 5 }, 'by-user': { writeUnits: 1000, readUnits: 7 } };
