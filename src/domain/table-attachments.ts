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
