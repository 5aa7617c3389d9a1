import type { ColumnType, DeclaredColumn, Field, ToldType } from '../../domain/column.ts';
import { countOf, formatCount } from '../../domain/format.ts';
import type { RowFault } from '../../domain/row.ts';
import type { TableColumn } from '../mysql/definition/table-column.ts';
import { base64Bytes, hexBytes } from './column-converters.ts';
import { type FieldFault, fieldFault, numberHint } from './column-fault.ts';
import { type DateTest, dateTest, memberTest, numberTest } from './declared-values.ts';

/** What a column's fields are checked against. Undefined for a BIT, which its decoder checks, and for an expression (`flags+0`). */
export function declaredColumn(
  column: TableColumn,
  writtenBy: DeclaredColumn['writtenBy'],
): DeclaredColumn | undefined {
  const { sqlType, bits, members, characterSet } = column;
  if (sqlType === '' || sqlType.endsWith('+0') || (bits !== undefined && writtenBy === 'mysql')) return undefined;
  const isBinarySet = characterSet === 'binary' || sqlType.endsWith(' character set binary');
  return {
    sqlType,
    writtenBy,
    // A virtual column can hold NULL whatever it is declared.
    nullable: column.nullable || column.generated === true,
    ...(members !== undefined && !isBinarySet && { members }),
  };
}

/** The check of a column's fields against its declared type, compiled once. */
export type DeclaredCheck = {
  /** UTF-8 text of at most this many bytes fits and need not be read: -1 where all has to be, infinite where none. */
  readonly fitsBytes: number;
  /** True of longer UTF-8 text that fits; false says nothing. */
  readonly fitsAt?: FitsAt | undefined;
  /** Why a field is not a value of the declared type (`not-as-declared`), or undefined. */
  check(field: Field): FieldFault | undefined;
};

type FitsAt = (bytes: DataView, start: number, end: number) => boolean;

/** `type`: what the column becomes. Undefined where nothing can be told of its fields. */
export function declaredCheck(name: string, declared: DeclaredColumn, type: ColumnType): DeclaredCheck | undefined {
  const { sqlType, nullable, writtenBy } = declared;
  const rule = writtenBy === 'csv' ? csvRule(name, declared, type) : mysqlRule(name, declared);
  const notDeclared = (detail: string) =>
    fieldFault(name, 'not-as-declared', `is not ${withArticle(sqlType)}${detail}`);
  const checkValue = (field: string | Uint8Array) =>
    rule === undefined || rule.fits(field) ? undefined : notDeclared(rule.detail(field));
  if (writtenBy === 'csv') {
    if (rule === undefined) return undefined;
    // Programs write NULL in different ways.
    const check = (field: Field) => (field === null || field.length === 0 ? undefined : checkValue(field));
    return { fitsBytes: rule.fitsBytes, fitsAt: rule.fitsAt, check };
  }
  if (rule === undefined && nullable) return undefined;
  const isNull = nullable
    ? undefined
    : fieldFault(name, 'not-as-declared', `is NULL, but it is declared ${shortened(sqlType)} NOT NULL`);
  return {
    fitsBytes: rule?.fitsBytes ?? Number.POSITIVE_INFINITY,
    fitsAt: rule?.fitsAt,
    check: (field) => (field === null ? isNull : checkValue(field)),
  };
}

/**
 * Makes a check of decoded rows that returns the first fault: the number of fields, then each field. `columns`: by field;
 * undefined if not declared. Columns in `types` and `omit` are not checked.
 */
