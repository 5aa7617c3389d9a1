import type { AttributeValue, Item } from './attribute-value.ts';
import { decimalBytes, readDecimal } from './decimal.ts';

/** Bytes of an item as DynamoDB counts them: names and text in UTF-8, numbers by digits, binary raw, nested values with 3 + 1 each. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name]!);
  return bytes;
}

/** Write units of an item of `bytes` bytes: one for each started KB. */
export function unitsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

export function valueBytes(value: AttributeValue): number {
  for (const type in value) {
    const content = value[type];
    switch (type) {
      case 'S':
        return Buffer.byteLength(content as string);
      case 'N':
        return numberBytes(content as string);
      case 'B':
        return Buffer.byteLength(content as string, 'base64');
      case 'L':
        return (content as AttributeValue[]).reduce((sum, element) => sum + 1 + valueBytes(element), 3);
      case 'M':
        return itemBytes(content as Item) + Object.keys(content as Item).length + 3;
      case 'SS':
        return sum(content as string[], (text) => Buffer.byteLength(text));
      case 'NS':
        return sum(content as string[], numberBytes);
      case 'BS':
        return sum(content as string[], (text) => Buffer.byteLength(text, 'base64'));
    }
  }
  return 1;
}

function numberBytes(text: string): number {
  const number = readDecimal(text);
  return typeof number === 'string' ? 0 : decimalBytes(number);
}

function sum(texts: readonly string[], bytes: (text: string) => number): number {
  return texts.reduce((total, text) => total + bytes(text), 0);
}
