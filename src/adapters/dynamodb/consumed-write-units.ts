type Consumed = {
  readonly CapacityUnits?: number | undefined;
  readonly GlobalSecondaryIndexes?:
    | Readonly<Record<string, { readonly CapacityUnits?: number | undefined }>>
    | undefined;
};

/**
 * Units drawn from the table's own capacity, its local indexes included: the total less that of the global indexes, which
 * have a capacity of their own. Undefined where the table does not say.
 */
export function consumedWriteUnits(consumed: readonly Consumed[] | undefined): number | undefined {
  const first = consumed?.[0];
  if (first?.CapacityUnits === undefined) return undefined;
  let units = first.CapacityUnits;
  for (const index of Object.values(first.GlobalSecondaryIndexes ?? {})) units -= index.CapacityUnits ?? 0;
  return units;
}
