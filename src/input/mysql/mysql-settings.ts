import { ImportError } from '../../domain/import-error.ts';
import type { RowKind } from '../framed-rows.ts';
import type { TableColumn } from './definition/table-column.ts';

const ascii = /^[\x01-\x7f]+$/;
const oneCharacter = /^[\x01-\x09\x0b\x0c\x0e-\x7f]$/;
/** Separators that begin with these cannot be distinguished from numbers and escapes. */
const partOfData = /^[A-Za-z0-9.+-]/;

/** Throws ImportError `usage` for separators that do not delimit rows and fields unambiguously. */
export function checkSeparators(settings: MysqlSettings): void {
  const { fieldTerminator, lineTerminator, lineStart, enclosure, escape: escapedBy } = settings;
  const terminators = { '--fields-terminated-by': fieldTerminator, '--lines-terminated-by': lineTerminator };
  for (const [flag, value] of Object.entries(terminators)) {
    if (!ascii.test(value) || partOfData.test(value))
      throw unusable(flag, 'one or more ASCII characters, not beginning with');
    for (const character of [escapedBy, enclosure]) {
      if (character !== undefined && character !== '' && value.includes(character)) throw clashing();
    }
  }
  const enclosureFlag = `--fields-${settings.optionallyEnclosed ? 'optionally-' : ''}enclosed-by`;
  for (const [flag, value] of Object.entries({ [enclosureFlag]: enclosure, '--fields-escaped-by': escapedBy })) {
    if (value === undefined || (oneCharacter.test(value) && !partOfData.test(value))) continue;
    throw unusable(flag, 'one ASCII character that is not');
  }
  if (lineStart !== '' && !ascii.test(lineStart)) {
    throw new ImportError('usage', '--lines-starting-by is not ASCII text', { hint: 'Pass ASCII characters.' });
  }
  if (enclosure === escapedBy) throw clashing();
  // Two terminators may begin alike, but none may be the beginning of the other.
  if (fieldTerminator.startsWith(lineTerminator) || lineTerminator.startsWith(fieldTerminator)) throw clashing();
}

function unusable(flag: string, expected: string): ImportError {
  return new ImportError('usage', `${flag} is a value that could also be part of the data`, {
    hint: `Pass ${expected} a letter, digit, dot, plus or minus, such as a tab, a comma, | or ^.`,
  });
}

function clashing(): ImportError {
  return new ImportError('usage', 'the field and line terminators, the enclosure and the escape must be different', {
    hint: 'Dump the table with `mysqldump --tab=DIR db table`, because a dump escaped by its own quote cannot be decoded.',
  });
}

/** How MySQL wrote the text. Separators are ASCII; in fields, the server escapes the first character of a longer one. */
export type MysqlSettings = {
  /** One or more characters. */
  readonly fieldTerminator: string;
  readonly enclosure: string | undefined;
  /** Only values of string types are enclosed; numbers and BIT are not (`--fields-optionally-enclosed-by`). */
  readonly optionallyEnclosed: boolean;
  readonly escape: string;
  /** One or more characters. */
  readonly lineTerminator: string;
  /** Before each row (`--lines-starting-by`); may be empty. */
  readonly lineStart: string;
  /** Written by the client (`mysql --batch`): `\n \t \0 \\` are letters, NULL is a word. */
  readonly batch: boolean;
  /** `mysql --batch` names the columns in its first row. */
  readonly header: boolean;
  /** How the word NULL of `--batch` is read in a column that can hold both NULL and that text. */
  readonly nullText: 'null' | 'text';
  /** The columns of the rows in their order, if they are known. BIT columns cannot be framed without them. */
  readonly columns: readonly TableColumn[] | undefined;
  /** Names of the fields, for messages, if there is no table definition. */
  readonly names?: readonly string[];
  /** Names of columns that are left out of the items, and are not decoded. */
  readonly omitted?: readonly string[];
  /** How the bytes of BIT columns are written: MariaDB and MySQL 5.5 do not escape them, MySQL 9 does. */
  readonly bits: 'raw' | 'escaped' | 'unproven';
  /**
   * Whether text was converted to UTF-8, whatever character set the schema names (`--default-character-set=utf8mb4`).
   * Undefined if no flag says so: then a value that may be either is rejected.
   */
  readonly converted: boolean | undefined;
  readonly maxRowBytes: number;
};

