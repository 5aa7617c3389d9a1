import type { KeyType } from './column.ts';

/** One attribute of a key, partition key first where they come in a list. */
export type KeyAttribute = { readonly name: string; readonly type: KeyType };

/** Write capacity of a table or an index; undefined figures are not known or do not apply. */
export type WriteCapacity = {
  readonly provisionedWriteUnits?: number;
  readonly provisionedReadUnits?: number;
  /** On-demand: the maximum that was set. */
  readonly maxWriteUnits?: number;
  readonly warmWriteUnits?: number;
  /** Decreases of the provisioned units since midnight in UTC, where there were any; the service limits them. */
  readonly decreasesToday?: number;
  /** Milliseconds since 1970. */
  readonly lastDecreaseMs?: number;
};

/** What an index holds of an item that has its key. */
export type IndexShape = {
  readonly name: string;
  readonly key: readonly KeyAttribute[];
  /** Attributes copied beside the keys of index and table; undefined: all. */
  readonly include?: readonly string[];
};

export type TableIndex = WriteCapacity & IndexShape & { readonly status: string };

/** What is known of the table before the first write. Source: DescribeTable. */
export type TableInfo = WriteCapacity & {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly status: string;
  /** As of the service's last count, up to six hours old. */
  readonly itemCount: number;
  readonly sizeBytes: number;
  readonly billing: 'provisioned' | 'on-demand';
  readonly key: readonly KeyAttribute[];
  readonly globalIndexes: readonly TableIndex[];
  readonly localIndexes: readonly IndexShape[];
  /** What its stream, where it has one, tells of a change: `NEW_IMAGE`. */
  readonly streamView?: string;
  /** Regions that every write is copied to. */
  readonly replicaRegions?: readonly string[];
  /** Of the class whose storage is cheap and whose writes are dear. */
  readonly infrequentAccess?: true;
};
