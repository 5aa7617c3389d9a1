import type { KeyType } from './column.ts';
import { ImportError } from './import-error.ts';

/** One attribute of a key, partition key first where they come in a list. */
export type KeyAttribute = { readonly name: string; readonly type: KeyType };

/** Write capacity of a table or an index. Undefined figures are not known or do not apply. */
export type WriteCapacity = {
  readonly provisionedWriteUnits?: number;
  readonly provisionedReadUnits?: number;
  /** On-demand: the configured maximum. */
  readonly maxWriteUnits?: number;
  readonly warmWriteUnits?: number;
  /** The warm throughput is being raised. */
  readonly isWarming?: true;
  /** Decreases of the provisioned units since midnight UTC, if there were any; the service limits them. */
  readonly decreasesToday?: number;
  /** Milliseconds since 1970. */
  readonly lastDecreaseMs?: number;
};

/** What an index contains of an item that has its key. */
export type IndexShape = {
  readonly name: string;
  readonly key: readonly KeyAttribute[];
  /** How many of `key` make the partition key; undefined: 1. The others make the sort key. */
  readonly partitionAttributes?: number;
  /** Attributes projected in addition to the keys of index and table; undefined: all. */
  readonly include?: readonly string[];
};

export type TableIndex = WriteCapacity & IndexShape & { readonly status: string };

/** What DescribeTable says of the table. */
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
  /** What its stream, if it has one, contains of a change: `NEW_IMAGE`. */
  readonly streamView?: string;
  /** Regions to which every write is replicated. */
  readonly replicaRegions?: readonly string[];
  /** Table class STANDARD_INFREQUENT_ACCESS, whose writes cost more. */
  readonly infrequentAccess?: true;
};

/** The parts of a table's ARN. The table may belong to another account. */
type TableArn = { readonly region: string; readonly account: string; readonly name: string };

/** The parts of `arn:aws:dynamodb:us-east-1:123456789012:table/tokens`; undefined for a bare name, or anything else. */
export function parseTableArn(text: string): TableArn | undefined {
  const [, region, account, name] =
    /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([A-Za-z0-9_.-]{3,255})$/.exec(text) ?? [];
  return region === undefined ? undefined : { region, account: account!, name: name! };
}

/** The name of a table, from its name or its ARN. */
export function bareTableName(table: string): string {
  return parseTableArn(table)?.name ?? table;
}

/** A value, or why it could not be read: `needs dynamodb:DescribeLimits`. */
export type Checked<Value> =
  | { readonly kind: 'known'; readonly value: Value }
  | { readonly kind: 'not-checked'; readonly because: string };

/** What is attached to a table, and the quotas of its account. */
export type TableAttachments = {
  /** Names of the Kinesis streams that receive every change. */
  readonly kinesisStreams: Checked<readonly string[]>;
  /** `earliestMs`: the earliest restorable time, since 1970. */
  readonly pointInTimeRecovery: Checked<{ readonly isOn: boolean; readonly earliestMs?: number }>;
  /** Undefined if time-to-live is off. */
  readonly ttlAttribute: Checked<string | undefined>;
  /** Quotas of write units a second; the account's is for provisioned tables only. */
  readonly quotas: Checked<{ readonly tableWriteUnits: number; readonly accountWriteUnits: number }>;
};

/** The attachments of a table that could not be read. */
export function uncheckedAttachments(because: string): TableAttachments {
  const unchecked = { kind: 'not-checked', because } as const;
  return { kinesisStreams: unchecked, pointInTimeRecovery: unchecked, ttlAttribute: unchecked, quotas: unchecked };
}

export function knownValue<Value>(checked: Checked<Value>): Value | undefined {
  return checked.kind === 'known' ? checked.value : undefined;
}

/** The fault of a table whose status permits no writes, with the remedy. */
export function notReady({ name, status }: Pick<TableInfo, 'name' | 'status'>, hint?: string): ImportError {
  return new ImportError('table-not-ready', `table ${name} is ${status}`, {
    hint: remedies[status]?.(name) ?? hint ?? 'Wait until it is ACTIVE.',
  });
}

