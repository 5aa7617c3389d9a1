import type { KeyType } from './column.ts';
import { canonicalNumber } from './number.ts';

/**
 * Canonical text of one typed key value: equal values of DynamoDB have equal text (`1`, `1.0` and `1e0` are one number),
 * and the length in front keeps a pair of values apart from any other pair.
 */
export function keyPart(type: KeyType, value: string | Uint8Array): string {
  if (type === 'B') {
    const text = bytesToLatin1(value as Uint8Array);
    return `B${text.length}:${text}`;
  }
  const text = type === 'N' ? canonicalNumber(value as string) : (value as string);
  return `${type}${text.length}:${text}`;
}

function bytesToLatin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
