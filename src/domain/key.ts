import type { KeyType } from './column.ts';
import { canonicalNumber } from './number.ts';

/** A value of a key attribute: text for S and N, bytes for B. */
export type KeyValue = string | Uint8Array;

/**
 * The key of a token from the parts of its partition key and, where the table has one, its sort key. Within one table,
 * where all keys have the same types, equal keys have equal text and different ones different text.
 */
export function keyOf(partition: string, sort?: string): string {
  // The length keeps a pair apart from any other pair.
  return sort === undefined ? partition : `${partition.length}:${partition}${sort}`;
}

/** A copy of a text that may be part of a larger one, which it would keep in memory for as long as it is held. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}

/** The partition key's part of a key that `keyOf` made of both parts. */
export function partitionOf(key: string): string {
  const colon = key.indexOf(':');
  return key.slice(colon + 1, colon + 1 + Number(key.slice(0, colon)));
}

/** Text of one typed key value: equal values of DynamoDB have equal text (`1`, `1.0` and `1e0` are one number). */
export function keyPart(type: KeyType, value: KeyValue): string {
  if (typeof value !== 'string') return bytesToLatin1(value);
  return type === 'N' ? canonicalNumber(value) : value;
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
