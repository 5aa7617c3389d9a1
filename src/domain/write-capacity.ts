import type { TableInfo, WriteCapacity } from './table.ts';

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
