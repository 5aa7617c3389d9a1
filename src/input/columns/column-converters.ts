import { type Column, type Field, type FieldValue, ValueSet } from '../../domain/column.ts';
import { isPlainNumber, type NumberFault } from '../../domain/number.ts';
import {
  dateHint,
  exactNumber,
  type FieldFault,
  fieldFault,
  numberHint,
  numberPredicates,
  truthHint,
} from './column-fault.ts';
import { epochSeconds, parseTimeZone } from './date-time.ts';
import { JsonProblem, parseJsonDocument } from './json-document.ts';

/** How values are converted in the whole import. */
export type MappingOptions = {
  /** Empty fields: kept as empty text or bytes, if the type has such a value, left out of the item, or made NULL. */
  readonly empty: 'keep' | 'omit' | 'null';
  /** Of date-times without a zone: `UTC`, `+02:00`, `Europe/Berlin`. */
  readonly timeZone: string;
  /** `0000-00-00`: left out of the item, or a fault. */
  readonly zeroDates: 'null' | 'reject';
};

export type Convert = (field: Field) => FieldValue | FieldFault;

type ConvertText = (text: string) => FieldValue | FieldFault;

/** The conversion for a column's type, without the requirements of keys. Throws ImportError `usage` for an unknown time zone. */
export function converterFor(column: Column, options: MappingOptions): Convert {
  const name = column.sourceName;
  switch (column.type) {
    case 'S':
      return stringConverter(name, options);
    case 'N':
      return numberConverter(name, options);
    case 'B':
      return binaryConverter(name, options, 'not-base64', 'is not base64', strictBase64);
    case 'BASE64':
      return binaryConverter(name, options, 'not-base64', 'is not base64', base64Bytes, 'text');
    case 'HEX':
      return binaryConverter(name, options, 'not-hex', 'is not hexadecimal', hexBytes, 'text');
    case 'BOOL':
      return textConverter(name, options, 'not-a-boolean', 'a truth value', (text) => toBoolean(name, text));
    case 'EPOCH':
      return textConverter(name, options, 'not-a-date', 'a date', epochText(name, column.timeZone, options));
    case 'JSON':
      return textConverter(name, options, 'not-json', 'a JSON document', (text) => toDocument(name, text));
    case 'SS':
    case 'NS':
    case 'L':
      return splitConverter(name, column.type, column.separator ?? ',');
  }
}

function stringConverter(name: string, options: MappingOptions): Convert {
  const keepEmpty = options.empty === 'keep';
  const fromBytes = (bytes: Uint8Array) => {
    const text = decodeUtf8(bytes);
    if (text === undefined) return notUtf8(name);
    return text.length > 0 || keepEmpty ? text : undefined;
  };
  return (field) => {
    if (typeof field === 'string') return field.length > 0 || keepEmpty ? field : undefined;
    return field === null ? undefined : fromBytes(field);
  };
}

function numberConverter(name: string, options: MappingOptions): Convert {
  const convert = textConverter(name, options, 'not-a-number', 'a number', (text) => toNumber(name, text));
  return (field) => (typeof field === 'string' && isPlainNumber(field) ? field : convert(field));
}

/** `bytesAre`: whether a field that arrives as bytes is the value itself, or text like any other. */
function binaryConverter(
  name: string,
  options: MappingOptions,
  code: 'not-base64' | 'not-hex',
  predicate: string,
  read: (text: string) => Uint8Array | undefined,
  bytesAre: 'value' | 'text' = 'value',
): Convert {
  const fault = fieldFault(name, code, predicate);
  return (field) => {
    if (field === null || (field.length === 0 && options.empty === 'omit')) return undefined;
    if (typeof field === 'string') return read(field) ?? fault;
    return bytesAre === 'value' ? field : (read(decodeUtf8(field) ?? '\ufffd') ?? fault);
  };
}

/** For types that have no empty value. `code` and `noun` are for the fault of an empty field that is not left out. */
function textConverter(
  name: string,
  options: MappingOptions,
  code: 'not-a-number' | 'not-a-boolean' | 'not-a-date' | 'not-json',
  noun: string,
  convertText: ConvertText,
): Convert {
  return (field) => {
    if (field === null) return undefined;
    const text = typeof field === 'string' ? field : decodeUtf8(field);
    if (text === undefined) return notUtf8(name);
    if (text.length > 0) return convertText(text);
    if (options.empty === 'omit') return undefined;
    return fieldFault(name, code, `is not ${noun} (it is empty; --empty omit leaves empty fields out)`);
  };
}

