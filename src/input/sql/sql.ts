import { ImportError } from '../../domain/import-error.ts';
import type { Dialect } from '../framed-rows.ts';
import { characterSet } from '../mysql/characters/character-sets.ts';
import type { TableColumn } from '../mysql/definition/table-definition.ts';
import { SqlDecoder } from './sql-decoder.ts';
import { SqlFramer } from './sql-framer.ts';
import { listedHeader, listedRow } from './sql-rejects.ts';
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

/**
 * Rows of one table as INSERT and REPLACE statements. Throws ImportError `source-unsupported` for a character set in
 * which bytes of a character can look like quotes and escapes.
 */
export function sqlDialect(settings: SqlSettings): Dialect {
  checkCharacterSet(settings.characterSet);
  return {
    name: 'sql',
    header: false,
    skipsByteOrderMark: true,
    keepsCarriageReturns: false,
    rejectExtension: 'sql',
    listedRows: { header: listedHeader(settings), write: listedRow(settings) },
    framer: (fileName, line, resumed = false) => new SqlFramer(settings, fileName, line, resumed),
    decoder: (binary) => new SqlDecoder(settings, binary),
    headerDecoder: () => new SqlDecoder(settings, []),
  };
}

function checkCharacterSet(name = 'utf8mb4'): void {
  const set = characterSet(name);
  if (set !== undefined && set.kind !== 'multi-byte') return;
  throw new ImportError(
    'source-unsupported',
    `the dump is written in character set ${name} (SET NAMES), which can't be read`,
    {
      hint: 'Dump it with --default-character-set=utf8mb4.',
    },
  );
}
