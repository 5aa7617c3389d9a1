import type { StoredBytes } from '../../domain/import-figures.ts';
import type { ColumnMeasure, SourceMeasure } from '../../domain/source-measure.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { WriteCost } from '../../domain/write-result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImportEstimate } from './estimate.ts';
import type { NotChecked, SideEffect } from './side-effects.ts';

export type PlanOutcome = 'ready' | 'ready-with-rejects' | 'too-many-rejects' | 'unexpected-row-count';

/** Write units a second, null for no limit, and how the figure came to be. */
export type PlannedRate = { readonly limit: number | null; readonly chosen: string };

/** A column, with its type where the table definition of the dump tells it: `varchar(64)`. */
export type PlannedColumn = ColumnMeasure & { readonly sourceType?: string };

/** What an import would be; the JSON of `plan --json`, schema version 1. */
export type Plan = Omit<SourceMeasure, 'columns'> & {
  readonly version: 1;
  readonly outcome: PlanOutcome;
  readonly exitCode: number;
  readonly source: readonly string[];
  /** A few words: `csv with a header row`. */
  readonly format: string;
  readonly columns: readonly PlannedColumn[];
  readonly repository: string;
  readonly table: string;
  /** Partition key, then sort key. */
  readonly keyNames: readonly string[];
  readonly rate: PlannedRate & { readonly indexes: readonly (PlannedRate & { readonly name: string })[] };
  /** Null where there is none, or it may not be described. */
  readonly tableInfo: TableInfo | null;
  /** Requests and write units by `--if-exists`, before any retry. */
  readonly cost: WriteCost;
  readonly estimate: ImportEstimate;
  readonly concurrency: number;
  readonly sideEffects: readonly SideEffect[];
  readonly notChecked: readonly NotChecked[];
  /** Where another way in is the better choice. */
  readonly advice: readonly string[];
  /** What `--expect-rows` says, where it does. */
  readonly expectedRows?: number;
};

/** The reading of a source for a plan, while it goes on. */
export type PlanProgress = {
  readonly clock: Clock;
  figures(): StoredBytes & { readonly rowsRead: number };
};
