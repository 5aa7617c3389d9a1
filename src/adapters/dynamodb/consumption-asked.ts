import type { Failed } from '../../domain/write-result.ts';
import type { Answer } from './wire/table-requests.ts';

/** From the most telling on. */
const levels = ['INDEXES', 'TOTAL', 'NONE'] as const;
type Level = (typeof levels)[number];

/**
 * What requests ask to be told of their consumption, which is for show and for debts alone: an engine that refuses it
 * is asked for less.
 */
export class ConsumptionAsked {
  #level: Level;

  constructor(most: Level = 'INDEXES') {
    this.#level = most;
  }

  get level(): Level {
    return this.#level;
  }

  /** That the request is to be sent again with less, where it was refused for what it asked at this level. */
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
