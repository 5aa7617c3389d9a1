import type { Column } from '../../domain/column.ts';
import { writeUnitsOf } from '../../domain/item-size.ts';
import type { Batch, Token } from '../../domain/token.ts';
import type { Failed, WriteResult } from '../../domain/write-result.ts';
import type { Lease, TokenEncoder, TokenRepository, TrafficTotals } from '../../ports/token-repository.ts';
import {
  type BatchWriteOptions,
  type ConsumedUnits,
  ConsumptionAsked,
  consumedUnits,
  maxBatchBytes,
} from './batch-write.ts';
import {
  compileItemPayload,
  conditionalDelete,
  conditionalPut,
  type ItemPayload,
  type PutAsked,
  type PutCondition,
} from './conditional-put.ts';
import type { Connection } from './connection.ts';
import { attributeOf, canonicalItem, canonicalValue, type Item, itemSizeBytes, typeOf } from './item/item-text.ts';
import { RememberedItems } from './remembered-items.ts';
import { unreadableReply } from './sdk-failure.ts';
import { itemOf, readReply, type Shape } from './wire/reply-shape.ts';
import { type Answer, TableRequests } from './wire/table-requests.ts';

/** Puts or deletes each item on a condition, a request of its own: BatchWriteItem knows none. */
export function createConditionalRepository(
  connection: Connection,
  options: BatchWriteOptions,
  condition: PutCondition,
): TokenRepository {
  return new ConditionalRepository(connection, options, condition);
}

/** A put or delete that went through, or the item that is in its way; undefined where that has gone meanwhile. */
type Attempt =
  | (ConsumedUnits & { readonly kind: 'written' })
  | { readonly kind: 'exists'; readonly item: Item | undefined }
  | Extract<Answer, { readonly kind: 'failed' }>;

class ConditionalRepository implements TokenRepository {
  readonly maxBatchTokens = 1;
  readonly maxBatchBytes = maxBatchBytes;
  readonly #options: BatchWriteOptions;
  readonly #condition: PutCondition;
  readonly #requests: TableRequests;
  readonly #remembered = new RememberedItems();
  readonly #asked = new ConsumptionAsked();
  /** Of rows that are to replace what an earlier row wrote: that item. */
  readonly #ours = new WeakMap<Token, Item>();

  constructor(connection: Connection, options: BatchWriteOptions, condition: PutCondition) {
    this.#options = options;
    this.#condition = condition;
    this.#requests = new TableRequests(connection, options.tableName);
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    return compileItemPayload(columns);
  }

  remember({ payload, deletes }: Token): void {
    // A delete leaves no item.
    if (deletes !== true) this.#remembered.add(canonicalItem(JSON.parse((payload as ItemPayload).item)));
  }

  lease(): Lease | Promise<Lease | Failed> {
    return this.#requests.lease();
  }

  async write({ tokens: [token] }: Batch, lease?: Lease): Promise<WriteResult> {
    const attempt = await this.#send(token!, lease);
    const ours = this.#ours.get(token!);
    this.#ours.delete(token!);
    switch (attempt.kind) {
      case 'failed':
        return attempt.result;
      case 'written': {
        const isTold = this.#asked.tellsOf(this.#options.indexNames ?? []);
        const consumed = isTold ? attempt : { consumedWriteUnits: undefined };
        return { ...consumed, kind: 'accepted', unprocessed: [] };
      }
      case 'exists':
        return this.#judge(token!, attempt.item, ours);
    }
  }

  renewCredentials(): Promise<boolean> {
    return this.#requests.renewCredentials();
  }

  traffic(): TrafficTotals {
    return this.#requests.traffic();
  }

  close(): Promise<void> {
    return this.#requests.close();
  }

