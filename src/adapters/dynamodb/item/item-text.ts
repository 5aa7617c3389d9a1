import { type Column, type FieldValue, JsonNumber, type JsonValue, ValueSet } from '../../../domain/column.ts';
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
