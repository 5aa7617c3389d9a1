import type { MysqlSettings } from '../../../src/adapters/mysql/mysql-source.ts';
import type { Script, ScriptedAnswer } from '../../support/scripted-mysql.ts';

export type ScriptedRow = readonly [id: number, text: string | null];

export type ScriptedTable = {
  rows: Iterable<ScriptedRow>;
  /** Answers to statements that match, before the usual ones. */
  readonly instead?: readonly (readonly [RegExp, ScriptedAnswer])[];
  readonly login?: Script['login'];
  /** In place of the end of the rows. */
  readonly end?: Extract<ScriptedAnswer, { readonly rows: unknown }>['end'];
};

const createTable =
  'CREATE TABLE `tokens` (\n  `id` int NOT NULL,\n  `text` longtext,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB';

export const keyColumns = [
  ...['Table', 'Non_unique', 'Key_name', 'Seq_in_index', 'Column_name', 'Collation', 'Sub_part', 'Null', 'Index_type'],
];

export function keyPart(name: string, column: string, changes: Readonly<Record<string, string | null>> = {}) {
  const usual: Readonly<Record<string, string | null>> = {
    ...{ Table: 'tokens', Non_unique: '0', Key_name: name, Seq_in_index: '1', Column_name: column, Collation: 'A' },
    ...{ Sub_part: null, Null: '', Index_type: 'BTREE' },
    ...changes,
  };
  return keyColumns.map((key) => usual[key] ?? null);
}

/** Table `shop.tokens` of (id, text), as a transaction sees it from its beginning on. */
export function scriptOf(table: ScriptedTable): Script {
  return {
    ...(table.login !== undefined && { login: table.login }),
    session() {
      let rows: readonly ScriptedRow[] = [];
      return (sql) => {
        const instead = table.instead?.find(([pattern]) => pattern.test(sql))?.[1];
        if (instead !== undefined) return instead;
        if (sql.startsWith('START TRANSACTION')) rows = [...table.rows];
        if (/^(SET|START) /.test(sql)) return 'ok';
        return answer(sql, rows, table.end);
      };
    },
  };
}

function answer(sql: string, rows: readonly ScriptedRow[], end: ScriptedTable['end']): ScriptedAnswer {
  const one = (values: Readonly<Record<string, string | null>>) => ({
    columns: Object.keys(values),
    rows: [Object.values(values)],
  });
  if (sql.startsWith('SHOW SESSION VARIABLES')) return one({ Variable_name: 'net_write_timeout', Value: '60' });
  if (sql.includes('UTC_TIMESTAMP()')) return one({ taken_at: '2026-01-31 02:00:00', is_read_only: '0' });
  if (sql.startsWith('SHOW CREATE TABLE')) return one({ Table: 'tokens', 'Create Table': createTable });
  if (sql.startsWith('SHOW KEYS')) return { columns: keyColumns, rows: [keyPart('PRIMARY', 'id')] };
  if (sql.includes('information_schema.TABLES')) {
    return one({ engine: 'InnoDB', average: '80', transactions: 'YES' });
  }
  if (sql.includes('COUNT(*)')) return one({ row_count: String(rows.length) });
  const texts = rows.map(([id, text]) => [String(id), text] as const);
  return { columns: ['id', 'text'], rows: texts, ...(end !== undefined && { end }) };
}

export const noSettings: MysqlSettings = {
  ...{ sslMode: undefined, sslCa: undefined, defaultsFile: undefined, columns: undefined, where: undefined },
  ...{ env: {}, askPassword: undefined },
  warn: (message) => {
    throw new Error(`Expected no warning, got "${message}"`);
  },
};
