import { csvDialect } from './csv/csv.ts';
import type { Reading } from './detect/possible-readings.ts';
import type { Dialect } from './framed-rows.ts';
import { mysqlDialect } from './mysql/mysql.ts';
import { sqlDialect } from './sql/sql.ts';
import type { SqlRunSettings } from './sql/sql-settings.ts';

/** The dialect of a reading. `sql` applies to SQL dumps only. */
export function dialectOf(reading: Reading, maxRowBytes: number, sql: SqlRunSettings = {}): Dialect {
  if (reading.dialect === 'csv') return csvDialect({ ...reading.settings, maxRowBytes });
  if (reading.dialect === 'mysql') return mysqlDialect({ ...reading.settings, maxRowBytes });
  const { settings, hasEnd } = reading;
  return sqlDialect({ ...settings, maxRowBytes, ...sql, allowIncomplete: sql.allowIncomplete === true || !hasEnd });
}

/** SQL literals are as exact as the text that the server writes. */
export function writtenBy({ dialect }: Reading): 'mysql' | 'csv' {
  return dialect === 'csv' ? 'csv' : 'mysql';
}
