type Consumed = {
  readonly CapacityUnits?: number | undefined;
  readonly GlobalSecondaryIndexes?:
    | Readonly<Record<string, { readonly CapacityUnits?: number | undefined }>>
    | undefined;
};

/** Undefined where the table does not say. */
export type ConsumedUnits = {
  readonly consumedWriteUnits: number | undefined;
  readonly consumedIndexUnits?: readonly number[] | undefined;
};

/**
 * Units drawn from the table's own capacity, its local indexes included: the total less that of the global indexes,
 * which have a capacity of their own; and of those, in the order of the names, what each says.
 */
export function consumedUnits(consumed: readonly Consumed[] | undefined, indexNames: readonly string[]): ConsumedUnits {
  const first = consumed?.[0];
  if (first?.CapacityUnits === undefined) return { consumedWriteUnits: undefined };
  let units = first.CapacityUnits;
  const indexes = first.GlobalSecondaryIndexes ?? {};
  for (const index of Object.values(indexes)) units -= index.CapacityUnits ?? 0;
  if (indexNames.length === 0) return { consumedWriteUnits: units };
  return { consumedWriteUnits: units, consumedIndexUnits: indexNames.map((name) => indexes[name]?.CapacityUnits ?? 0) };
}
