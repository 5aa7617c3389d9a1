import { type Answer, serializationError, tableMissing, validationError } from './answers.ts';
import { type AttributeValue, type Item, valueFault } from './attribute-value.ts';
import { itemBytes, valueBytes } from './item-size.ts';
import { canonicalKey, type KeyAttribute, type TableSchema } from './table-schema.ts';

/** One put or delete of a batch, as sent and as parsed. */
export type ItemWrite = {
  readonly table: TableSchema;
  readonly key: string;
  /** What is put; undefined for a delete. */
  readonly item: Item | undefined;
  readonly request: WriteRequest;
};

export type WriteRequest = {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
};

const maxWrites = 25;
const maxItemBytes = 400 * 1024;

/** The writes of a BatchWriteItem body, or DynamoDB's answer that refuses it. */
export function readBatch(body: unknown, tableOf: (name: string) => TableSchema | undefined): ItemWrite[] | Answer {
  const requests = (body as { RequestItems?: unknown } | null)?.RequestItems;
  if (typeof requests !== 'object' || requests === null) return serializationError();
  const writes: ItemWrite[] = [];
  const seen = new Set<string>();
  const counted = Object.values(requests).reduce(
    (sum: number, list) => sum + (Array.isArray(list) ? list.length : 0),
    0,
  );
  if (counted < 1 || counted > maxWrites) {
    return validationError(
      `1 validation error detected: Value '${JSON.stringify(requests)}' at 'requestItems' failed to satisfy constraint: ` +
        'Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]',
    );
  }
  for (const [name, list] of Object.entries(requests)) {
    const table = tableOf(name);
    if (table === undefined) return tableMissing();
    for (const request of list as WriteRequest[]) {
      const item = request.PutRequest?.Item;
      const attributes = item ?? request.DeleteRequest?.Key;
      if (attributes === undefined) return serializationError();
      const fault = item === undefined ? keyFault(table.key, attributes) : itemFault(table, item);
      if (fault !== undefined) return validationError(fault);
      const key = canonicalKey(table.key, attributes);
      const place = `${name} ${key}`;
      if (seen.has(place)) return validationError('Provided list of item keys contains duplicates');
      seen.add(place);
      writes.push({ table, key, item, request });
    }
  }
  return writes;
}

function itemFault(table: TableSchema, item: Item): string | undefined {
  for (const name in item) {
    const fault = valueFault(item[name]);
    if (fault !== undefined) return fault;
  }
  return keyFault(table.key, item) ?? indexFault(table, item) ?? sizeFault(item);
}

function keyFault(key: readonly KeyAttribute[], attributes: Item): string | undefined {
  for (const [position, { name, type }] of key.entries()) {
    const value = attributes[name];
    if (value === undefined || !(type in value)) return 'The provided key element does not match the schema';
    if (value[type] === '') {
      const kind = type === 'B' ? 'binary' : 'string';
      return `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`;
    }
    const fault = valueFault(value) ?? lengthFault(value, position);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function indexFault(table: TableSchema, item: Item): string | undefined {
  for (const index of table.indexes ?? []) {
    for (const [position, { name, type }] of index.key.entries()) {
      const value = item[name];
      if (value === undefined) continue;
      if (!(type in value)) {
        const actual = Object.keys(value)[0];
        return `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${index.name}`;
      }
      if (value[type] === '') {
        return `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, IndexKey: ${name}`;
      }
      const fault = lengthFault(value, position);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function lengthFault(value: AttributeValue, position: number): string | undefined {
  const bytes = valueBytes(value);
  if (position === 0 && bytes > 2048) {
    return 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes';
  }
  if (position === 1 && bytes > 1024) {
    return 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes';
  }
  return undefined;
}

function sizeFault(item: Item): string | undefined {
  return itemBytes(item) > maxItemBytes ? 'Item size has exceeded the maximum allowed size' : undefined;
}
