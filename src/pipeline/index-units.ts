import type { Column, FieldValue } from '../domain/column.ts';
import { textSizeBytes, writeUnitsOf } from '../domain/item-size.ts';
import type { IndexShape } from '../domain/table.ts';
import type { ColumnMapper } from '../input/columns/column-mapper.ts';

type Sizer = Pick<ColumnMapper, 'sizeBytes'>;

/** Write units of a put in each index; `values` and `itemUnits` are those of the whole item. */
export type MeasureIndexes = (values: readonly FieldValue[], itemUnits: number, ascii: boolean) => readonly number[];

/** Measures the part of an item that each index holds. `keyNames`: the table's key, which every index holds too. */
export function measureIndexes(
  indexes: readonly IndexShape[],
  columns: readonly Column[],
  mappers: readonly Sizer[],
  keyNames: readonly string[],
): MeasureIndexes {
  const measures = indexes.map((index) => measureIndex(index, columns, mappers, keyNames));
  let last: readonly number[] = [];
  return (values, itemUnits, ascii) => {
    const units = measures.map((measure) => measure(values, itemUnits, ascii));
    // Most rows are alike: tokens share one array, where each would keep its own.
    if (units.length !== last.length || units.some((value, i) => value !== last[i])) last = units;
    return last;
  };
}

type MeasureIndex = (values: readonly FieldValue[], itemUnits: number, ascii: boolean) => number;

function measureIndex(
  { key, include }: IndexShape,
  columns: readonly Column[],
  mappers: readonly Sizer[],
  keyNames: readonly string[],
): MeasureIndex {
  const keys = key.map(({ name }) => columns.findIndex((column) => column.name === name));
  // An index over an attribute that no column gives holds none of the items.
  if (keys.includes(-1)) return () => 0;
  const isLeftOut = (values: readonly FieldValue[]) => keys.some((i) => values[i] === undefined);
  if (include === undefined) return (values, itemUnits) => (isLeftOut(values) ? 0 : itemUnits);
  const names = new Set([...keyNames, ...key.map(({ name }) => name), ...include]);
  const parts = columns.flatMap(({ name }, i) => (names.has(name) ? [{ i, nameBytes: textSizeBytes(name) }] : []));
  return (values, _, ascii) => {
    if (isLeftOut(values)) return 0;
    let bytes = 0;
    for (const { i, nameBytes } of parts) {
      const value = values[i];
      if (value !== undefined) bytes += nameBytes + mappers[i]!.sizeBytes(value, ascii);
    }
    return writeUnitsOf(bytes);
  };
}
