import { ImportError } from '../../domain/import-error.ts';
import {
  findColumn,
  parseTableDefinitions,
  type TableDefinition,
} from '../../input/mysql/definition/table-definition.ts';
import type { ResultRow, Session } from './connect.ts';

/** A table as one transaction sees it. */
export type Snapshot = {
  readonly definition: TableDefinition;
  /** Names of the columns that are read, in their order. */
  readonly columns: readonly string[];
  /** What reads them, in the order of a key. */
  readonly select: string;
  readonly rows: number;
  /** As the server estimates it; undefined where it does not. */
  readonly averageRowBytes: number | undefined;
  /** ISO 8601 in UTC. */
  readonly takenAt: string;
  /** Whether the server refuses writes, as replicas do. */
  readonly isReadOnly: boolean;
};

/** The rows and columns of a table that are read. */
type Selection = {
  readonly database: string;
  readonly table: string;
  /** Names of columns; undefined for all that are visible. */
  readonly columns: readonly string[] | undefined;
  /** SQL that chooses rows. */
  readonly where: string | undefined;
};

/** A reader may pause this long before the server gives up: a week, in seconds. */
const patienceSeconds = 7 * 24 * 3600;

/** Session variables of MySQL and MariaDB; each version has some of them. Times are in seconds, 0 means no limit. */
const settings: Readonly<Record<string, string>> = {
  net_write_timeout: String(patienceSeconds),
  net_read_timeout: String(patienceSeconds),
  wait_timeout: String(patienceSeconds),
  idle_transaction_timeout: '0',
  idle_readonly_transaction_timeout: '0',
  max_execution_time: '0',
  max_statement_time: '0',
  // By default, a query waits a year for an ALTER TABLE to end.
  lock_wait_timeout: '30',
  time_zone: "'+00:00'",
  sql_mode: "''",
  sql_big_selects: '1',
  sql_select_limit: '18446744073709551615',
};

/** Begins a transaction and looks at the table in it. Rejects with the driver's error, or ImportError for a table that cannot be read. */
export async function takeSnapshot(session: Session, selection: Selection): Promise<Snapshot> {
  await prepareSession(session);
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const [server] = await session.query('SELECT UTC_TIMESTAMP() AS taken_at, @@GLOBAL.read_only AS is_read_only');
  const { database, table } = selection;
  const place = `${quoted(database)}.${quoted(table)}`;
  const status = await tableStatus(session, selection);
  if (/VIEW|SEQUENCE/.test(status['kind'] ?? '')) throw notATable(selection);
  const definition = definitionOf(await session.query(`SHOW CREATE TABLE ${place}`), selection);
  const columns = chosenColumns(definition, selection);
  const key = chooseKey(await session.query(`SHOW KEYS FROM ${place}`), selection);
  if (status['transactions'] === 'NO') throw withoutTransactions(selection, status['engine'] ?? '');
  const where = selection.where === undefined ? '' : ` WHERE (${selection.where}\n)`;
  const [counted] = await session.query(`SELECT COUNT(*) AS row_count FROM ${place}${where}`);
  const average = Number(status['average'] ?? 0);
  const order = key.columns.map(({ name, descends }) => `${quoted(name)}${descends ? ' DESC' : ''}`);
  return {
    ...{ definition, columns },
    select:
      `SELECT ${columns.map(quoted).join(', ')} FROM ${place} FORCE INDEX (${quoted(key.name)})${where}` +
      ` ORDER BY ${order.join(', ')}`,
    rows: Number(counted!['row_count']),
    averageRowBytes: average > 0 ? average : undefined,
    takenAt: `${server!['taken_at']!.replace(' ', 'T')}Z`,
    isReadOnly: server!['is_read_only'] !== '0' && server!['is_read_only'] !== 'OFF',
  };
}

