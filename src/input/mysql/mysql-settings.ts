import { ImportError } from '../../domain/import-error.ts';
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
