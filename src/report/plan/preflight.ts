import type { Amount, Setting } from '../../domain/amount.ts';
import type { Column } from '../../domain/column.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { KeySpread, RejectCounts } from '../../domain/source-measure.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { Shard } from '../../domain/token.ts';
import type { IfExists } from '../../domain/write-result.ts';
import { formatCount, formatNoun, formatRate, printable } from '../format.ts';
import type { ImportEstimate } from './estimate-text.ts';
import type { NotChecked, SideEffect } from './plan-warnings.ts';

/** A short plan, estimated from the first rows. */
export type ImportPreview = {
  /** The rows that were looked at. */
  readonly sampleRows: number;
  readonly sampleRejects: RejectCounts;
  /** Rows that are skipped because they have expired. */
  readonly sampleExpired?: number;
  /** Rows of the sample that delete; absent without `--delete-where`. */
  readonly sampleDeletes?: number;
  /** Row near which more are rejected than `--max-rejects` allows, if the rest is like the sample. */
  readonly stopsNearRow?: number;
  /** The same of rows that delete and `--max-deletes`. */
  readonly deletesStopNearRow?: number;
  /** Rows to import; absent where the size of the source is not known. */
  readonly rows?: { readonly count: number; readonly isExact: boolean };
  readonly estimate?: ImportEstimate;
  readonly concurrency: number;
  readonly keySpreads: readonly KeySpread[];
  readonly sideEffects: readonly SideEffect[];
  readonly notChecked: readonly NotChecked[];
};

/** What is known before the first write. */
export type Preflight = {
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
  /** The objects of S3 among them. */
  readonly s3?: S3Facts;
  /** A few words: `csv with a header row`. */
  readonly format: string;
  /** `isMade`: by --set. */
  readonly columns: readonly (Pick<Column, 'sourceName' | 'name' | 'type'> & { readonly isMade?: boolean })[];
  /** A plan in short. */
  readonly preview?: ImportPreview;
  readonly resumed?: { readonly rowsDone: number };
  /** The shard of this process; the preview is of all shards. */
  readonly shard?: Shard;
  readonly runDir?: string;
  /** When this was known, in ms since 1970. */
  readonly atMs?: number;
  readonly maxRejects?: Amount;
  readonly maxDeletes?: Amount;
  readonly settings: readonly Setting[];
};

/** `versions`: how many objects are read by their version. */
export type S3Facts = {
  readonly objects: number;
  readonly storedBytes: number;
  readonly region: string;
  readonly versions: number;
};

export function preflightTitle({ repository, tableName, resumed }: Preflight): string {
  const verb = resumed === undefined ? 'About to import' : 'About to go on importing';
  if (repository === 'memory') return `${verb} into memory: a rehearsal, nothing is written to DynamoDB`;
  return `${verb} into the DynamoDB table ${printable(tableName)}`;
}

/** `3 of 8; rows, time and cost are those of all shards`. */
export function shardLine({ shard }: Preflight): string | undefined {
  return shard && `${shard.index} of ${shard.count}; rows, time and cost are those of all shards`;
}

/** What is asked below it, with the target once more: the top of the page may have left the screen. */
export function goOnQuestion(preflight: Preflight): string {
  const { preview } = preflight;
  const deletes = preview?.sampleDeletes === undefined ? '' : `${deletesText(preview, preview.sampleDeletes)}. `;
  return `${deletes}Go on with table ${targetInWords(preflight)}?`;
}

/** `12 of the first 1,000 rows delete an item`. */
export function deletesText({ sampleRows }: ImportPreview, deletes: number): string {
  return `${formatCount(deletes)} of the first ${formatNoun(sampleRows, 'row')} ${deletes === 1 ? 'deletes' : 'delete'} an item`;
}

/** `tokens (000000000000, eu-west-1)`, as far as account and region are known. */
export function targetInWords({ tableInfo: table, tableName, account, region }: Preflight): string {
  const places = [table?.account ?? account, table?.region ?? region].filter((place) => place !== undefined);
  return `${printable(tableName)}${places.length === 0 ? '' : ` (${places.map(printable).join(', ')})`}`;
}

export function rateText({ rateLimit: { writeUnitsPerSecond, chosen } }: Preflight): string {
  if (writeUnitsPerSecond === null) return `unlimited: ${chosen}`;
  return `${formatRate(writeUnitsPerSecond)} write units a second: ${chosen}`;
}

/** `of the first 1,000 rows: 480, which are skipped`; undefined if none has expired. */
export function expiredText({ sampleRows, sampleExpired = 0 }: ImportPreview): string | undefined {
  if (sampleExpired === 0) return undefined;
  return `of the first ${formatNoun(sampleRows, 'row')}: ${formatCount(sampleExpired)}, which are skipped`;
}
