import { listOf, objectOf, unitsOf } from './wire/reply-shape.ts';

/** Undefined where the table does not say. */
export type ConsumedUnits = {
  readonly consumedWriteUnits: number | undefined;
  readonly consumedIndexUnits?: readonly number[] | undefined;
};

/** Of the list that a reply to a batch holds; `null`, as some engines write it, says nothing. */
export function consumedUnitsOfBatch(consumed: unknown, indexNames: readonly string[]): ConsumedUnits {
  const [first] = consumed === undefined || consumed === null ? [] : listOf(consumed);
  return consumedUnits(first === undefined ? undefined : objectOf(first), indexNames);
}

/**
 * Units drawn from the table's own capacity, its local indexes included: the total less that of the global indexes,
 * which have a capacity of their own; and of those, in the order of the names, what each says.
 */
export function consumedUnits(consumed: unknown, indexNames: readonly string[]): ConsumedUnits {
  if (consumed === undefined || consumed === null) return { consumedWriteUnits: undefined };
  const { CapacityUnits, GlobalSecondaryIndexes = {} } = objectOf(consumed);
  if (CapacityUnits === undefined) return { consumedWriteUnits: undefined };
  const indexes = Object.entries(objectOf(GlobalSecondaryIndexes)).map(([name, index]) => {
    const { CapacityUnits: units = 0 } = objectOf(index);
    return [name, unitsOf(units)] as const;
  });
  const ofIndexes = indexes.reduce((sum, [, units]) => sum + units, 0);
  const consumedWriteUnits = Math.max(0, unitsOf(CapacityUnits) - ofIndexes);
  if (indexNames.length === 0) return { consumedWriteUnits };
  const byName = new Map(indexes);
  return { consumedWriteUnits, consumedIndexUnits: indexNames.map((name) => byName.get(name) ?? 0) };
}