const remedies: Readonly<Record<string, (name: string) => string>> = {
  INACCESSIBLE_ENCRYPTION_CREDENTIALS: () =>
    'Enable the KMS key that encrypts it, and let DynamoDB use it: otherwise the table is archived within seven days.',
  ARCHIVING: (name) => archived(name),
  ARCHIVED: (name) => archived(name),
  DELETING: () => 'Check --table, because this table is being deleted.',
};

/** The items of an archived table are in a backup that DynamoDB made. */
function archived(name: string): string {
  return `Restore the backup that DynamoDB made of it into a new table, and import into that: aws dynamodb list-backups --table-name ${name} --backup-type ALL`;
}

/** The table itself, where `index` is undefined, or one of its global indexes, with what it has provisioned. */
export type CapacityPart = WriteCapacity & {
  readonly index: string | undefined;
  readonly status: string;
};

/** What UpdateTable is to set; the service takes read units and write units only together. */
export type ProvisionChange = {
  readonly index: string | undefined;
  readonly writeUnits: number;
  readonly readUnits: number;
};

/** Warm throughput that UpdateTable is to set; it can only be raised. */
export type WarmChange = { readonly index: string | undefined; readonly writeUnits: number };

/** What a run asked for, and what it found and has to restore. */
export type RaisedPart = {
  readonly index: string | undefined;
  readonly beforeWriteUnits: number;
  /** What was asked for last. */
  readonly raisedWriteUnits: number;
  /** All other figures that the run ever asked for: a request may be refused or take effect late. */
  readonly earlierWriteUnits?: readonly number[];
};

/** Which activities of Application Auto Scaling are off. */
export type ScalingSuspension = {
  readonly scaleIn: boolean;
  readonly scaleOut: boolean;
  readonly scheduled: boolean;
};

/** Write units of the table or an index that Application Auto Scaling sets by itself, within these bounds. */
export type ScalingTarget = {
  readonly index: string | undefined;
  readonly minWriteUnits: number;
  readonly maxWriteUnits: number;
  readonly suspended: ScalingSuspension;
};

/** Capacity that a run raised and has not restored, with everything another machine needs to restore it. */
export type CapacityRaise = {
  readonly tableName: string;
  /** Tells the table from one of the same name elsewhere. */
  readonly tableArn: string;
  readonly region: string;
  readonly endpointUrl: string | undefined;
  /** ISO 8601 in UTC; updated before each request. */
  readonly since: string;
  /** Which requests may not have taken effect yet; undefined: any of them. */
  readonly mayShowLate?: 'nothing' | 'last-request' | undefined;
  readonly parts: readonly RaisedPart[];
  /** Auto scaling targets that the run suspended, as they were before. */
  readonly scaling: readonly ScalingTarget[];
  /** The shell command that restores everything, on any machine. */
  readonly undoCommand: string;
};

export const allSuspended: ScalingSuspension = { scaleIn: true, scaleOut: true, scheduled: true };

/** Whether the run ever asked for these write units of the part. */
export function wasAskedFor({ raisedWriteUnits, earlierWriteUnits = [] }: RaisedPart, writeUnits: number): boolean {
  return writeUnits === raisedWriteUnits || earlierWriteUnits.includes(writeUnits);
}

/** The table first, then its global indexes. */
export function capacityParts(table: TableInfo): readonly CapacityPart[] {
  return [{ ...table, index: undefined }, ...table.globalIndexes.map((index) => ({ ...index, index: index.name }))];
}

/** Whether no part is being changed. */
export function isActive(table: TableInfo): boolean {
  return capacityParts(table).every(({ status, isWarming }) => status === 'ACTIVE' && isWarming !== true);
}

/** For messages. */
export function partName(index: string | undefined): string {
  return index === undefined ? 'the table' : `index "${index}"`;
}
