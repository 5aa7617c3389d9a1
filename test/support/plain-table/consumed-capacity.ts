import type { Item } from './attribute-value.ts';
import { itemBytes, unitsOf } from './item-size.ts';
import { canonicalKey, type IndexSchema, projection, type TableSchema } from './table-schema.ts';

/** Write units of one or more writes: of the table, and of each index that has any. */
export type Consumed = { table: number; readonly indexes: Record<string, number> };

/** Units of replacing `before` by `after` (undefined: no item): the larger of both; an index pays if its part changes. */
export function consumedBy(schema: TableSchema, before: Item | undefined, after: Item | undefined): Consumed {
  const consumed: Consumed = { table: Math.max(sizeUnits(before), sizeUnits(after)), indexes: {} };
  for (const index of schema.indexes ?? []) {
    const units = indexUnits(schema, index, before, after);
    if (units > 0) consumed.indexes[index.name] = units;
  }
  return consumed;
}

function indexUnits(
  schema: TableSchema,
  index: IndexSchema,
  before: Item | undefined,
  after: Item | undefined,
): number {
  const old = before && projection(schema, index, before);
  const now = after && projection(schema, index, after);
  if (old === undefined && now === undefined) return 0;
  if (old === undefined || now === undefined) return sizeUnits(old ?? now);
  if (canonicalKey(index.key, old) !== canonicalKey(index.key, now)) return sizeUnits(old) + sizeUnits(now);
  return JSON.stringify(old) === JSON.stringify(now) ? 0 : Math.max(sizeUnits(old), sizeUnits(now));
}

function sizeUnits(item: Item | undefined): number {
  return item === undefined ? 1 : unitsOf(itemBytes(item));
}

export function addConsumed(total: Consumed, more: Consumed): void {
  total.table += more.table;
  for (const name in more.indexes) total.indexes[name] = (total.indexes[name] ?? 0) + more.indexes[name]!;
}

/** The answer's `ConsumedCapacity`, in as much detail as `ReturnConsumedCapacity` asks for; undefined for NONE. */
export function consumedCapacity(schema: TableSchema, consumed: Consumed, detail: unknown): unknown[] | undefined {
  if (detail !== 'TOTAL' && detail !== 'INDEXES') return undefined;
  const total = Object.values(consumed.indexes).reduce((sum, units) => sum + units, consumed.table);
  const figures = { TableName: schema.name, CapacityUnits: total };
  if (detail === 'TOTAL') return [figures];
  const local = new Set((schema.indexes ?? []).filter((index) => index.local).map(({ name }) => name));
  const part = (wanted: boolean) =>
    Object.fromEntries(
      Object.entries(consumed.indexes)
        .filter(([name]) => local.has(name) === wanted)
        .map(([name, units]) => [name, { CapacityUnits: units }]),
    );
  return [
    {
      ...figures,
      Table: { CapacityUnits: consumed.table },
      ...named('GlobalSecondaryIndexes', part(false)),
      ...named('LocalSecondaryIndexes', part(true)),
    },
  ];
}

function named(name: string, figures: object): object {
  return Object.keys(figures).length === 0 ? {} : { [name]: figures };
}
