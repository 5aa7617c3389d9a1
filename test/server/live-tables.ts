import { expect } from 'vitest';
import { type MysqlSettings, type MysqlSource, openMysqlSource } from '../../src/adapters/mysql/mysql-source.ts';
import type { Field } from '../../src/domain/column.ts';
import { liveReading } from '../../src/input/detect/possible-readings.ts';
import { mysqlDialect } from '../../src/input/mysql/mysql.ts';
import type { SqlServer } from '../support/sql-server.ts';

export const password = 'correct horse';

/** A user who may read database `app` and nothing else. */
export const createReader = `CREATE USER app@'%' IDENTIFIED BY '${password}'; GRANT SELECT ON app.* TO app@'%';`;

/** `table`: in database `app`, or `../database/table`. */
export function urlOf({ port }: SqlServer, table: string, user = 'app', host = '127.0.0.1'): string {
  return `mysql://${user}@${host}:${port}/app/${table}`.replace('app/../', '');
}

export function openTable(
  server: SqlServer,
  table: string,
  changes: Partial<MysqlSettings> = {},
  user?: string,
  host?: string,
): Promise<MysqlSource> {
  return openMysqlSource(urlOf(server, table, user, host), {
    ...{ sslMode: undefined, sslCa: undefined, defaultsFile: undefined, columns: undefined, where: undefined },
    ...{ env: { MYSQL_PWD: password }, askPassword: undefined },
    warn: (message) => expect.unreachable(message),
    ...changes,
  });
}

/** The rows as an import reads them. The array is reused. */
export async function* fieldsOf({ file, definition, columns }: MysqlSource): AsyncGenerator<readonly Field[]> {
  const { settings } = liveReading(definition, columns, {});
  const dialect = mysqlDialect({ ...settings, maxRowBytes: 64 * 1024 * 1024 });
  const framer = dialect.framer(file.name, 1);
  const decoder = dialect.decoder(settings.columns!.map(({ binary }) => binary));
  for await (const chunk of file.read()) {
    const rows = framer.push(chunk);
    for (let i = 0; i < rows.count; i++) {
      expect(decoder.decode(rows, i)).toBeUndefined();
      yield decoder.fields;
    }
  }
  expect(framer.end().count).toBe(0);
}

/** How long the connection has been at its statement. */
export function secondsOf(server: SqlServer, connection: string): number {
  const sql = `SELECT time FROM information_schema.processlist WHERE id = ${connection}`;
  const seconds = server.query(sql, '--skip-column-names').toString().trim();
  if (seconds === '') throw new Error(`connection ${connection} has ended`);
  return Number(seconds);
}

/** Id of the connection that is reading rows for the user. */
export function readingConnection(server: SqlServer): string {
  const sql = "SELECT id FROM information_schema.processlist WHERE user = 'app' AND info LIKE 'SELECT%ORDER BY%'";
  return server.query(sql, '--skip-column-names').toString().trim();
}
