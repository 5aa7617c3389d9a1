import type { Failed } from '../../domain/write-result.ts';
import { listOf, objectOf, unitsOf } from './wire/reply-shape.ts';
import type { Answer } from './wire/table-requests.ts';

/** From the most telling on. */
const levels = ['INDEXES', 'TOTAL', 'NONE'] as const;
type Level = (typeof levels)[number];

/**
 * What requests ask to be told of their consumption. It only serves display and debts, so an engine that refuses the
 * question is asked for less.
 */
export class ConsumptionAsked {
  #level: Level;

  constructor(most: Level = 'INDEXES') {
    this.#level = most;
  }

  get level(): Level {
    return this.#level;
  }

  /** A failure that has the request sent again with less, if it was refused for what it asked at this level. */
  refusedAt(level: Level, { type, body }: Extract<Answer, { kind: 'failed' }>): Failed | undefined {
    const isAboutIt = type === 'ValidationException' && /consumed ?capacity/i.test(body ?? '');
    const less = levels[levels.indexOf(level) + 1];
    if (!isAboutIt || less === undefined) return undefined;
    // Batches in flight were all asked alike: the first to be refused lowers it for all.
    if (this.#level === level) this.#level = less;
    return { kind: 'transient', reason: `ReturnConsumedCapacity ${level} is not supported`, fateUnknown: false };
  }

  /** The total of a table with indexes tells nothing of its own share. */
  tellsOf(indexNames: readonly string[]): boolean {
    return this.#level === 'INDEXES' || indexNames.length === 0;
  }
}

/** Undefined if the table does not say. */
export type ConsumedUnits = {
  readonly consumedWriteUnits: number | undefined;
  readonly consumedIndexUnits?: readonly number[] | undefined;
};

/** Of the list that a reply to a batch holds; `null`, as some engines write it, says nothing. */
export function consumedUnitsOfBatch(consumed: unknown, indexNames: readonly string[]): ConsumedUnits {
  const [first] = consumed === undefined || consumed === null ? [] : listOf(consumed);
  return consumedUnits(first === undefined ? undefined : objectOf(first), indexNames);
}

/**
 * Units drawn from the table's own capacity, its local indexes included: the total less that of the global indexes,
 * which have a capacity of their own; and of those, in the order of the names, what each says.
 */
export function consumedUnits(consumed: unknown, indexNames: readonly string[]): ConsumedUnits {
  if (consumed === undefined || consumed === null) return { consumedWriteUnits: undefined };
  const { CapacityUnits, GlobalSecondaryIndexes = {} } = objectOf(consumed);
  if (CapacityUnits === undefined) return { consumedWriteUnits: undefined };
  const indexes = Object.entries(objectOf(GlobalSecondaryIndexes)).map(([name, index]) => {
    const { CapacityUnits: units = 0 } = objectOf(index);
    return [name, unitsOf(units)] as const;
  });
  const ofIndexes = indexes.reduce((sum, [, units]) => sum + units, 0);
  const consumedWriteUnits = Math.max(0, unitsOf(CapacityUnits) - ofIndexes);
  if (indexNames.length === 0) return { consumedWriteUnits };
  const byName = new Map(indexes);
  return { consumedWriteUnits, consumedIndexUnits: indexNames.map((name) => byName.get(name) ?? 0) };
}
