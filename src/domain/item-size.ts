import { JsonNumber, type JsonValue } from './column.ts';
import { type Decimal, parseDecimal } from './number.ts';

/** Includes attribute names. */
export const maxItemBytes = 400 * 1024;

/** Covered by one write unit. */
const writeUnitBytes = 1024;

/** Write units of a put. `itemBytes`: the values' sizes as computed in this file, and the attribute names. */
export function writeUnitsOf(itemBytes: number): number {
  return Math.ceil(itemBytes / writeUnitBytes);
}

/** UTF-8 bytes of an attribute's name or of a string. */
export function textSizeBytes(text: string): number {
  return Buffer.byteLength(text);
}

/**
 * Bytes of a number in an item's size: one, one more for a sign, and one for every two significant digits, rounded up
 * separately before and after the decimal point: `-1.5` takes 4.
 */
export function numberSizeBytes(text: string): number {
  let digits = 0;
  let zeros = 0;
  let wholeDigits = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 48 && code <= 57) {
      digits += zeros + 1;
      zeros = 0;
    } else if (code === 48) {
      if (digits > 0) zeros++;
    } else if (code === 46) {
      wholeDigits = digits + zeros;
    } else if (code !== 45 || i > 0) {
      return decimalSizeBytes(parseDecimal(text));
    }
  }
  return sizeOfDigits(digits, wholeDigits < 0 ? digits : wholeDigits, text.charCodeAt(0) === 45);
}

/** Bytes of a binary value. */
export function binarySizeBytes(bytes: Uint8Array): number {
  return bytes.length;
}

/** Bytes of a JSON document: three for a list or map, one for each of its elements, and the names and contents. */
export function jsonSizeBytes(value: JsonValue): number {
  if (typeof value === 'string') return textSizeBytes(value);
  if (value === null || typeof value === 'boolean') return 1;
  if (value instanceof JsonNumber) return numberSizeBytes(value.text);
  let size = 3;
  if (value instanceof Map) {
    for (const [name, element] of value) size += textSizeBytes(name) + jsonSizeBytes(element) + 1;
  } else {
    for (const element of value as readonly JsonValue[]) size += jsonSizeBytes(element) + 1;
  }
  return size;
}

function decimalSizeBytes(decimal: Decimal | undefined): number {
  if (decimal === undefined) return 0;
  return sizeOfDigits(decimal.digits.length, decimal.exponent + 1, decimal.negative);
}

function sizeOfDigits(digits: number, digitsBeforePoint: number, negative: boolean): number {
  if (digits === 0) return 1;
  const whole = Math.max(0, Math.min(digits, digitsBeforePoint));
  return 1 + Math.ceil(whole / 2) + Math.ceil((digits - whole) / 2) + (negative ? 1 : 0);
}
