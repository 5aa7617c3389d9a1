import { type OutfileOptions, outfileDefaults, type ServerType } from '../support/mysql-encoder.ts';
import type { SqlProduct, SqlServer } from '../support/sql-server.ts';
import type { ServerColumn } from './server-columns.ts';
import { inUtc, quoted } from './server-table.ts';

/** How a dump is made, and with which flags it is imported. */
export type Dialect = {
  readonly title: string;
  /** Name of its table in DynamoDB and of its files. */
  readonly name: string;
  /** Undefined is `mysql --batch`. */
  readonly outfile?: OutfileOptions;
  /** Options of mysqldump, which the importer takes too. */
  readonly flags: readonly string[];
};

export type Dump = {
  /** Paths of the rows and of the table's definition. */
  readonly rows: string | Buffer;
  readonly schema: string;
};

export const dialects: readonly Dialect[] = [
  { title: 'the defaults', name: 'tab', outfile: outfileDefaults, flags: [] },
  outfile('enclosed', 'enclosed', { terminatedBy: ',', enclosedBy: '"' }),
  outfile('optionally enclosed, CR LF', 'optionally', {
    ...{ terminatedBy: ';', enclosedBy: "'", optionally: true, linesTerminatedBy: '\r\n' },
  }),
  outfile('another escape', 'escape', { terminatedBy: '|', enclosedBy: '^', optionally: true, escapedBy: '!' }),
  outfile('separators of several bytes', 'several', { terminatedBy: '||', linesTerminatedBy: '%%\n' }),
  { title: 'mysql --batch', name: 'batch', flags: [] },
];

/** Writes the table with mysqldump or `mysql --batch`. */
export function dumpTable(
  server: SqlServer,
  database: string,
  table: string,
  columns: readonly ServerColumn[],
  dialect: Dialect,
): Dump {
  if (dialect.outfile !== undefined) {
    const folder = server.dump(database, ...dialect.flags);
    return { rows: `${folder}/${table}.txt`, schema: `${folder}/${table}.sql` };
  }
  const names = columns.map((column) => quoted(column.name)).join(', ');
  const client = ['--quick', '--default-character-set=utf8mb4', database];
  return {
    rows: server.query(`${inUtc} SELECT ${names} FROM ${quoted(table)} ORDER BY id`, ...client),
    schema: `${server.dump(database, '--no-data')}/${table}.sql`,
  };
}

/** How the server writes a column. MySQL escapes BIT like other bytes, MariaDB writes it raw. */
export function serverType({ kind, bits }: ServerColumn, product: SqlProduct['name']): ServerType {
  if (bits !== undefined) return product === 'MySQL' ? 'binary' : 'bit';
  if (kind === 'N') return 'number';
  return kind === 'B' ? 'binary' : 'text';
}

function outfile(title: string, name: string, changes: Partial<OutfileOptions>): Dialect {
  const options = { ...outfileDefaults, ...changes };
  const flags = [
    ...flag('--fields-terminated-by', options.terminatedBy, outfileDefaults.terminatedBy),
    ...flag(options.optionally ? '--fields-optionally-enclosed-by' : '--fields-enclosed-by', options.enclosedBy, ''),
    ...flag('--fields-escaped-by', options.escapedBy, outfileDefaults.escapedBy),
    ...flag('--lines-terminated-by', options.linesTerminatedBy, outfileDefaults.linesTerminatedBy),
  ];
  return { title, name, outfile: options, flags };
}

/** With control characters as an operator writes them. */
function flag(name: string, value: string, unless: string): string[] {
  if (value === unless) return [];
  return [`${name}=${value.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}`];
}