async function prepareSession(session: Session): Promise<void> {
  await session.query('SET NAMES utf8mb4');
  const names = Object.keys(settings).map((name) => `'${name}'`);
  const known = await session.query(`SHOW SESSION VARIABLES WHERE Variable_name IN (${names.join(', ')})`);
  const assignments = known.map((row) => row['Variable_name']!).map((name) => `SESSION ${name} = ${settings[name]}`);
  await session.query(`SET ${assignments.join(', ')}`);
}

function definitionOf([created]: readonly ResultRow[], selection: Selection): TableDefinition {
  const sql = created?.['Create Table'];
  // The session's zone is that of mysqldump, which says so in the same way.
  const [definition] = sql ? parseTableDefinitions(`SET TIME_ZONE='+00:00';\n${sql};`) : [];
  if (definition === undefined) throw notATable(selection);
  return definition;
}

function notATable({ database, table }: Selection): ImportError {
  return new ImportError('source-unsupported', `${database}.${table} is a view, whose rows have no key`, {
    hint: 'Import the table that it reads from, or write its rows to a file with mysql --batch and import that.',
  });
}

function chosenColumns(definition: TableDefinition, { columns, database, table }: Selection): readonly string[] {
  if (columns === undefined) return definition.columns.filter(({ invisible }) => !invisible).map(({ name }) => name);
  const unknown = columns.find((name) => findColumn(definition, name) === undefined);
  if (unknown === undefined) return columns;
  throw new ImportError('usage', `--columns names "${unknown}", which table ${database}.${table} does not have`, {
    hint: `Its columns are ${definition.columns.map(({ name }) => name).join(', ')}.`,
  });
}

type Key = { readonly name: string; readonly columns: readonly KeyPart[] };
type KeyPart = { readonly name: string; readonly descends: boolean };

/** The primary key, else a unique key, whose columns are whole and never NULL, so that it gives every row one place. */
function chooseKey(parts: readonly ResultRow[], { database, table }: Selection): Key {
  const keys = new Map<string, ResultRow[]>();
  for (const part of parts) {
    const name = part['Key_name']!;
    keys.set(name, [...(keys.get(name) ?? []), part]);
  }
  const usable = [...keys].filter(([, columns]) => columns.every(givesPlace));
  const [name, columns] = usable.find(([key]) => key === 'PRIMARY') ?? usable[0] ?? [];
  if (name !== undefined && columns !== undefined) {
    return {
      name,
      columns: columns.map((part) => ({ name: part['Column_name']!, descends: part['Collation'] === 'D' })),
    };
  }
  throw new ImportError(
    'source-unsupported',
    `table ${database}.${table} has no primary key and no unique key of whole NOT NULL columns, so its rows have no order`,
    { hint: 'Dump it with mysqldump --tab and import the file, or add a primary key.' },
  );
}

function givesPlace(part: ResultRow): boolean {
  const isWhole = part['Sub_part'] === null && part['Column_name'] !== null;
  const isUsed = part['Visible'] !== 'NO' && part['Ignored'] !== 'YES' && part['Index_type'] === 'BTREE';
  return part['Non_unique'] === '0' && part['Null'] !== 'YES' && isWhole && isUsed;
}

async function tableStatus(session: Session, { database, table }: Selection): Promise<ResultRow> {
  const [status] = await session.query(
    'SELECT t.TABLE_TYPE AS kind, t.ENGINE AS engine, t.AVG_ROW_LENGTH AS average, e.TRANSACTIONS AS transactions' +
      ' FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE' +
      ` WHERE t.TABLE_SCHEMA = ${literal(database)} AND t.TABLE_NAME = ${literal(table)}`,
  );
  return status ?? {};
}

function withoutTransactions({ database, table }: Selection, engine: string): ImportError {
  const what = `table ${database}.${table} is stored by ${engine}, which cannot show a snapshot`;
  return new ImportError('source-unsupported', what, {
    hint: 'Dump it with mysqldump --tab and import the file, or convert it to InnoDB.',
  });
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The session has no SQL mode, so a backslash escapes. */
function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
