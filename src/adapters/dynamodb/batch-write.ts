import type { KeyAttribute } from '../../domain/table.ts';

export type BatchWriteOptions = {
  readonly tableName: string;
  /** The table's primary key, partition key first: handed-back items are known by it. */
  readonly key: readonly KeyAttribute[];
  /** The table's global indexes, whose consumption is told apart in this order. */
  readonly indexNames?: readonly string[];
};

/** What one BatchWriteItem takes: 25 puts, and 16 MiB of request less what surrounds the payloads. */
export const maxBatchTokens = 25;
export const maxBatchBytes = 15 * 1024 * 1024;
