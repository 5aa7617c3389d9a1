import type { StoredBytes } from '../../domain/import-figures.ts';
import type { TableInfo } from '../../domain/table.ts';

/** What is known of a verification before its first read. */
export type VerifyFacts = {
  readonly sources: readonly { readonly name: string; readonly storedBytes: number | undefined }[];
  readonly format: string;
  readonly keyNames: readonly string[];
  /** Undefined where the table may not be described. */
  readonly table: TableInfo | undefined;
  readonly tableName: string;
  readonly endpoint: string;
  readonly region: string;
  readonly rate: { readonly readUnitsPerSecond: number; readonly chosen: string };
  readonly consistent: boolean;
  /** Rows; undefined where all are compared. */
  readonly sample: number | undefined;
  readonly seed: number;
  /** For items of up to 4 KB; NaN where it can't be told. */
  readonly estimatedReadUnits: number;
  readonly runDir: string;
  readonly resumedAt: number | undefined;
};

/** How a verification stands at a moment. */
export type VerifyFigures = StoredBytes & {
  readonly rowsRead: number;
  readonly isSample: boolean;
  /** Rows of the sample, once it is drawn. */
  readonly drawn: number | undefined;
  /** Rows read and not judged. */
  readonly pending: number;
  readonly equal: number;
  /** Rows that are missing or differ. */
  readonly found: number;
  readonly readUnits: number;
};