/** What `mysqldump --tab` writes by default. */
export const mysqlDefaults: MysqlSettings = {
  fieldTerminator: '\t',
  enclosure: undefined,
  optionallyEnclosed: false,
  escape: '\\',
  lineTerminator: '\n',
  lineStart: '',
  batch: false,
  header: false,
  nullText: 'null',
  columns: undefined,
  bits: 'raw',
  converted: undefined,
  maxRowBytes: 4 * 1024 * 1024,
};

/** Means NULL after the escape. */
export const nullLetter = 'N'.charCodeAt(0);

/** The bytes that delimit rows and fields of MySQL text. */
export type MysqlBytes = {
  /** In fields, the server escapes the first byte of a terminator. */
  readonly fieldTerminator: Buffer;
  readonly lineTerminator: Buffer;
  /** Before each row; may be empty. */
  readonly lineStart: Buffer;
  /** -1 if fields are not enclosed. */
  readonly enclosedBy: number;
  readonly escapedBy: number;
};

export function bytesOf(settings: MysqlSettings): MysqlBytes {
  return {
    fieldTerminator: Buffer.from(settings.fieldTerminator),
    lineTerminator: Buffer.from(settings.lineTerminator),
    lineStart: Buffer.from(settings.lineStart),
    enclosedBy: settings.enclosure?.charCodeAt(0) ?? -1,
    escapedBy: settings.escape.charCodeAt(0),
  };
}

/** Finds where a row ends. The properties are valid until the next call. */
export type RowFinder = {
  /** Returns false if the row is incomplete. `atEnd`: no bytes follow. */
  find(buffer: Buffer, start: number, atEnd: boolean): boolean;
  /** First byte after the row's text, and after its terminator. */
  readonly end: number;
  readonly next: number;
  /** Line feeds in the row, including its terminator. */
  readonly lines: number;
  readonly kind: RowKind;
  /** After `find` returned false: whether an enclosure is open. */
  readonly insideEnclosure: boolean;
};

/** Whether `text` is at `position`; undefined if the buffer ends before that is clear. */
export function standsAt(buffer: Buffer, position: number, text: Buffer): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (position + i >= buffer.length) return undefined;
    if (buffer[position + i] !== text[i]) return false;
  }
  return true;
}

/** Index of the first unescaped line terminator from `from` on; -1 if the buffer has none. */
export function lineEnd(buffer: Buffer, from: number, { lineTerminator, escapedBy }: MysqlBytes): number {
  const first = lineTerminator[0];
  for (let position = from; position < buffer.length; position++) {
    const byte = buffer[position];
    if (byte === escapedBy) position++;
    else if (byte === first) {
      const stands = standsAt(buffer, position, lineTerminator);
      if (stands !== false) return stands === true ? position : -1;
    }
  }
  return -1;
}

/**
 * Index of the enclosure that closes the field opened before `from`, or of an unescaped line terminator, which the server
 * never writes inside a field; -1 if the buffer has neither.
 */
export function closingEnclosure(buffer: Buffer, from: number, bytes: MysqlBytes): number {
  const { enclosedBy, escapedBy } = bytes;
  const endsLine = bytes.lineTerminator[0];
  for (let position = from; position < buffer.length; position++) {
    const byte = buffer[position];
    if (byte === escapedBy) position++;
    else if (byte === enclosedBy || byte === endsLine) return position;
  }
  return -1;
}

/** Whether a column of this many bits can hold these bytes. */
export function isBitValue(raw: Uint8Array, bits: number): boolean {
  const length = Math.ceil(bits / 8);
  return raw.length === length && raw[0]! < 2 ** (bits - 8 * (length - 1));
}
