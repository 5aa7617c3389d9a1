import type { Column, Field, FieldValue, JsonValue, KeyRole, ValueSet } from '../../domain/column.ts';
import { formatCount } from '../../domain/format.ts';
import { binarySizeBytes, jsonSizeBytes, numberSizeBytes, textSizeBytes } from '../../domain/item-size.ts';
import { type Convert, converterFor, type MappingOptions } from './column-converters.ts';
import { type FieldFault, fieldFault } from './column-fault.ts';
import { type DeclaredCheck, declaredCheck } from './declared-type.ts';

export type { MappingOptions } from './column-converters.ts';
export { FieldFault } from './column-fault.ts';

/** Made once for a column, and called for each of its fields. */
export type ColumnMapper = {
  /** A part of `convert`, for text that is copied without conversion. Undefined if there is nothing to check. */
  readonly declared: DeclaredCheck | undefined;
  /** The value, `undefined` if it is left out of the item (NULL always is), or what is wrong with the field. */
  convert(field: Field): FieldValue | FieldFault;
  /**
   * Bytes that the value adds to the item's size, without the attribute name; 0 if it is left out. `ascii`: the whole row is
   * ASCII, so that text need not be measured.
   */
  sizeBytes(value: FieldValue, ascii?: boolean): number;
};

/** The mapper of a column. Throws ImportError `usage` for an unknown time zone. */
export function columnMapper(column: Column, options: MappingOptions): ColumnMapper {
  const { sourceName, key, type } = column;
  const declared = column.declared === undefined ? undefined : declaredCheck(sourceName, column.declared, type);
  const unkeyed = column.emptyIsNull ? orNull(converterFor(column, options)) : converterFor(column, options);
  const convert = key === undefined ? unkeyed : keyConverter(sourceName, key, options, unkeyed);
  const sizeBytes = sizerFor(column);
  return {
    declared,
    convert: declared === undefined ? convert : (field) => declared.check(field) ?? convert(field),
    sizeBytes: column.emptyIsNull ? (value, ascii) => (value === null ? 1 : sizeBytes(value, ascii)) : sizeBytes,
  };
}

/** Makes empty fields NULL. */
function orNull(convert: Convert): Convert {
  return (field) => (field !== null && field.length === 0 ? null : convert(field));
}

/** Adds the requirements of a key: present if required, not empty, and not too long. */
function keyConverter(name: string, role: KeyRole, options: MappingOptions, convert: Convert): Convert {
  const mayBeLeftOut = !role.required && options.empty === 'omit';
  const isTooLong = (value: string | Uint8Array) =>
    typeof value === 'string'
      ? value.length * maxUtf8BytesPerUnit > role.maxBytes && Buffer.byteLength(value) > role.maxBytes
      : value.length > role.maxBytes;
  return (field) => {
    if (field !== null && field.length === 0 && !mayBeLeftOut) return emptyKey(name, role);
    const value = convert(field);
    if (value === undefined) return role.required ? missingKey(name, role) : undefined;
    if ((typeof value === 'string' || value instanceof Uint8Array) && isTooLong(value)) return longKey(name, role);
    return value;
  };
}

/** A UTF-16 unit takes at most three bytes in UTF-8 (a pair takes four), so short text need not be measured. */
const maxUtf8BytesPerUnit = 3;

function emptyKey(name: string, role: KeyRole): FieldFault {
  const remedy = role.required ? '' : '; --empty omit leaves the item out of the index';
  return fieldFault(name, 'key-empty', `is empty, which ${role.label} may not be${remedy}`);
}

function missingKey(name: string, role: KeyRole): FieldFault {
  return fieldFault(name, 'key-missing', `has no value, but ${role.label} needs one`);
}

function longKey(name: string, role: KeyRole): FieldFault {
  const limit = formatCount(role.maxBytes);
  return fieldFault(name, 'key-too-long', `is longer than the ${limit} bytes that ${role.label} may have`);
}

function sizerFor(column: Column): ColumnMapper['sizeBytes'] {
  switch (column.type) {
    case 'S':
      return (value, ascii) => {
        if (value === undefined) return 0;
        return ascii === true ? (value as string).length : textSizeBytes(value as string);
      };
    case 'N':
    case 'EPOCH':
      return (value) => (value === undefined ? 0 : numberSizeBytes(value as string));
    case 'B':
    case 'HEX':
    case 'BASE64':
      return (value) => (value === undefined ? 0 : binarySizeBytes(value as Uint8Array));
    case 'BOOL':
      return (value) => (value === undefined ? 0 : 1);
    case 'SS':
    case 'NS': {
      const sizeOf = column.type === 'SS' ? textSizeBytes : numberSizeBytes;
      return (value) => {
        let bytes = 0;
        if (value !== undefined) for (const member of (value as ValueSet).members) bytes += sizeOf(member);
        return bytes;
      };
    }
    case 'L':
    case 'JSON':
      return (value) => (value === undefined ? 0 : jsonSizeBytes(value as JsonValue));
  }
}
