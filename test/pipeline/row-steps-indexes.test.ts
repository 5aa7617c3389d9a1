import { describe, expect, test } from 'vitest';
import type { Column } from '../../src/domain/column.ts';
import type { IndexShape } from '../../src/domain/table.ts';
import { columnMapper } from '../../src/input/columns/column-mapper.ts';
import { measureIndexes } from '../../src/pipeline/row-steps.ts';

const columns: Column[] = ['id', 'user', 'day', 'note', 'blob'].map((name, fieldIndex) => ({
  ...{ sourceName: name, fieldIndex, name, type: 'S' },
}));
const mappers = columns.map((column) => columnMapper(column, { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' }));
const byUser = { name: 'by-user', key: [{ name: 'user', type: 'S' }] } as const;
const byUserAndDay = { name: 'by-day', key: [...byUser.key, { name: 'day', type: 'S' }] } as const;
const item = ['a', 'u', 'd', 'x'.repeat(1500), 'y'.repeat(4000)];

function unitsOf(indexes: readonly IndexShape[], values: readonly (string | undefined)[], itemUnits = 6) {
  return measureIndexes(indexes, columns, mappers, ['id'])(values, itemUnits, true);
}

describe('the units of an index', () => {
  test('are those of the part that it holds: all, the keys, or the keys and some attributes', () => {
    const indexes = [byUser, { ...byUser, include: [] }, { ...byUser, include: ['note'] }];
    expect(unitsOf(indexes, item)).toEqual([6, 1, 2]);
  });

  test('are none where the item lacks a part of the key', () => {
    expect(unitsOf([byUser, byUserAndDay], ['a', 'u', undefined, 'n', 'b'])).toEqual([6, 0]);
    expect(unitsOf([byUser, byUserAndDay], ['a', undefined, 'd', 'n', 'b'])).toEqual([0, 0]);
  });

  test('are none where no column gives a part of the key', () => {
    expect(unitsOf([{ name: 'by-age', key: [{ name: 'age', type: 'N' }] }], item)).toEqual([0]);
  });

  test('count names, to the byte, of the attributes held', () => {
    // id 2+1, user 4+1, note 4: 1,012 bytes more make 1,024.
    const include = [{ ...byUser, include: ['note'] }];
    expect(unitsOf(include, ['a', 'u', 'd', 'x'.repeat(1012), 'b'])).toEqual([1]);
    expect(unitsOf(include, ['a', 'u', 'd', 'x'.repeat(1013), 'b'])).toEqual([2]);
  });

  test('are kept once for rows that are alike', () => {
    const measure = measureIndexes([byUser], columns, mappers, ['id']);
    expect(measure(item, 6, true)).toBe(measure(item, 6, true));
    expect(measure(item, 7, true)).toEqual([7]);
  });
});
