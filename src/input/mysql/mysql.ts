import type { Dialect } from '../framed-rows.ts';
import type { TableColumn } from './definition/table-definition.ts';
import { MysqlDecoder } from './mysql-decoder.ts';
import { MysqlFramer } from './mysql-framer.ts';
import { checkSeparators } from './mysql-separators.ts';
import { rowFinder } from './row-finder.ts';

/** How MySQL wrote the text. Separators are ASCII; of one with several characters the server escapes the first in fields. */
export type MysqlSettings = {
  /** One or more characters. */
  readonly fieldTerminator: string;
  readonly enclosure: string | undefined;
  /** Only values of string types are enclosed; numbers and BIT are not (`--fields-optionally-enclosed-by`). */
  readonly optionallyEnclosed: boolean;
  readonly escape: string;
  /** One or more characters. */
  readonly lineTerminator: string;
  /** Written before each row (`--lines-starting-by`); empty for nothing. */
  readonly lineStart: string;
  /** Written by the client (`mysql --batch`): `\n \t \0 \\` are letters, NULL is a word. */
  readonly batch: boolean;
  /** `mysql --batch` names the columns in its first row. */
  readonly header: boolean;
  /** How `--batch`'s word NULL is read where a column can hold both NULL and that text. */
  readonly nullText: 'null' | 'text';
  /** The columns that the rows hold, in their order, if they are known. BIT columns cannot be framed without. */
  readonly columns: readonly TableColumn[] | undefined;
  /** Names of the fields, for messages, if there is no table definition. */
  readonly names?: readonly string[];
  /** Names of columns that are left out of the items: they need not decode. */
  readonly omitted?: readonly string[];
  /** How the bytes of BIT columns are written: MariaDB and MySQL 5.5 do not escape them, MySQL 9 does. */
  readonly bits: 'raw' | 'escaped' | 'unproven';
  /**
   * Whether text was converted to UTF-8, whatever character set the schema names (`--default-character-set=utf8mb4`).
   * Undefined if nobody said: then a value that may be either is rejected.
   */
  readonly converted: boolean | undefined;
  readonly maxRowBytes: number;
};

/** What `mysqldump --tab` writes unless told otherwise. */
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

/** MySQL's delimited text: `mysqldump --tab`, `SELECT … INTO OUTFILE`, `mysql --batch`. */
export function mysqlDialect(changes: Partial<MysqlSettings> = {}): Dialect {
  const settings = { ...mysqlDefaults, ...changes };
  checkSeparators(settings);
  return {
    name: 'mysql',
    header: settings.header,
    // The server writes none: what looks like one is a value.
    skipsByteOrderMark: settings.header,
    keepsCarriageReturns: settings.lineTerminator === '\n',
    rejectExtension: 'txt',
    framer: (fileName, line) => new MysqlFramer(rowFinder(settings), fileName, line, settings),
    decoder: (binary, header) => new MysqlDecoder(settings, binary, header),
    headerDecoder: () => new MysqlDecoder({ ...settings, columns: undefined, nullText: 'text' }, []),
  };
}
