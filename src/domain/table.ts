import type { KeyType } from './column.ts';
import { ImportError } from './import-error.ts';

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

/** A table by its full name: it may belong to another account, and tells its region. */
type TableArn = { readonly region: string; readonly account: string; readonly name: string };

/** The parts of `arn:aws:dynamodb:us-east-1:123456789012:table/tokens`; undefined for a bare name, or anything else. */
export function parseTableArn(text: string): TableArn | undefined {
  const [, region, account, name] =
    /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([A-Za-z0-9_.-]{3,255})$/.exec(text) ?? [];
  return region === undefined ? undefined : { region, account: account!, name: name! };
}

/** The name of a table that may be given by its ARN. */
export function bareTableName(table: string): string {
  return parseTableArn(table)?.name ?? table;
}

/** What could be asked, or why it could not: `needs dynamodb:DescribeLimits`. */
export type Checked<Value> =
  | { readonly kind: 'known'; readonly value: Value }
  | { readonly kind: 'not-checked'; readonly because: string };

/** What hangs on a table beside its items, and what bounds it from outside. */
export type TableAttachments = {
  /** Names of the Kinesis streams that get every change. */
  readonly kinesisStreams: Checked<readonly string[]>;
  /** `earliestMs`: since 1970, what it can go back to. */
  readonly pointInTimeRecovery: Checked<{ readonly isOn: boolean; readonly earliestMs?: number }>;
  /** Undefined where time-to-live is off. */
  readonly ttlAttribute: Checked<string | undefined>;
  /** Quotas of write units a second; of the account for provisioned tables only. */
  readonly quotas: Checked<{ readonly tableWriteUnits: number; readonly accountWriteUnits: number }>;
};

/** The attachments of a table that could not be looked at. */
export function uncheckedAttachments(because: string): TableAttachments {
  const unchecked = { kind: 'not-checked', because } as const;
  return { kinesisStreams: unchecked, pointInTimeRecovery: unchecked, ttlAttribute: unchecked, quotas: unchecked };
}

/** What is known, or undefined. */
export function knownValue<Value>(checked: Checked<Value>): Value | undefined {
  return checked.kind === 'known' ? checked.value : undefined;
}

/** The fault of a table that takes no writes for what it is, with the way out. */
export function notReady({ name, status }: Pick<TableInfo, 'name' | 'status'>, hint?: string): ImportError {
  return new ImportError('table-not-ready', `table ${name} is ${status}`, {
    hint: waysOut[status]?.(name) ?? hint ?? 'Wait until it is ACTIVE.',
  });
}

const waysOut: Readonly<Record<string, (name: string) => string>> = {
  INACCESSIBLE_ENCRYPTION_CREDENTIALS: () =>
    'Enable the KMS key that encrypts it, and let DynamoDB use it: the table is ACTIVE again soon after, and archived within seven days if not.',
  ARCHIVING: (name) => archived(name),
  ARCHIVED: (name) => archived(name),
  DELETING: () => 'Check --table: this one is being deleted.',
};

/** An archived table never comes back by itself: its items are in a backup that DynamoDB made. */
function archived(name: string): string {
  return `Restore the backup that DynamoDB made of it into a new table, and import into that: aws dynamodb list-backups --table-name ${name} --backup-type ALL`;
}
