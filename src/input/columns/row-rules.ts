import type { DeleteWhere, Field, FieldValue } from '../../domain/column.ts';
import { FieldFault, fieldFault } from './column-fault.ts';

/** Finds the rows that delete, and says what is read of them. */
export type DeleteRule = {
  readonly fieldIndex: number;
  /** Attributes that are read; the other columns of a row that deletes are not checked. */
  readonly attributes: readonly string[];
  isDelete(field: Field): boolean;
};

/** As in SQL, NULL neither equals a value nor differs from one. */
export function deleteRule(
  where: DeleteWhere,
  sourceNames: readonly string[],
  attributes: readonly string[],
): DeleteRule {
  const fieldIndex = sourceNames.indexOf(where.column);
  return { fieldIndex, attributes, isDelete: compiledTest(where) };
}

function compiledTest({ test, value }: DeleteWhere): (field: Field) => boolean {
  const isValue = equalTo(value);
  switch (test) {
    case 'null':
      return (field) => field === null;
    case 'not-null':
      return (field) => field !== null;
    case 'equals':
      return (field) => field !== null && isValue(field);
    case 'differs':
      return (field) => field !== null && !isValue(field);
  }
}

/** By text. MySQL writes a BIT(1) as one byte, which equals `0` or `1` too. */
function equalTo(value: string): (field: string | Uint8Array) => boolean {
  const texts = [value, ...(value === '0' ? ['\x00'] : []), ...(value === '1' ? ['\x01'] : [])];
  const values = texts.map((text) => Buffer.from(text));
  return (field) => (typeof field === 'string' ? texts.includes(field) : values.some((bytes) => bytes.equals(field)));
}

/** Seconds of the year 5138: a greater value can only be milliseconds, of a time after 1973. */
export const leastMilliseconds = 100_000_000_000;
/** The service keeps an item that expired longer ago. Leap days are left out, so that no row is skipped that would stay. */
export const fiveYearsSeconds = 5 * 365 * 86_400;

/** Which column has the time of expiry, and which of its times are left out. Seconds since 1970. */
export type ExpiryRule = {
  /** Index among the columns of the mapping. */
  readonly place: number;
  /** Name in the source, or of the attribute if `--set` makes it; for messages. */
  readonly sourceName: string;
  readonly isMade: boolean;
  /** The first time that is left out; an earlier one is more than five years past. */
  readonly fromSeconds: number;
  /** The first time that is not left out any more. */
  readonly untilSeconds: number;
  /** A row that has expired becomes a token too, because its key has to be known. */
  readonly givesTokens?: boolean;
};

/** `never-deleted`: more than five years past, so that the service keeps the item. */
export type Expiry = 'live' | 'expired' | 'never-deleted';

/** Judges a mapped value of a numeric column; NULL, and a value that is left out of the item, never expire. */
export function expiryOf(value: FieldValue, rule: ExpiryRule): Expiry | FieldFault {
  if (value === undefined || value === null) return 'live';
  const seconds = Number(value);
  if (!Number.isInteger(seconds)) return notSeconds(rule, 'is not a whole number of seconds');
  if (seconds >= leastMilliseconds) return notSeconds(rule, 'can only be in milliseconds');
  if (seconds >= rule.untilSeconds) return 'live';
  return seconds >= rule.fromSeconds ? 'expired' : 'never-deleted';
}

function notSeconds({ sourceName, isMade }: ExpiryRule, what: string): FieldFault {
  const predicate = `${what}, but --skip-expired needs a time in seconds since 1970`;
  if (isMade) return new FieldFault('ttl-not-seconds', `attribute "${sourceName}" of --set ${predicate}`);
  return fieldFault(sourceName, 'ttl-not-seconds', predicate);
}
