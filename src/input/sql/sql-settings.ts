import type { TableColumn } from '../mysql/definition/table-column.ts';
import type { TableName } from './sql-statements.ts';

/** A column whose type is known only where there is a table definition. */
export type SqlColumn = Pick<TableColumn, 'name'> & Partial<Pick<TableColumn, 'type' | 'bits' | 'characterSet'>>;

/** What the head of a dump, or the operator, says of it. */
export type SqlSettings = {
  /** The table whose rows are read; in any database where none is named. */
  readonly table: TableName;
  /** Of the values of a tuple, in their order; empty where nothing names them. */
  readonly columns: readonly SqlColumn[];
  /** Names of the values of a statement that lists no columns; undefined where no definition tells. */
  readonly unlisted?: readonly string[];
  /** By SET NAMES; utf8mb4 where there is none. */
  readonly characterSet?: string;
  /** By SET TIME_ZONE. */
  readonly timeZone?: string;
  /** True where a dump need not say at its end that it is whole. A statement that is cut short is told all the same. */
  readonly allowIncomplete: boolean;
  readonly maxRowBytes: number;
  /** Called with the name of each table whose rows are passed over, at every statement. */
  readonly onOtherTable?: (name: string) => void;
};

/** What may be another with each process of a run. */
export type SqlRunSettings = Partial<Pick<SqlSettings, 'allowIncomplete' | 'onOtherTable'>>;