  async #send(token: Token, lease: Lease | undefined): Promise<Attempt> {
    const { tableName, key, indexNames = [] } = this.#options;
    const { item } = token.payload as ItemPayload;
    const { level } = this.#asked;
    const asked = {
      condition: this.#condition,
      partitionKey: key[0]!.name,
      ours: this.#ours.get(token),
      consumption: level,
    };
    const answer =
      token.deletes === true
        ? await this.#requests.send('DeleteItem', this.#deleteOf(JSON.parse(item) as Item, asked), lease)
        : await this.#requests.send('PutItem', conditionalPut(tableName, item, asked), lease);
    if (answer.kind === 'answered') return writtenAs(answer.body, indexNames);
    if (answer.type !== 'ConditionalCheckFailedException') {
      const refused = this.#asked.refusedAt(level, answer);
      return refused === undefined ? answer : { kind: 'failed', result: refused };
    }
    const told = readReply(answer.body ?? '', ({ Item: found }) => ({ item: itemOrNone(found) }));
    if (told === undefined) return { kind: 'failed', result: unreadableReply };
    return told.item === undefined ? this.#read(JSON.parse(item) as Item) : { kind: 'exists', item: told.item };
  }

  #deleteOf(item: Item, asked: PutAsked): Buffer {
    return conditionalDelete(this.#options.tableName, item, this.#keyOf(item), asked);
  }

  #keyOf(item: Item): Item {
    return Object.fromEntries(this.#options.key.map(({ name }) => [name, item[name]!]));
  }

  /** For engines that don't tell which item failed the condition. */
  async #read(item: Item): Promise<Attempt> {
    const { tableName: TableName } = this.#options;
    const Key = this.#keyOf(item);
    const answer = await this.#requests.send(
      'GetItem',
      Buffer.from(JSON.stringify({ TableName, Key, ConsistentRead: true })),
    );
    if (answer.kind === 'failed') return answer;
    const told = readReply(answer.body, (reply) => ({
      item: isForeign(reply, ofGetItem) ? null : itemOrNone(reply['Item']),
    }));
    if (told === undefined || told.item === null) return { kind: 'failed', result: unreadableReply };
    return { kind: 'exists', item: told.item };
  }

  /**
   * What an item in the way means: written by this row or an earlier one of the source, or somebody else's. `ours`: what the
   * put was to replace.
   */
  #judge(token: Token, found: Item | undefined, ours: Item | undefined): WriteResult {
    const accepted = { kind: 'accepted', unprocessed: [], consumedWriteUnits: token.writeUnits } as const;
    if (found === undefined) return { ...accepted, again: [token] };
    // A condition that fails costs as much as the larger of the two items.
    const consumed = Math.max(token.writeUnits, writeUnitsOf(itemSizeBytes(found)));
    const own = JSON.parse((token.payload as ItemPayload).item) as Item;
    const canonical = canonicalItem(found);
    if (token.deletes !== true && canonicalItem(own) === canonical)
      return { ...accepted, consumedWriteUnits: consumed };
    // Another attempt would end the same way, without end.
    if (ours !== undefined && canonicalItem(ours) === canonical) return { kind: 'invalid', message: notComparable };
    const fault = this.#comparisonFault(own, found);
    if (fault !== undefined) return { kind: 'invalid', message: fault };
    if (this.#mayReplaceOurs(own, found) && this.#remembered.has(canonical)) {
      this.#ours.set(token, found);
      return { ...accepted, again: [token], consumedWriteUnits: consumed };
    }
    return { ...accepted, kept: [token], consumedWriteUnits: consumed };
  }

  /** The last row wins over earlier ones; with `newer`, over those of the same value. */
  #mayReplaceOurs(own: Item, found: Item): boolean {
    const condition = this.#condition;
    if (condition.kind === 'keep') return true;
    const [value, other] = [attributeOf(own, condition.column), attributeOf(found, condition.column)];
    return value !== undefined && other !== undefined && canonicalValue(value) === canonicalValue(other);
  }

  #comparisonFault(own: Item, found: Item): string | undefined {
    if (this.#condition.kind === 'keep') return undefined;
    const { column } = this.#condition;
    const [type, other] = [typeOf(attributeOf(own, column)), typeOf(attributeOf(found, column))];
    if (type === undefined || other === undefined || type === other) return undefined;
    return `the table's item has "${column}" as ${other} and the row as ${type}, which can't be compared; see --types`;
  }
}

const notComparable =
  'the table holds the item of an earlier row unchanged, but does not find it equal to itself, so it cannot be replaced safely';

/** What replies may hold. */
const ofWrite: ReadonlySet<string> = new Set(['Attributes', 'ConsumedCapacity', 'ItemCollectionMetrics']);
const ofGetItem: ReadonlySet<string> = new Set(['Item', 'ConsumedCapacity']);

/** Something else may answer at the endpoint; then nothing was written or read. */
function isForeign(reply: Shape, names: ReadonlySet<string>): boolean {
  return Object.keys(reply).some((name) => !names.has(name));
}

function writtenAs(body: string, indexNames: readonly string[]): Attempt {
  const consumed = readReply(body, (reply) =>
    isForeign(reply, ofWrite) ? undefined : consumedUnits(reply['ConsumedCapacity'], indexNames),
  );
  return consumed === undefined ? { kind: 'failed', result: unreadableReply } : { kind: 'written', ...consumed };
}

function itemOrNone(value: unknown): Item | undefined {
  return value === undefined ? undefined : itemOf(value);
}
