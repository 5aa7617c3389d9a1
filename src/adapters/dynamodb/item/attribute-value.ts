import { numberSizeBytes, textSizeBytes } from '../../../domain/item-size.ts';
import { canonicalNumber } from '../../../domain/number.ts';

/** A typed value in DynamoDB's JSON, as it stands in a request or a reply. */
export type AttributeValue = {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly L?: readonly AttributeValue[];
  readonly M?: Item;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
};
export type Item = { readonly [name: string]: AttributeValue };

/** One text for each item, whatever the order of its attributes and the notation of its numbers. */
export function canonicalItem(item: Item): string {
  const names = Object.keys(item).sort();
  return names.map((name) => `${JSON.stringify(name)}:${canonicalValue(item[name]!)}`).join();
}

export function canonicalValue(value: AttributeValue): string {
  if (value.S !== undefined) return `S${JSON.stringify(value.S)}`;
  if (value.N !== undefined) return `N${canonicalNumber(value.N)}`;
  if (value.L !== undefined) return `[${value.L.map(canonicalValue).join()}]`;
  if (value.M !== undefined) return `{${canonicalItem(value.M)}}`;
  if (value.NS !== undefined) return `NS${JSON.stringify(value.NS.map(canonicalNumber).sort())}`;
  const [type, content] = Object.entries(value)[0] ?? [];
  return `${type}${JSON.stringify(Array.isArray(content) ? [...content].sort() : content)}`;
}

/** Names such as `constructor` are no attributes unless the item has them. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** `S`, `N` and so on; undefined if the attribute is missing. */
export function typeOf(value: AttributeValue | undefined): string | undefined {
  return value && Object.keys(value)[0];
}

/** Bytes of an item as the service counts them, names included. */
export function itemSizeBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += textSizeBytes(name) + sizeBytes(value);
  return bytes;
}

function sizeBytes(value: AttributeValue): number {
  const { S, N, B, L, M, SS, NS, BS } = value;
  if (S !== undefined) return textSizeBytes(S);
  if (N !== undefined) return numberSizeBytes(N);
  if (B !== undefined) return base64SizeBytes(B);
  if (L !== undefined) return sum(L, (element) => 1 + sizeBytes(element), 3);
  if (M !== undefined) return itemSizeBytes(M) + Object.keys(M).length + 3;
  if (SS !== undefined) return sum(SS, textSizeBytes, 0);
  if (NS !== undefined) return sum(NS, numberSizeBytes, 0);
  return BS === undefined ? 1 : sum(BS, base64SizeBytes, 0);
}

function base64SizeBytes(text: string): number {
  return Buffer.byteLength(text, 'base64');
}

function sum<T>(values: readonly T[], bytesOf: (value: T) => number, start: number): number {
  return values.reduce((bytes, value) => bytes + bytesOf(value), start);
}
