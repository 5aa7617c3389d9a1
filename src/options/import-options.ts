import type { Amount } from '../domain/amount.ts';
import type { ColumnType } from '../domain/column.ts';
import type { Prices } from '../domain/import-estimate.ts';
import type { IfExists } from '../domain/write-result.ts';
import type { Setting } from '../report/plan/preflight-text.ts';

/**
 * Everything that one run is told, validated; the names are those of the flags. One shape for all commands: what a
 * command has no flag for has its default.
 */
export type ImportOptions = {
  /** Paths in the order given, or `-`. */
  readonly sources: readonly string[];

  /** `own`: that of a program which imports through the package. */
  readonly repository: 'dynamodb' | 'dynamodb-sdk' | 'memory' | 'own';
  readonly table: string;
  /** Partition key, then sort key; undefined: from the table. */
  readonly key: readonly string[] | undefined;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly expectAccount: string | undefined;
  /** `newer` names a column of the source. */
  readonly ifExists: IfExists;
  readonly yes: boolean;
  readonly dryRun: boolean;
  /** The result as JSON, where a command has one besides the summary. */
  readonly json: boolean;
  readonly prices: Prices;

  readonly wps: Amount | undefined;
  readonly reserve: Amount;
  /** Write units that table and indexes have while the import runs. */
  readonly raiseWcu: number | undefined;
  readonly keepRaised: boolean;
  readonly suspendAutoscaling: boolean;
  /** Write units that `capacity set` and `capacity restore` are given. */
  readonly wcu: number | undefined;
  readonly indexWcu: Readonly<Record<string, number>>;
  readonly concurrency: number;
  readonly batchSize: number;

  /** undefined: recognised from the other options, the schema and the file's name. */
  readonly format: 'csv' | 'mysql' | 'mysql-batch' | 'sql' | undefined;
  /** Of CSV, as quote and escape are; '' is none. */
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
  readonly escape: string | undefined;
  /** Of MySQL text, under the names that mysqldump has for them; '' is none. */
  readonly fieldsTerminatedBy: string | undefined;
  readonly fieldsEnclosedBy: string | undefined;
  readonly fieldsOptionallyEnclosedBy: string | undefined;
  readonly fieldsEscapedBy: string | undefined;
  readonly linesTerminatedBy: string | undefined;
  readonly linesStartingBy: string | undefined;
  /** Name of the character set that the dump was converted to; `binary`: none. */
  readonly defaultCharacterSet: string | undefined;
  /** Of an SQL dump: `table` or `database.table`. */
  readonly sourceTable: string | undefined;
  /** An SQL dump need not say that it is whole. */
  readonly allowIncomplete: true | undefined;
  /** Text that stands for NULL; false: the word NULL is text. */
  readonly null: string | false | undefined;
  readonly header: boolean | undefined;
  readonly columns: readonly string[] | undefined;
  /** CREATE TABLE of the dump: names, types, primary key. */
  readonly schema: string | undefined;
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly rename: Readonly<Record<string, string>>;
  readonly omit: readonly string[];
  readonly timeZone: string;
  /** `0000-00-00` in an EPOCH column: left out of the item, or a fault. */
  readonly zeroDates: 'null' | 'reject';
  readonly empty: 'keep' | 'omit';

  readonly expectRows: number | undefined;
  /** `units` value -1: no limit. */
  readonly maxRejects: Amount;
  readonly skipRows: number;
  readonly maxRows: number | undefined;

  /** At the end of an import. */
  readonly verify: boolean;
  /** Rows to compare, unless `all`. */
  readonly sample: number;
  /** undefined: drawn at random, and shown. */
  readonly seed: number | undefined;
  readonly all: boolean;
  /** Read units a second. */
  readonly rcu: number | undefined;
  readonly consistent: boolean;

  /** undefined: a new folder named after the time; null: none (`--no-run-dir`). */
  readonly runDir: string | undefined | null;
  readonly resume: string | undefined;
  readonly summary: string | undefined;

  readonly latencyMs: number;
  readonly memoryWcu: number | undefined;
  readonly retain: boolean;

  readonly requestTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly settleMs: number;
  readonly maxAhead: number;
  readonly maxRowBytes: number;

  readonly progress: 'auto' | 'plain' | 'none';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'pretty' | 'json' | undefined;
  readonly quiet: boolean;
  readonly showValues: boolean;

  /** The settings above as flags, with how each was chosen, for the echo at the start. Empty: nothing to echo. */
  readonly settings: readonly Setting[];
  /** Options that the command line gives; the others have their defaults. */
  readonly given: readonly OptionName[];
};

/** The options that a flag can set. */
export type OptionName = Exclude<keyof ImportOptions, 'sources' | 'settings' | 'given'>;
