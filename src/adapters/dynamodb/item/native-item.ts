import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { type Column, type FieldValue, JsonNumber, type JsonValue } from '../../../domain/column.ts';
import type { TokenEncoder } from '../../../ports/token-repository.ts';
import { compileItemText } from './item-text.ts';

/** An item in the values that lib-dynamodb marshals. */
export type NativeItem = { readonly values: Readonly<Record<string, unknown>>; readonly bodyBytes: number };

export function compileNativeItem(columns: readonly Column[]): TokenEncoder {
  // The size in a request body is that of the text the other repository sends.
  const text = compileItemText(columns);
  return {
    encode(values): NativeItem {
      const native: Record<string, unknown> = {};
      columns.forEach((column, index) => {
        const value = values[index];
        if (value !== undefined) native[column.name] = nativeValue(value, column);
      });
      return { values: native, bodyBytes: text.bodyBytes(text.encode(values)) };
    },
    bodyBytes: (payload) => (payload as NativeItem).bodyBytes,
  };
}

function nativeValue(value: Exclude<FieldValue, undefined>, column: Column): unknown {
  const isNumber = column.type === 'N' || column.type === 'EPOCH';
  return isNumber ? NumberValue.from(value as string) : nativeJson(value);
}

function nativeJson(value: Uint8Array | JsonValue): unknown {
  if (value instanceof JsonNumber) return NumberValue.from(value.text);
  if (value instanceof Map) return new Map(Array.from(value, ([name, member]) => [name, nativeJson(member)]));
  if (Array.isArray(value)) return value.map(nativeJson);
  return value;
}
