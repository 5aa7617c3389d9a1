import type { ColumnType } from '../../domain/column.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { IfExists } from '../../domain/write-result.ts';
import type { ImportPreview } from './preview.ts';

/** How a setting came to be. */
export type SettingOrigin = 'flag' | 'default';

/** One effective setting as the operator would type it: `{ flag: '--wps', value: '20000', origin: 'flag' }`. */
export type Setting = { readonly flag: string; readonly value: string; readonly origin: SettingOrigin };

/** What is known before the first write. */
export type PreflightFacts = {
  readonly runId?: string;
  readonly repository: 'dynamodb' | 'dynamodb-sdk' | 'memory' | 'own';
  readonly tableName: string;
  /** Absent for memory, and where the table may not be described. */
  readonly tableInfo?: TableInfo;
  /** Capacity that is raised before the first write. */
  readonly raise?: { readonly parts: CapacityEnding['raised']; readonly suspendsAutoScaling: boolean };
  readonly endpoint: string;
  /** `newer` names an attribute. */
  readonly ifExists: IfExists;
  readonly region?: string;
  /** What the region was taken from: `AWS_REGION`. */
  readonly regionFrom?: string;
  readonly account?: string;
  /** Where the credentials come from. */
  readonly credentials?: string;
  /** Partition key, then sort key, as the table names them. */
  readonly keyNames: readonly string[];
  /** `chosen` says how, after a colon: `--wps 20000`, `provisioned 25,000 less the reserve of 20 %`. */
  readonly rateLimit: { readonly writeUnitsPerSecond: number | null; readonly chosen: string };
  /** The same for each global index that has a limit of its own. */
  readonly indexRateLimits?: readonly {
    readonly name: string;
    readonly writeUnitsPerSecond: number;
    readonly chosen: string;
  }[];
  readonly sources: readonly { readonly name: string; readonly storedBytes?: number }[];
  /** A few words: `csv with a header row`. */
  readonly format: string;
  readonly columns: readonly { readonly sourceName: string; readonly name: string; readonly type: ColumnType }[];
  /** A plan in short. */
  readonly preview?: ImportPreview;
  readonly resumed?: { readonly rowsDone: number };
  readonly runDir?: string;
  readonly settings: readonly Setting[];
};
