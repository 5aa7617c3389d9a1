import { embedded } from './cli/world.ts';
import { composeImport } from './compose/import.ts';
import type { RunSummary } from './domain/run-summary.ts';
import { completeOptions } from './options/complete-options.ts';
import type { ImportOptions, OptionName } from './options/import-options.ts';
import type { RunEvent } from './ports/run-observer.ts';
import type { TokenRepository } from './ports/token-repository.ts';

export { MemoryTokenRepository } from './adapters/memory/memory-repository.ts';
export { systemClock } from './adapters/system/system-clock.ts';
export type { Column, ColumnType, FieldValue } from './domain/column.ts';
export { ImportError, type ImportErrorCode } from './domain/import-error.ts';
export type { KeyAttribute } from './domain/table.ts';
export type { Batch, Token } from './domain/token.ts';
export type { WriteResult } from './domain/write-result.ts';
export type { Clock } from './ports/clock.ts';
export type { RunEvent, RunObserver } from './ports/run-observer.ts';
export type { Lease, TokenEncoder, TokenRepository } from './ports/token-repository.ts';
export type { RunSummary };

/** How the source is read and mapped, how fast, and where progress is kept; the names are those of the flags. */
export type RunImportSettings = Partial<
  Pick<
    ImportOptions,
    | 'concurrency'
    | 'batchSize'
    | 'format'
    | 'delimiter'
    | 'quote'
    | 'escape'
    | 'sourceTable'
    | 'allowIncomplete'
    | 'null'
    | 'header'
    | 'columns'
    | 'schema'
    | 'types'
    | 'rename'
    | 'omit'
    | 'set'
    | 'timeZone'
    | 'zeroDates'
    | 'empty'
    | 'skipExpiredGraceSeconds'
    | 'ttlColumn'
    | 'expectRows'
    | 'deleteWhere'
    | 'skipRows'
    | 'maxRows'
    | 'runDir'
    | 'resume'
    | 'stallTimeoutMs'
    | 'settleMs'
    | 'maxAhead'
    | 'maxRowBytes'
    | 'where'
    | 'defaultsFile'
    | 'sslMode'
    | 'sslCa'
  >
>;

export type RunImportOptions = RunImportSettings & {
  /** Paths in the order to import them, `-` for standard input, or a `mysql://` URL; may be left out with `resume`. */
  readonly sources?: readonly string[];
  /** Closed at the end of the run. */
  readonly repository: TokenRepository;
  /** Partition key, and sort key where there is one. @default the schema's primary key, else the first column */
  readonly key?: readonly string[];
  /** Write units a second. @default no limit */
  readonly wps?: number;
  /** Rejected rows above which the run ends; -1: no limit. @default 100 */
  readonly maxRejects?: number;
  /** Rows that may delete an item; -1: no limit. @default 10 % of the rows read, from row 1,000 on */
  readonly maxDeletes?: number;
  /** Aborted to stop the run cleanly, with its checkpoint. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  readonly onWarning?: (message: string) => void;
};

/**
 * Imports into a repository of the caller's own, with everything that the command promises. Resolves with the summary,
 * also of a run that failed or was stopped: its `outcome` says so. Throws ImportError for what stops a run before its
 * first row.
 * @example await runImport({ sources: ['tokens.csv'], key: ['token'], repository, wps: 20_000 })
 */
export async function runImport(options: RunImportOptions): Promise<RunSummary> {
  const { sources = [], repository, wps, maxRejects, maxDeletes, signal, onEvent, onWarning, ...settings } = options;
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  const given = new Map(set as [OptionName, unknown][]);
  given.set('repository', 'own');
  if (wps !== undefined) given.set('wps', { kind: 'units', value: wps });
  if (maxRejects !== undefined) given.set('maxRejects', { kind: 'units', value: maxRejects });
  if (maxDeletes !== undefined) given.set('maxDeletes', { kind: 'units', value: maxDeletes });
  const surroundings = embedded(repository, signal, onEvent ?? (() => {}), onWarning ?? (() => {}));
  return (await composeImport(completeOptions('import', sources, given), surroundings)).summary;
}
