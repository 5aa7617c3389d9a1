import { describe, expect, test } from 'vitest';
import { decreaseAllowedAtMs, planRestore } from '../../src/limit/plan-capacity.ts';
import { tableOf } from './capacity-table.ts';

const parts = [
  { index: undefined, beforeWriteUnits: 20, raisedWriteUnits: 1000 },
  { index: 'by-user', beforeWriteUnits: 30, raisedWriteUnits: 1000 },
];

describe('planRestore', () => {
  test('puts the writes back and keeps the reads of now', () => {
    expect(planRestore(tableOf({ '': [1000, 50], 'by-user': [1000, 7] }), parts)).toEqual({
      changes: [
        { index: undefined, writeUnits: 20, readUnits: 50 },
        { index: 'by-user', writeUnits: 30, readUnits: 7 },
      ],
      leftAlone: [],
    });
  });

  test('leaves alone what someone else has changed since, and what is back already', () => {
    expect(planRestore(tableOf({ '': [400, 5], 'by-user': [30, 7] }), parts)).toEqual({
      changes: [],
      leftAlone: [{ ...parts[0], foundWriteUnits: 400 }],
    });
  });

  test('leaves alone an index that is gone', () => {
    expect(planRestore(tableOf({ '': [20, 5] }), parts)).toEqual({
      changes: [],
      leftAlone: [{ ...parts[1], foundWriteUnits: undefined }],
    });
  });
});

describe('decreaseAllowedAtMs', () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  const minute = 60_000;
  const at = (decreases: object, nowMs = noon, refused = false) => decreaseAllowedAtMs([decreases], nowMs, refused);

  test('is now as long as one of the four free decreases is left', () => {
    expect(at({})).toBe(noon);
    expect(at({ decreasesToday: 3, lastDecreaseMs: noon - minute })).toBe(noon);
  });

  test('is an hour after the last decrease once they are used up', () => {
    expect(at({ decreasesToday: 4, lastDecreaseMs: noon - 20 * minute })).toBe(noon + 40 * minute);
    expect(at({ decreasesToday: 9, lastDecreaseMs: noon - 61 * minute })).toBe(noon);
  });

  test('is midnight in UTC where that is sooner', () => {
    const late = Date.UTC(2026, 0, 31, 23, 50);
    expect(at({ decreasesToday: 4, lastDecreaseMs: late - minute }, late)).toBe(Date.UTC(2026, 1, 1));
  });

  test('believes the service where it has refused though free ones seem to be left', () => {
    expect(at({ decreasesToday: 2, lastDecreaseMs: noon - 10 * minute }, noon, true)).toBe(noon + 50 * minute);
    expect(at({}, noon, true)).toBe(noon + 60 * minute);
  });

  test('is when the last of several parts may go down', () => {
    const parts = [{}, { decreasesToday: 4, lastDecreaseMs: noon - minute }];
    expect(decreaseAllowedAtMs(parts, noon, false)).toBe(noon + 59 * minute);
  });
});
