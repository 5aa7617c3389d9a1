import type { KeyAttribute } from '../../domain/table.ts';
import { keyOf, keyPart, type Token } from '../../domain/token.ts';
import type { Failed } from '../../domain/write-result.ts';
import { attributeOf, type Item } from './item/item-text.ts';
import { itemOf, listOf, objectOf, readReply, type Shape, unitsOf } from './wire/reply-shape.ts';
import type { Answer } from './wire/table-requests.ts';

export type BatchWriteOptions = {
  readonly tableName: string;
  /** The table's primary key, partition key first: handed-back items are known by it. */
  readonly key: readonly KeyAttribute[];
  /** The table's global indexes, whose consumption is told apart in this order. */
  readonly indexNames?: readonly string[];
};

/** What one BatchWriteItem takes: 25 puts and deletes, and 16 MiB of request less what surrounds the payloads. */
export const maxBatchTokens = 25;
export const maxBatchBytes = 15 * 1024 * 1024;

/**
 * The tokens whose items the table handed back, found by key. The whole batch if a key is undefined or matches nothing,
 * because then it is unknown which were written.
 */
export function handedBackTokens(tokens: readonly Token[], keys: readonly (string | undefined)[]): readonly Token[] {
  if (keys.length === 0) return [];
  const byKey = new Map<string, Token>();
  for (const token of tokens) byKey.set(token.key, token);
  // Each once, however often it is handed back: a row that is done twice would stand for another one in the balance.
  const handedBack = new Set<Token>();
  for (const key of keys) {
    const token = key === undefined ? undefined : byKey.get(key);
    if (token === undefined) return tokens;
    handedBack.add(token);
  }
  return [...handedBack];
}

/** A key is undefined if it can't be read. */
type BatchReply = ConsumedUnits & { readonly handedBackKeys: readonly (string | undefined)[] };

const nothingHandedBack: readonly string[] = [];

/** Reads the reply of a BatchWriteItem that succeeded; undefined if it is not one. */
export function readBatchReply(
  body: string,
  key: readonly KeyAttribute[],
  indexNames: readonly string[] = [],
): BatchReply | undefined {
  return readCommonReply(body) ?? readAnyReply(body, key, indexNames);
}

/**
 * The reply that nearly all are: nothing handed back, no index. Neither piece of text can stand inside a string, whose
 * quotes would be escaped. Worth 0.1 CPU s per million rows.
 */
function readCommonReply(body: string): BatchReply | undefined {
  if (!body.includes('"UnprocessedItems":{}') || body.includes('SecondaryIndexes') || !body.endsWith('}')) return;
  const at = body.indexOf('"CapacityUnits":');
  if (at === -1) return;
  const units = Number.parseFloat(body.slice(at + 16, at + 32));
  if (!(units >= 0 && units < Number.POSITIVE_INFINITY)) return;
  return { handedBackKeys: nothingHandedBack, consumedWriteUnits: units };
}

function readAnyReply(
  body: string,
  key: readonly KeyAttribute[],
  indexNames: readonly string[],
): BatchReply | undefined {
  return readReply(body, (reply) => {
    const { UnprocessedItems = {}, ConsumedCapacity } = reply;
    // An engine may leave out what is empty; a reply without either is that of something else at the endpoint.
    if (reply['UnprocessedItems'] === undefined && ConsumedCapacity === undefined) return undefined;
    const handedBack = Object.values(objectOf(UnprocessedItems)).flatMap(listOf);
    return {
      handedBackKeys: handedBack.map((request) => keyOfItem(itemOfRequest(objectOf(request)), key)),
      ...consumedUnitsOfBatch(ConsumedCapacity, indexNames),
    };
  });
}

/** The item of a put, or the key of a delete. */
function itemOfRequest({ PutRequest, DeleteRequest }: Shape): Item {
  return itemOf(DeleteRequest === undefined ? objectOf(PutRequest)['Item'] : objectOf(DeleteRequest)['Key']);
}

/** The key of an item as the pipeline writes it; undefined if the item lacks a part of it. */
export function keyOfItem(item: Item, key: readonly KeyAttribute[]): string | undefined {
  const parts: string[] = [];
  for (const { name, type } of key) {
    const value = attributeOf(item, name)?.[type];
    if (value === undefined) return undefined;
    parts.push(keyPart(type, type === 'B' ? Buffer.from(value, 'base64') : value));
  }
  return keyOf(parts[0]!, parts[1]);
}

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
