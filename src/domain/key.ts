import type { KeyType } from './column.ts';
import { canonicalNumber } from './number.ts';

/** A value of a key attribute: text for S and N, bytes for B. */
export type KeyValue = string | Uint8Array;

/**
 * The key of a token from the parts of its partition key and, where the table has one, its sort key. Equal keys of the
 * table have equal text, different ones different text.
 */
export function keyOf(partition: string, sort?: string): string {
  return sort === undefined ? partition : partition + sort;
}

/**
 * Canonical text of one typed key value: equal values of DynamoDB have equal text (`1`, `1.0` and `1e0` are one number),
 * and the length in front keeps a pair of values apart from any other pair.
 */
export function keyPart(type: KeyType, value: KeyValue): string {
  if (typeof value !== 'string') return prefixed('B', bytesToLatin1(value));
  return prefixed(type, type === 'N' ? canonicalNumber(value) : value);
}

function prefixed(type: KeyType, text: string): string {
  return `${type}${text.length}:${text}`;
}

function bytesToLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += charCodesAtOnce) {
    text += String.fromCharCode(...bytes.subarray(start, start + charCodesAtOnce));
  }
  return text;
}

/** More arguments than this can overflow the stack; every key fits. */
const charCodesAtOnce = 4096;