/** Empty text has no parts, and is left out. */
function splitConverter(name: string, type: 'SS' | 'NS' | 'L', separator: string): Convert {
  return (field) => {
    const text = field === null || typeof field === 'string' ? field : decodeUtf8(field);
    if (text === undefined) return notUtf8(name);
    if (text === null || text === '') return undefined;
    const parts = text.split(separator);
    if (type === 'L') return parts;
    if (type === 'SS') return new ValueSet(type, [...new Set(parts)]);
    const numbers = new Set<string>();
    for (const part of parts) {
      const number = exactNumber(part, (code) => partFault(name, code, part));
      if (typeof number !== 'string') return number;
      numbers.add(number);
    }
    return new ValueSet(type, [...numbers]);
  };
}

function partFault(name: string, code: NumberFault, part: string): FieldFault {
  if (part === '') return fieldFault(name, code, 'has a part that is empty');
  const hint = code === 'not-a-number' ? numberHint(part, name) : '';
  return fieldFault(name, code, numberPredicates[code].part + hint);
}

function toNumber(name: string, text: string): string | FieldFault {
  return exactNumber(text, (code) => {
    const hint = code === 'not-a-number' ? numberHint(text, name) : `; --types ${name}=S keeps it as text`;
    return fieldFault(name, code, numberPredicates[code].field + hint);
  });
}

function toBoolean(name: string, text: string): boolean | FieldFault {
  const value = text.length <= 5 ? truthWords.get(text.toLowerCase()) : undefined;
  return value ?? fieldFault(name, 'not-a-boolean', `is not true, false, t, f, 1 or 0${truthHint(text)}`);
}

/** The last of each list is how MySQL writes a BIT(1). */
const truthWords = new Map([
  ...['true', 't', '1', '\x01'].map((word) => [word, true] as const),
  ...['false', 'f', '0', '\x00'].map((word) => [word, false] as const),
]);

function epochText(name: string, timeZone: string | undefined, options: MappingOptions): ConvertText {
  const zone = parseTimeZone(timeZone ?? options.timeZone);
  return (text) => {
    const seconds = epochSeconds(text, zone);
    if (typeof seconds === 'number') return String(seconds);
    if (seconds === 'not-a-date') return fieldFault(name, seconds, `is not a date${dateHint(text, name)}`);
    if (options.zeroDates === 'null') return undefined;
    return fieldFault(name, seconds, 'is a zero date; --zero-dates null leaves such dates out');
  };
}

function toDocument(name: string, text: string): FieldValue | FieldFault {
  const value = parseJsonDocument(text);
  return value instanceof JsonProblem ? fieldFault(name, value.code, value.predicate) : value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function notUtf8(name: string): FieldFault {
  return fieldFault(name, 'invalid-utf8', `is not UTF-8 text; --types ${name}=B keeps the bytes`);
}

/** The bytes of hex text, with or without `0x` or the hyphens of a UUID; undefined for any other text. */
export function hexBytes(text: string): Buffer | undefined {
  if (uuidText.test(text)) return Buffer.from(text.replaceAll('-', ''), 'hex');
  if (text.length % 2 !== 0 || !hexText.test(text)) return undefined;
  return Buffer.from(text.slice(/^0x/i.test(text) ? 2 : 0), 'hex');
}

/** The bytes of base64, in one line or in lines of 76 as TO_BASE64() writes them; undefined for any other text. */
export function base64Bytes(text: string): Buffer | undefined {
  const lines = text.split('\n');
  const isWrapped = lines.every((line, i) =>
    i < lines.length - 1 ? line.length === 76 : lines.length === 1 || line !== '',
  );
  return isWrapped ? strictBase64(lines.join('')) : undefined;
}

/** The bytes of base64 in one line, with its padding; undefined for any other text. */
function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Decoding skips what is not base64, which encoding again shows.
  return bytes.toString('base64') === text ? bytes : undefined;
}

const hexText = /^(?:0x)?[0-9a-f]*$/i;
const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
