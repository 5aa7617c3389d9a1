import type { TableColumn } from '../mysql/definition/table-column.ts';
import type { TableName } from './sql-statements.ts';

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
