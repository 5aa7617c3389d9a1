import { type Answer, success, tableMissing, validationError } from './answers.ts';
import type { Item } from './attribute-value.ts';
import { itemBytes } from './item-size.ts';
import { canonicalKey, type TableSchema } from './table-schema.ts';

type Items = ReadonlyMap<string, Item>;

export function getItem(schema: TableSchema, items: Items, body: { TableName?: string; Key?: Item }): Answer {
  if (body.TableName !== schema.name) return tableMissing();
  const item = items.get(canonicalKey(schema.key, body.Key ?? {}));
  return success(item === undefined ? {} : { Item: item });
}

export function batchGetItem(
  schema: TableSchema,
  items: Items,
  body: { RequestItems?: Readonly<Record<string, { readonly Keys: readonly Item[] }>> },
): Answer {
  const wanted = body.RequestItems?.[schema.name]?.Keys;
  if (wanted === undefined) return tableMissing();
  if (wanted.length > 100) return validationError('Too many items requested for the BatchGetItem call');
  const keys = wanted.map((key) => canonicalKey(schema.key, key));
  if (new Set(keys).size < keys.length) return validationError('Provided list of item keys contains duplicates');
  const found = keys.map((key) => items.get(key)).filter((item) => item !== undefined);
  return success({ Responses: { [schema.name]: found }, UnprocessedKeys: {} });
}

type ScanBody = {
  readonly TableName?: string;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly Segment?: number;
  readonly TotalSegments?: number;
};

/** One page: at most `Limit` items and 1 MB, after `ExclusiveStartKey`. */
export function scan(schema: TableSchema, items: Items, body: ScanBody): Answer {
  if (body.TableName !== schema.name) return tableMissing();
  const page: Item[] = [];
  const startKey = body.ExclusiveStartKey && canonicalKey(schema.key, body.ExclusiveStartKey);
  let started = startKey === undefined;
  let bytes = 0;
  for (const [key, item] of items) {
    if (!started) {
      started = key === startKey;
      continue;
    }
    if (segmentOf(key, body.TotalSegments ?? 1) !== (body.Segment ?? 0)) continue;
    page.push(item);
    bytes += itemBytes(item);
    if (page.length >= (body.Limit ?? Number.POSITIVE_INFINITY) || bytes >= 1024 * 1024) {
      const last = Object.fromEntries(schema.key.map(({ name }) => [name, item[name]]));
      return success({ Items: page, Count: page.length, ScannedCount: page.length, LastEvaluatedKey: last });
    }
  }
  return success({ Items: page, Count: page.length, ScannedCount: page.length });
}

function segmentOf(key: string, segments: number): number {
  let hash = 0;
  for (let position = 0; position < key.length; position++) hash = (hash * 31 + key.charCodeAt(position)) >>> 0;
  return hash % segments;
}
