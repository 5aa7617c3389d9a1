import { ImportError } from '../../domain/import-error.ts';
import { parseTableDefinitions, type TableDefinition } from '../mysql/definition/table-definition.ts';
import { LiteralReader } from './literal-reader.ts';
import type { SqlColumn, SqlSettings } from './sql-settings.ts';
import { SqlSkipper } from './sql-skipper.ts';
import { decodedText, newSession, obey, readInsertHead, type SqlSession, type TableName } from './sql-statements.ts';
import { TupleFinder } from './tuple-finder.ts';

/** A table of a dump, as the head shows it. */
export type DumpedTable = TableName & {
  readonly definition?: TableDefinition;
  /** The columns that its first INSERT lists. */
  readonly list?: readonly string[];
  /** Number of values in its first tuple. */
  readonly valueCount?: number;
  /** From SET NAMES and SET TIME_ZONE before its rows. */
  readonly characterSet?: string;
  readonly timeZone?: string;
};

type SqlHead = {
  /** In the order of the dump. */
  readonly tables: readonly DumpedTable[];
  /** False for rows that this importer listed in a file, which has no end. */
  readonly hasEnd: boolean;
};

/** First line of a file of rows that this importer listed, so that it does not look like a truncated dump. */
export const listedRows = '-- Rows listed by import-tokens\n';

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);
const firstStatement = new RegExp(
  [
    /(insert\s+((low|high)_priority\s+|delayed\s+)?(ignore\s+)?|replace\s+)into\s+[^\s(]+\s*(\(|values?\b|partition\b|set\b|select\b)/,
    /create\s+(temporary\s+)?(table|database|schema)\s/,
    /drop\s+(table|database|view)\s/,
    /set\s+(@|names\s|character\s|(session\s+|global\s+)?(sql_mode|time_zone|autocommit|foreign_key_checks|unique_checks))/,
    /use\s+[`"\w][^,;]*;|lock\s+tables\s|alter\s+table\s|start\s+transaction\s*;|begin\s*;|delimiter\s/,
  ]
    .map(({ source }) => `^(${source})`)
    .join('|'),
  'i',
);
const firstComment =
  /^(--|#) *(mysql|mariadb|phpmyadmin|adminer|heidisql|percona) [^\n]*(dump|\d\.\d)|^\/\*M?!999999\\- /i;

/** The head of a file, or undefined if it is not an SQL dump. */
export function readSqlHead(bytes: Buffer): SqlHead | undefined {
  const hasEnd = bytes.toString('latin1', 0, listedRows.length) !== listedRows;
  const start = bytes.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0;
  const text = bytes.toString('latin1', start, start + 1024);
  const skipper = new SqlSkipper();
  const begin = skipper.blanks(bytes, start, true);
  const looksLikeSql = firstComment.test(text) || firstStatement.test(bytes.toString('latin1', begin, begin + 1024));
  if (hasEnd && !looksLikeSql) return undefined;
  const tables = new TableList();
  for (let at = begin; at < bytes.length; at = skipper.blanks(bytes, at, true)) at = tables.take(bytes, at, skipper);
  return { tables: tables.all(), hasEnd };
}

/**
 * The columns of the values in a table's tuples. If statements list none, the number of values shows whether the dumper
 * included generated columns. Empty if nothing names them.
 */
export function valueColumns({ definition, list, valueCount }: DumpedTable): readonly SqlColumn[] {
  const defined = definition?.columns ?? [];
  if (list !== undefined) {
    return list.map((name) => defined.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? { name });
  }
  const visible = defined.filter(({ invisible }) => invisible !== true);
  return valueCount === visible.length ? visible : visible.filter(({ generated }) => generated !== true);
}

/** How the rows of a table are read. */
export function tableSettings(
  table: DumpedTable,
  limits: Pick<SqlSettings, 'allowIncomplete' | 'maxRowBytes'>,
): SqlSettings {
  const { name, database, definition, characterSet, timeZone } = table;
  const unlisted = valueColumns({ name, ...known({ definition, valueCount: table.valueCount }) });
  return {
    table: { name, ...known({ database }) },
    columns: valueColumns(table),
    ...(unlisted.length > 0 && { unlisted: unlisted.map((column) => column.name) }),
    ...known({ characterSet, timeZone }),
    ...limits,
  };
}

/** Collects tables from statements. */
class TableList {
  readonly #tables: DumpedTable[] = [];
  readonly #session: SqlSession = newSession();

  all(): readonly DumpedTable[] {
    const { characterSet, timeZone } = this.#session;
    return this.#tables.map((table) => ({ ...known({ characterSet, timeZone }), ...table }));
  }

  /** Takes the statement at `at` and returns its end. */
  take(bytes: Buffer, at: number, skipper: SqlSkipper): number {
    const word = /^[A-Za-z]+/.exec(bytes.toString('latin1', at, at + 16))?.[0].toLowerCase();
    if (word === 'delimiter') return skipper.delimiterLine(bytes, at, true);
    const end = word === 'use' ? skipper.useLine(bytes, at, true) : skipper.statement(bytes, at, true);
    if (word === 'set' || word === 'use') {
      obey(this.#session, bytes.toString('latin1', at, end));
      skipper.backslashEscapes = !this.#session.noBackslashEscapes;
      skipper.ansiQuotes = this.#session.ansiQuotes;
    } else if (word === 'create') {
      this.#create(bytes.toString('latin1', at, end));
    } else if (word === 'insert' || word === 'replace') {
      this.#insert(bytes.subarray(at, end));
    }
    return end;
  }

  #create(statement: string): void {
    const { characterSet, clientSet = characterSet, timeZone, database } = this.#session;
    const [parsed] = parseTableDefinitions(decodedText(statement, clientSet));
    if (parsed === undefined) return;
    const definition = { ...parsed, timestampsInUtc: timeZone === '+00:00' };
    this.#add({ name: parsed.name, ...known({ database, characterSet, timeZone }), definition });
  }

  #insert(statement: Buffer): void {
    const head = readInsertHead(statement.toString('latin1', 0, longestHead), this.#session);
    if (head?.end === undefined) return;
    const { characterSet, timeZone } = this.#session;
    const { name, database = this.#session.database } = head.table;
    const last = this.#tables.find((table) => table.name === name && table.database === database);
    // The first one counts.
    if (last !== undefined && ('valueCount' in last || 'list' in last)) return;
    const valueCount = countValues(statement, head.end);
    this.#add({ name, ...known({ database, characterSet, timeZone, list: head.columns, valueCount }) });
  }

  #add(table: DumpedTable): void {
    const at = this.#tables.findIndex(({ name, database }) => name === table.name && database === table.database);
    if (at === -1) this.#tables.push(table);
    else this.#tables[at] = { ...this.#tables[at], ...table };
  }
}

const longestHead = 256 * 1024;

/** Number of values in the tuple that follows; undefined if it is incomplete or not a tuple. */
function countValues(statement: Buffer, from: number): number | undefined {
  const start = new SqlSkipper().blanks(statement, from, true);
  const finder = new TupleFinder();
  if (statement[start] !== 0x28 || !finder.find(statement, start)) return undefined;
  const reader = new LiteralReader();
  reader.begin(statement.toString('latin1', start + 1, finder.end - 1));
  let count = 0;
  do {
    if (!reader.next()) return undefined;
    count++;
  } while (reader.more());
  return count;
}

/** Drops undefined members. */
function known<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/**
 * The table whose rows are read: the one that `sourceTable` names (`t` or `db.t`), which may follow after the head, or the
 * only one. Throws ImportError `usage`, with the tables of the head, if there are several, and `source-empty` if there are
 * none.
 */
export function chooseTable({ tables }: SqlHead, fileName: string, sourceTable?: string): DumpedTable {
  const named = sourceTable === undefined ? tables : tables.filter((table) => isNamed(table, sourceTable));
  const [only, second] = named;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw ambiguous(fileName, named);
  if (sourceTable === undefined) {
    throw new ImportError('source-empty', `${fileName} begins like an SQL dump, but without a table`, {
      hint: 'Pass the name of the table to import with --source-table.',
    });
  }
  const dot = sourceTable.indexOf('.');
  return dot === -1 ? { name: sourceTable } : { database: sourceTable.slice(0, dot), name: sourceTable.slice(dot + 1) };
}

/** Whether `sourceTable`, `t` or `db.t`, can mean the table. */
export function isNamed({ database, name }: TableName, sourceTable: string): boolean {
  if (name === sourceTable) return true;
  // A dump of one database does not name it.
  return database === undefined ? sourceTable.endsWith(`.${name}`) : sourceTable === `${database}.${name}`;
}

function ambiguous(fileName: string, tables: readonly DumpedTable[]): ImportError {
  const names = tables.map(({ database, name }) => (database === undefined ? name : `${database}.${name}`));
  return new ImportError('usage', `${fileName} holds more than one table: ${names.join(', ')}`, {
    hint: 'Pass the one to import with --source-table.',
  });
}