export function rowCheck(
  columns: readonly (TableColumn | undefined)[],
  writtenBy: DeclaredColumn['writtenBy'],
  types: Readonly<Record<string, ToldType>>,
  omit: readonly string[],
): (fields: readonly Field[]) => RowFault | undefined {
  const checks = columns.flatMap((column, field) => {
    if (column === undefined || Object.hasOwn(types, column.name) || omit.includes(column.name)) return [];
    const declared = declaredColumn(column, writtenBy);
    // Bytes are base64 only if the table does not declare them as text.
    const type = writtenBy === 'csv' && column.type === 'B' ? 'S' : column.type;
    const check = declared === undefined ? undefined : declaredCheck(column.name, declared, type);
    return check === undefined ? [] : [{ field, name: column.name, check }];
  });
  return (fields) => {
    if (fields.length !== columns.length) return raggedRow(fields.length, columns.length);
    for (const { field, name, check } of checks) {
      const fault = check.check(fields[field]!);
      if (fault !== undefined) return { code: fault.code, column: name, message: fault.message };
    }
    return undefined;
  };
}

export function raggedRow(fieldCount: number, expected: number): RowFault {
  const message = `the row has ${countOf(fieldCount, 'field')} where ${expected} ${expected === 1 ? 'is' : 'are'} expected`;
  return { code: 'ragged-row', message };
}

/** What fields other than NULL must be. `detail` describes one that does not fit, without showing any of it. */
type Rule = {
  readonly fitsBytes: number;
  readonly fitsAt?: FitsAt;
  fits(field: string | Uint8Array): boolean;
  detail(field: string | Uint8Array): string;
};

function mysqlRule(name: string, declared: DeclaredColumn): Rule | undefined {
  const { sqlType, members } = declared;
  const test = numberTest(sqlType, false);
  if (test !== undefined) return numberRule(name, test);
  const dates = dateTest(sqlType);
  if (dates !== undefined) return dateRule(dates);
  if (members !== undefined) return memberRule(sqlType, members);
  const bytes = byteLimits(sqlType);
  return bytes === undefined ? textRule(sqlType) : bytesRule(name, bytes);
}

/** Never called for empty fields. */
function csvRule(name: string, { sqlType, members }: DeclaredColumn, type: ColumnType): Rule | undefined {
  const bytes = byteLimits(sqlType);
  if (type === 'B') return bytes === undefined ? undefined : base64Rule(name, bytes);
  // Programs write a BIT as text in different ways.
  if (sqlType.startsWith('bit') && type !== 'N') return undefined;
  const test = numberTest(sqlType, true);
  if (test !== undefined) return numberRule(name, test);
  if (members !== undefined) return memberRule(sqlType, members);
  return bytes === undefined ? textRule(sqlType) : undefined;
}

function numberRule(name: string, test: (text: string) => boolean): Rule {
  return {
    fitsBytes: -1,
    fits: onText(test),
    detail: (field) => ifEmpty(field) || numberHint(textOf(field), name),
  };
}

function dateRule({ isDate, isDateAt }: DateTest): Rule {
  return { fitsBytes: -1, fitsAt: isDateAt, fits: onText(isDate), detail: ifEmpty };
}

function memberRule(sqlType: string, members: readonly string[]): Rule {
  const { isMember, isMemberAt } = memberTest(sqlType, members);
  return { fitsBytes: -1, fitsAt: isMemberAt, fits: onText(isMember), detail: () => '' };
}

/** CHAR, VARCHAR and TEXT. A text has at least as many units, and so bytes, as characters. */
function textRule(sqlType: string): Rule | undefined {
  const most = mostCharacters(sqlType);
  if (most === undefined) return undefined;
  return {
    fitsBytes: most,
    fits: onText((text) => text.length <= most || codePoints(text) <= most),
    detail: (field) => `: ${formatCount(codePoints(textOf(field)))} characters`,
  };
}

type ByteLimits = { readonly least: number; readonly most: number };

/** BINARY, VARBINARY and BLOB. */
function bytesRule(name: string, limits: ByteLimits): Rule {
  const lengthOf = (field: string | Uint8Array) =>
    typeof field === 'string' ? Buffer.byteLength(field) : field.length;
  return {
    fitsBytes: -1,
    fits: (field) => isWithin(lengthOf(field), limits),
    detail: (field) => `: ${formatCount(lengthOf(field))} bytes${binaryTextHint(name, textOf(field), limits)}`,
  };
}

