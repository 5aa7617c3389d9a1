import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capacityParts, type TableInfo } from '../../src/domain/table.ts';
import { beforeRaise, holds, planRaise, planRestore, planSet, withChanges } from '../../src/limit/plan-capacity.ts';
import { tableOf } from './capacity-table.ts';

describe('planRaise', () => {
  test('raises the table and each index, skips what is high enough and leaves the reads', () => {
    const table = tableOf({ '': [20, 5], 'by-user': [30, 7], 'by-day': [2000, 9] });
    expect(planRaise(table, 1000)).toEqual({
      changes: [
        { index: undefined, writeUnits: 1000, readUnits: 5 },
        { index: 'by-user', writeUnits: 1000, readUnits: 7 },
      ],
      parts: [
        { index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 },
        { index: 'by-user', beforeWriteUnits: 30, raisedWriteUnits: 1000 },
      ],
    });
  });

  test('asks for nothing if everything is high enough', () => {
    expect(planRaise(tableOf({ '': [1000, 5] }), 1000)).toEqual({ changes: [], parts: [] });
  });

  test('restores what was before the first raise if a killed process left it raised', () => {
    const raisedBefore = [{ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 }];
    const parts = [{ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 }];
    expect(planRaise(tableOf({ '': [1000, 5] }), 1000, raisedBefore)).toEqual({ changes: [], parts });
    // A lower figure is high enough: nothing goes down before the end.
    expect(planRaise(tableOf({ '': [1000, 5] }), 500, raisedBefore)).toEqual({ changes: [], parts });
  });

  test('takes what it finds for what was before where someone changed it since', () => {
    const raisedBefore = [{ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 }];
    expect(planRaise(tableOf({ '': [50, 5] }), 1000, raisedBefore).parts).toMatchObject([
      { index: undefined, beforeWriteUnits: 50, raisedWriteUnits: 1000 },
    ]);
  });

  test('keeps every figure that was ever asked for, since any of them may hold at the end', () => {
    const raisedBefore = [{ index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000, earlierWriteUnits: [400] }];
    for (const found of [20, 400, 1000]) {
      const { parts } = planRaise(tableOf({ '': [found, 5] }), 2000, raisedBefore);
      expect(parts).toEqual([{ ...raisedBefore[0], raisedWriteUnits: 2000, earlierWriteUnits: [400, 1000] }]);
      for (const left of [400, 1000, 2000]) {
        const { changes, leftAlone } = planRestore(tableOf({ '': [left, 5] }), parts);
        expect({ changes, leftAlone }).toEqual({
          changes: [{ index: undefined, writeUnits: 20, readUnits: 5 }],
          leftAlone: [],
        });
      }
    }
  });

  test('keeps what was raised before if no change is needed or the index is gone', () => {
    const raisedBefore = [
      { index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 },
      { index: 'by-user', beforeWriteUnits: 30, raisedWriteUnits: 1000 },
    ];
    expect(planRaise(tableOf({ '': [20, 5] }), 10, raisedBefore)).toEqual({ changes: [], parts: raisedBefore });
    expect(planRaise(onDemand(), 10, raisedBefore)).toEqual({ changes: [], parts: raisedBefore });
  });

  test('leaves an on-demand table alone', () => {
    expect(planRaise(onDemand(), 1000)).toEqual({ changes: [], parts: [] });
  });
});

test('what is raised and restored is the table as it was, whatever it was', () => {
  const units = fc.tuple(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 1, max: 50_000 }));
  const shape = fc
    .record({ '': units })
    .chain((table) =>
      fc
        .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), units)
        .map((indexes): Parameters<typeof tableOf>[0] => ({ ...table, ...indexes })),
    );
  const property = fc.property(shape, fc.integer({ min: 1, max: 50_000 }), (given, writeUnits) => {
    const table = tableOf(given);
    const { changes, parts } = planRaise(table, writeUnits);
    const raised = withChanges(table, changes);
    expect(holds(raised, changes)).toBe(true);
    for (const part of capacityParts(raised)) expect(part.provisionedWriteUnits).toBeGreaterThanOrEqual(writeUnits);
    expect(planRaise(raised, writeUnits).changes).toEqual([]);
    expect(planRaise(raised, writeUnits, parts)).toEqual({ changes: [], parts });
    expect(beforeRaise(raised, parts)).toEqual(table);
    const { changes: back, leftAlone } = planRestore(raised, parts);
    expect(leftAlone).toEqual([]);
    expect(withChanges(raised, back)).toEqual(table);
    expect(back.map(({ readUnits }) => readUnits)).toEqual(changes.map(({ readUnits }) => readUnits));
  });
  fc.assert(property, { numRuns: 200 });
});

test('planSet goes up and down, and skips what is there', () => {
  const table = tableOf({ '': [20, 5], 'by-user': [30, 7], 'by-day': [25, 9] });
  expect(planSet(table, () => 25)).toEqual([
    { index: undefined, writeUnits: 25, readUnits: 5 },
    { index: 'by-user', writeUnits: 25, readUnits: 7 },
  ]);
});

function onDemand(): TableInfo {
  const { provisionedWriteUnits: _writes, provisionedReadUnits: _reads, ...table } = tableOf({ '': [1, 1] });
  return { ...table, billing: 'on-demand' };
}
