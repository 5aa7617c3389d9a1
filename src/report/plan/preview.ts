import type { KeySpread, RejectCounts } from '../../domain/source-measure.ts';
import type { ImportEstimate } from './estimate.ts';
import type { NotChecked, SideEffect } from './side-effects.ts';

/** A plan in short, judged by the first rows. */
export type ImportPreview = {
  /** The rows that were looked at. */
  readonly sampleRows: number;
  readonly sampleRejects: RejectCounts;
  /** Rows to import; absent where the size of the source is not known. */
  readonly rows?: { readonly count: number; readonly isExact: boolean };
  readonly estimate?: ImportEstimate;
  readonly concurrency: number;
  readonly keySpreads: readonly KeySpread[];
  readonly sideEffects: readonly SideEffect[];
  readonly notChecked: readonly NotChecked[];
};
