import { type Column, type ColumnType, type FieldValue, JsonNumber, ValueSet } from '../../src/domain/column.ts';
import { canonicalNumber } from '../../src/domain/number.ts';

/**
 * An item that can be compared: `{token: {S: 'a'}, uses: {N: '1e0'}, raw: {B: 'AAE='}}`; numbers in canonical text,
 * bytes as base64.
 */
export type PlainItem = Readonly<Record<string, unknown>>;

/** The item that a row's mapped values should become. */
export function plainItemOf(columns: readonly Column[], values: readonly FieldValue[]): PlainItem {
  const item: Record<string, unknown> = {};
  columns.forEach((column, index) => {
    const value = values[index];
    if (value !== undefined) item[column.name] = plainFieldOf(column.type, value);
  });
  return item;
}

function plainFieldOf(type: ColumnType, value: Exclude<FieldValue, undefined>): unknown {
  if (value !== null && (type === 'N' || type === 'EPOCH')) return { N: canonicalNumber(value as string) };
  return plainValueOf(value);
}

function plainValueOf(value: Exclude<FieldValue, undefined>): unknown {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (value instanceof JsonNumber) return { N: canonicalNumber(value.text) };
  if (value instanceof ValueSet) return { [value.type]: value.members };
  if (value instanceof Map) {
    return { M: Object.fromEntries(Array.from(value, ([name, member]) => [name, plainValueOf(member)])) };
  }
  return { L: Array.from(value as Iterable<Exclude<FieldValue, undefined>>, plainValueOf) };
}
