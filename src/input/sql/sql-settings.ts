import type { ImportErrorCode } from '../../domain/import-error.ts';
import { characterSet } from '../mysql/characters/character-sets.ts';
import type { TableColumn } from '../mysql/definition/table-column.ts';
import { type InsertHead, newSession, type SqlSession, type TableName } from './sql-statements.ts';

/** A column whose type is known only from a table definition. */
export type SqlColumn = Pick<TableColumn, 'name'> & Partial<Pick<TableColumn, 'type' | 'bits' | 'characterSet'>>;

/** How the rows of a dump are read, according to its head and the flags. */
export type SqlSettings = {
  /** The table whose rows are read; in any database if none is named. */
  readonly table: TableName;
  /** Of the values of a tuple, in their order; empty if nothing names them. */
  readonly columns: readonly SqlColumn[];
  /** Names of the values of a statement that lists no columns; undefined without a definition. */
  readonly unlisted?: readonly string[];
  /** From SET NAMES; utf8mb4 without it. */
  readonly characterSet?: string;
  /** From SET TIME_ZONE. */
  readonly timeZone?: string;
  /** Whether a dump need not say at its end that it is complete. A truncated statement is reported even then. */
  readonly allowIncomplete: boolean;
  readonly maxRowBytes: number;
  /** Called at every statement of another table, with its name. */
  readonly onOtherTable?: (name: string) => void;
};

/** Settings that may differ between the processes of a run. */
export type SqlRunSettings = Partial<Pick<SqlSettings, 'allowIncomplete' | 'onOtherTable'>>;

/** What a current client assumes without SET NAMES. */
const mysqlDefault = 'utf8mb4';

/** Why a statement cannot be read; `message` is a predicate. */
type GateFault = { readonly code: ImportErrorCode; readonly message: string; readonly hint: string };

/**
 * Recognizes the INSERT statements of the source, and refuses those that differ from the settings. So a resume that begins
 * inside a statement knows how to read it.
 */
export class InsertGate {
  readonly session: SqlSession;
  readonly #settings: SqlSettings;
  /** Names of the values, in lower case. */
  readonly #names: readonly string[];
  readonly #unlisted: readonly string[] | undefined;
  #database: string | undefined;

  constructor(settings: SqlSettings, resumed: boolean) {
    this.#settings = settings;
    this.#names = settings.columns.map(({ name }) => name.toLowerCase());
    this.#unlisted = settings.unlisted?.map((name) => name.toLowerCase());
    this.#database = settings.table.database;
    this.session = newSession();
    if (!resumed) return;
    this.session.characterSet = settings.characterSet;
    this.session.timeZone = settings.timeZone;
    this.session.database = settings.table.database;
  }

  isOurs(table: TableName): boolean {
    const { name, database } = this.#settings.table;
    const other = table.database ?? this.session.database;
    return table.name === name && (database === undefined || other === undefined || other === database);
  }

  /** Why the rows of a statement cannot be read; undefined if they can. */
  faultOf({ table, columns, end }: InsertHead, delimiter: string): GateFault | undefined {
    if (end === undefined) return unsupported('has no list of VALUES', 'Dump the table with mysqldump.');
    if (delimiter !== ';') return unsupported('is ended by a DELIMITER other than ;', 'Dump the table with mysqldump.');
    if (this.session.noBackslashEscapes) {
      return unsupported('is written under the SQL mode NO_BACKSLASH_ESCAPES', 'Dump the table without that mode.');
    }
    return this.#sessionFault() ?? this.#databaseFault(table) ?? this.#columnFault(columns);
  }

  #sessionFault(): GateFault | undefined {
    const { characterSet: set, timeZone } = this.#settings;
    if (sameText(this.session.characterSet) !== sameText(set)) {
      const message = `is written in ${this.session.characterSet ?? mysqlDefault}, but the dump began in ${set ?? mysqlDefault}`;
      return unsupported(message, 'Import the parts in separate runs.');
    }
    if (this.session.timeZone === timeZone) return undefined;
    return unsupported('is written in another time zone than the dump began in', 'Import the parts in separate runs.');
  }

  #databaseFault(table: TableName): GateFault | undefined {
    const database = table.database ?? this.session.database;
    if (database !== undefined && this.#database !== undefined && database !== this.#database) {
      const { name } = table;
      const message = `is of table "${name}" in database "${database}"; one in "${this.#database}" came before`;
      return { code: 'usage', message, hint: `Pass --source-table ${this.#database}.${name} or ${database}.${name}.` };
    }
    this.#database ??= database;
    return undefined;
  }

  #columnFault(columns: readonly string[] | undefined): GateFault | undefined {
    const names = columns?.map((name) => name.toLowerCase()) ?? this.#unlisted;
    const expected = this.#names;
    if (names === undefined || expected.length === 0) return undefined;
    if (names.length === expected.length && names.every((name, i) => name === expected[i])) return undefined;
    const message =
      columns === undefined
        ? 'lists no columns, but the values are read by a list that differs from the table'
        : 'lists other columns, or in another order, than the values are read by';
    return unsupported(message, 'Import statements with different lists of columns in separate runs.');
  }
}

/** Text in any variant of UTF-8 is read alike. */
function sameText(name: string | undefined): string {
  const set = characterSet(name ?? mysqlDefault);
  return set?.kind === 'utf8' ? 'utf8' : (set?.name ?? name ?? '');
}

function unsupported(message: string, hint: string): GateFault {
  return { code: 'source-unsupported', message, hint };
}
