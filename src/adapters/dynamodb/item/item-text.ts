import { type Column, type FieldValue, JsonNumber, type JsonValue, ValueSet } from '../../../domain/column.ts';
import { numberSizeBytes, textSizeBytes } from '../../../domain/item-size.ts';
import { canonicalNumber } from '../../../domain/number.ts';
import { ownText } from '../../../domain/token.ts';
import type { PlainFields, TokenEncoder } from '../../../ports/token-repository.ts';

/** ASCII that stands for itself in a JSON string. */
const plain = /^[ !#-[\]-~]*$/;

/** Ends a quoted value, which is left open for it. */
const behindQuoted = '"},';

/**
 * Writes a row straight as the text of an item, its numbers and code points untouched, as a batch holds it:
 *
 *     {"PutRequest":{"Item":{"token":{"S":"abc"},"uses":{"N":"12"}}}}
 *
 * The text of a delete differs in nothing but its values: it is an item with only the key.
 */
export function compileItemText(
  columns: readonly Column[],
  [open, close]: readonly [open: string, close: string] = ['{"PutRequest":{"Item":{', '}}}'],
): TokenEncoder {
  const names = columns.map((column) => `${JSON.stringify(column.name)}:`);
  const namesAreAscii = names.every((name) => Buffer.byteLength(name) === name.length);
  // Most values are text or numbers, and so is the one before: then all between the two is one piece. What an item
  // costs is the number of times that its text grows (`npm run bench -- --only stages`).
  const quotedHeads = columns.map(({ type }, i) => `${names[i]}{"${type === 'S' ? 'S' : 'N'}":"`);
  const headsBehindQuoted = quotedHeads.map((head) => behindQuoted + head);
  const closeBehindQuoted = `"}${close}`;
  const kinds = columns.map(kindOf);
  // A payload is asked for its size right after it was made, when that it is ASCII is still known.
  let lastText = '';
  let lastBytes = 0;

  function encode(values: readonly FieldValue[], fields?: PlainFields): string {
    const needsNoEscape = fields?.isAscii === true;
    let text = open;
    let ascii = namesAreAscii;
    let between = '';
    for (let i = 0; i < names.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      const kind = value === null ? other : kinds[i]!;
      if (kind === number || (kind === field && needsNoEscape) || (kind < number && plain.test(value as string))) {
        text += between === behindQuoted ? headsBehindQuoted[i] : between + quotedHeads[i];
        text += value;
        between = behindQuoted;
      } else {
        text += between + names[i] + valueText(value);
        ascii = false;
        between = ',';
      }
    }
    text += between === behindQuoted ? closeBehindQuoted : close;
    lastText = text;
    lastBytes = ascii ? text.length : Buffer.byteLength(text);
    return text;
  }

  return {
    encode,
    encodeDelete: encode,
    // Its pieces are parts of the text around the row.
    copy: (payload) => ownText(payload as string),
    bodyBytes: (payload) => (payload === lastText ? lastBytes : Buffer.byteLength(payload as string)),
  };
}

/** How a value is written: the text of a field, text that a template made, a number, or anything else. */
const field = 0;
const made = 1;
const number = 2;
const other = 3;

function kindOf({ type, template }: Column): number {
  if (type === 'S') return template === undefined ? field : made;
  return type === 'N' || type === 'EPOCH' ? number : other;
}

/** An attribute value as JSON text. */
function valueText(value: Uint8Array | JsonValue | ValueSet): string {
  if (typeof value === 'string') return `{"S":${JSON.stringify(value)}}`;
  if (typeof value === 'boolean') return `{"BOOL":${value}}`;
  if (value === null) return '{"NULL":true}';
  if (value instanceof Uint8Array) return `{"B":"${base64(value)}"}`;
  if (value instanceof JsonNumber) return `{"N":"${value.text}"}`;
  if (value instanceof ValueSet) return `{"${value.type}":${JSON.stringify(value.members)}}`;
  if (isMap(value)) {
    const members = Array.from(value, ([name, member]) => `${JSON.stringify(name)}:${valueText(member)}`);
    return `{"M":{${members.join(',')}}}`;
  }
  return `{"L":[${value.map(valueText).join(',')}]}`;
}

/** `instanceof` does not tell a ReadonlyMap from a list for the compiler. */
function isMap(value: JsonValue): value is ReadonlyMap<string, JsonValue> {
  return value instanceof Map;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

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