/** The same, written as base64. Text that is not base64 is left to the conversion, unless it is hex. */
function base64Rule(name: string, limits: ByteLimits): Rule {
  const fits = (text: string) => {
    const bytes = base64Bytes(text);
    return bytes === undefined ? binaryTextHint(name, text, limits) === '' : isWithin(bytes.length, limits);
  };
  return {
    fitsBytes: -1,
    fits: onText(fits),
    detail: (field) => {
      const text = textOf(field);
      const bytes = base64Bytes(text);
      const length = bytes === undefined ? '' : `: ${formatCount(bytes.length)} bytes as base64`;
      return length + binaryTextHint(name, text, limits);
    },
  };
}

function binaryTextHint(name: string, text: string, limits: ByteLimits): string {
  const fits = (bytes: Buffer | undefined) => bytes !== undefined && isWithin(bytes.length, limits);
  if (fits(hexBytes(text))) return `; --types ${name}=HEX reads its hex digits`;
  return fits(base64Bytes(text)) ? `; --types ${name}=BASE64 reads its base64` : '';
}

function isWithin(length: number, { least, most }: ByteLimits): boolean {
  return length >= least && length <= most;
}

function byteLimits(sqlType: string): ByteLimits | undefined {
  const [, fixed, fixedLength] = binary.exec(sqlType) ?? [];
  if (fixed !== undefined) return { least: Number(fixedLength ?? 1), most: Number(fixedLength ?? 1) };
  const varying = varbinary.exec(sqlType);
  if (varying !== null) return { least: 0, most: Number(varying[1]) };
  const most = blobBytes.get(sqlType);
  return most === undefined ? undefined : { least: 0, most };
}

const binary =
  /^((?:binary|char(?:acter)?(?=.* (?:byte|character set binary)$)))(?:\((\d+)\))?(?: byte| character set binary)?$/;
const varbinary = /^(?:varbinary|(?:varchar|char(?:acter)? varying)(?=.* (?:byte|character set binary)$))\((\d+)\)/;
const blobBytes = new Map([
  ['tinyblob', 255],
  ['blob', 65_535],
  ['mediumblob', 16_777_215],
]);

function mostCharacters(sqlType: string): number | undefined {
  // Limits of TEXT are bytes in the column's character set, in which each character takes at least one.
  const most = textBytes.get(sqlType);
  if (most !== undefined) return most;
  const match = characterType.exec(sqlType);
  if (match === null) return undefined;
  const [type, length] = match;
  return length === undefined && type.includes('var') ? undefined : Number(length ?? 1);
}

const characterType =
  /^(?:national |n)?(?:char(?:acter)?|varchar(?:acter)?|char(?:acter)? varying|varchar)(?:\((\d+)\))?$/;
const textBytes = new Map([
  ['tinytext', 255],
  ['text', 65_535],
  ['mediumtext', 16_777_215],
]);

function onText(test: (text: string) => boolean): Rule['fits'] {
  return (field) => test(textOf(field));
}

function textOf(field: string | Uint8Array): string {
  return typeof field === 'string' ? field : Buffer.from(field).toString('utf8');
}

function ifEmpty(field: string | Uint8Array): string {
  return field.length === 0 ? ' (it is empty)' : '';
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    if (isPair) count--;
  }
  return count;
}

function withArticle(sqlType: string): string {
  return `${/^[aeiou]/.test(sqlType) ? 'an' : 'a'} ${shortened(sqlType)}`;
}

/** The list of an ENUM can be long. */
function shortened(sqlType: string): string {
  return sqlType.length <= mostTypeShown ? sqlType : `${[...sqlType].slice(0, mostTypeShown).join('')}...`;
}

const mostTypeShown = 60;
