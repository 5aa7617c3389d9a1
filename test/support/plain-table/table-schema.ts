import type { AttributeValue, Item } from './attribute-value.ts';
import { plainText, readDecimal } from './decimal.ts';
import { itemBytes, unitsOf } from './item-size.ts';

export type KeyAttribute = { readonly name: string; readonly type: 'S' | 'N' | 'B' };

export type IndexSchema = {
  readonly name: string;
  readonly key: readonly KeyAttribute[];
  /** Attributes copied in addition to the keys; all attributes if undefined. */
  readonly include?: readonly string[];
  readonly local?: boolean;
  readonly writeUnits?: number;
};

/** Name and keys, partition key first. */
export type TableSchema = {
  readonly name: string;
  readonly key: readonly KeyAttribute[];
  readonly indexes?: readonly IndexSchema[];
};

/** The part of a DescribeTable answer that makes a schema. */
export type TableDescription = {
  readonly TableName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
};
type KeyElement = { readonly AttributeName: string; readonly KeyType: string };
type IndexDescription = {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection?: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
};

/**
 * One text for each primary key, equal for equal keys: `S:abc`, `N:1.5` (by value), `B:AAE=`; a pair is the JSON of
 * both. Other attributes are ignored. Throws if a key attribute is missing.
 */
export function canonicalKey(key: readonly KeyAttribute[], item: Item): string {
  const parts = key.map(({ name }) => {
    const value = item[name];
    if (value === undefined) throw new Error(`the item lacks the key attribute "${name}"`);
    return canonicalValue(value);
  });
  return parts.length === 1 ? parts[0]! : JSON.stringify(parts);
}

function canonicalValue(value: AttributeValue): string {
  if ('N' in value) {
    const number = readDecimal(String(value['N']));
    return typeof number === 'string' ? `N:${value['N']}` : `N:${plainText(number)}`;
  }
  return 'B' in value ? `B:${value['B']}` : `S:${value['S']}`;
}

/** What an index holds of an item, or undefined if the item lacks the index's key. */
export function projection(schema: TableSchema, index: IndexSchema, item: Item): Item | undefined {
  for (const { name } of index.key) if (item[name] === undefined) return undefined;
  if (index.include === undefined) return item;
  const names = [...schema.key, ...index.key].map(({ name }) => name).concat(index.include);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

/** Write units of one put without an earlier item: of the table, and of each index that contains the item. */
export function putUnits(schema: TableSchema, item: Item): { table: number; indexes: Record<string, number> } {
  const indexes: Record<string, number> = {};
  const table = unitsOf(itemBytes(item));
  for (const index of schema.indexes ?? []) {
    const part = projection(schema, index, item);
    if (part !== undefined) indexes[index.name] = part === item ? table : unitsOf(itemBytes(part));
  }
  return { table, indexes };
}

export function schemaOf(description: TableDescription): TableSchema {
  const keyOf = (elements: readonly KeyElement[]): KeyAttribute[] =>
    elements.map(({ AttributeName: name }) => {
      const definition = description.AttributeDefinitions.find(({ AttributeName }) => AttributeName === name);
      return { name, type: (definition?.AttributeType ?? 'S') as KeyAttribute['type'] };
    });
  const indexOf = (index: IndexDescription, local: boolean): IndexSchema => ({
    name: index.IndexName,
    key: keyOf(index.KeySchema),
    local,
    ...(index.Projection?.ProjectionType === 'KEYS_ONLY' ? { include: [] } : {}),
    ...(index.Projection?.ProjectionType === 'INCLUDE' ? { include: index.Projection.NonKeyAttributes ?? [] } : {}),
  });
  return {
    name: description.TableName,
    key: keyOf(description.KeySchema),
    indexes: [
      ...(description.GlobalSecondaryIndexes ?? []).map((index) => indexOf(index, false)),
      ...(description.LocalSecondaryIndexes ?? []).map((index) => indexOf(index, true)),
    ],
  };
}
