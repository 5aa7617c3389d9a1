import type { IncomingHttpHeaders } from 'node:http';
import {
  type Answer,
  requestTooLarge,
  serializationError,
  success,
  tableMissing,
  unknownOperation,
  validationError,
} from './plain-table/answers.ts';
import type { Item } from './plain-table/attribute-value.ts';
import { addConsumed, type Consumed, consumedBy, consumedCapacity } from './plain-table/consumed-capacity.ts';
import { describeTable, type Provision } from './plain-table/describe-table.ts';
import { discardedAnswer, putsIn } from './plain-table/discard.ts';
import { type ItemWrite, readBatch } from './plain-table/read-batch.ts';
import { batchGetItem, getItem, scan } from './plain-table/read-items.ts';
import { type Secret, signatureFault } from './plain-table/signature.ts';
import type { IndexSchema, KeyAttribute, TableSchema } from './plain-table/table-schema.ts';

export type PlainTableOptions = {
  readonly name: string;
  /** Partition key first. */
  readonly key: readonly KeyAttribute[];
  readonly indexes?: readonly IndexSchema[];
  readonly provision?: Partial<Provision>;
  /** Secrets by access key; without them signatures are not checked. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** Milliseconds that the table's clock is ahead of this machine's. */
  readonly clockAheadMs?: number;
  /** Answer success without reading or keeping items; each counts as one write unit. */
  readonly discard?: boolean;
};

type Warmth = { readonly WarmThroughput: { readonly WriteUnitsPerSecond: number } };

type UpdateOfWarmth = Partial<Warmth> & {
  readonly GlobalSecondaryIndexUpdates?: readonly { readonly Update: Warmth & { readonly IndexName: string } }[];
};

const maxBodyBytes = 16 * 1024 * 1024;

/** A table in memory that accepts and refuses what DynamoDB does, and is fast enough for full load. */
export class PlainTable {
  readonly schema: TableSchema;
  readonly discard: boolean;
  provision: Provision;
  secrets: Readonly<Record<string, Secret>> | undefined;
  readonly #clockAheadMs: number;
  readonly #items = new Map<string, Item>();
  #discardedItems = 0;

  constructor(options: PlainTableOptions) {
    this.schema = { name: options.name, key: options.key, indexes: options.indexes ?? [] };
    this.discard = options.discard ?? false;
    this.provision = { billing: 'on-demand', writeUnits: 0, readUnits: 0, ...options.provision };
    this.secrets = options.secrets;
    this.#clockAheadMs = options.clockAheadMs ?? 0;
  }

  /** The items by canonical key, in the order in which the keys first arrived. Numbers are as they were sent. */
  items(): ReadonlyMap<string, Item> {
    return this.#items;
  }

  get itemCount(): number {
    return this.discard ? this.#discardedItems : this.#items.size;
  }

  /** The table's time, as in its Date header. */
  wallMs(): number {
    return Date.now() + this.#clockAheadMs;
  }

  /** Answers one request; `target` is the X-Amz-Target header. */
  handle(target: string, body: string | Buffer, headers: IncomingHttpHeaders = {}): Answer {
    const refusal = this.refusal(body, headers);
    if (refusal !== undefined) return refusal;
    const operation = target.slice(target.indexOf('.') + 1);
    if (this.discard && operation === 'BatchWriteItem') return this.#discardBatch(body);
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.toString());
    } catch {
      return serializationError();
    }
    return this.answer(operation, parsed);
  }

  /** Refuses a request by its size or signature, before its content is read. */
  refusal(body: string | Buffer, headers: IncomingHttpHeaders): Answer | undefined {
    if (Buffer.byteLength(body) > maxBodyBytes) return requestTooLarge();
    return this.secrets && signatureFault(headers, body, this.secrets, this.wallMs());
  }

  /** Answers one request whose body is parsed and whose signature need not be checked. */
  answer(operation: string, body: unknown): Answer {
    const request = body as Record<string, never>;
    switch (operation) {
      case 'BatchWriteItem':
        return this.#batchWriteItem(request);
      case 'DescribeTable':
        if (request['TableName'] !== this.schema.name) return tableMissing();
        return success(describeTable(this.schema, this.provision, this.itemCount));
      case 'UpdateTable':
        return this.#raiseWarmThroughput(request);
      case 'GetItem':
        return getItem(this.schema, this.#items, request);
      case 'BatchGetItem':
        return batchGetItem(this.schema, this.#items, request);
      case 'Scan':
        return scan(this.schema, this.#items, request);
      default:
        return unknownOperation();
    }
  }

  /** Carries out valid writes, all of them, and returns what they consumed. */
  apply(writes: readonly ItemWrite[]): Consumed {
    const total: Consumed = { table: 0, indexes: {} };
    for (const { key, item } of writes) {
      addConsumed(total, consumedBy(this.schema, this.#items.get(key), item));
      if (item === undefined) this.#items.delete(key);
      else if (this.discard) this.#discardedItems++;
      else this.#items.set(key, item);
    }
    return total;
  }

  /** The only change of the table that it knows; it takes effect at once. */
  #raiseWarmThroughput(request: UpdateOfWarmth): Answer {
    const { WarmThroughput, GlobalSecondaryIndexUpdates = [] } = request;
    const indexes = GlobalSecondaryIndexUpdates.map(
      ({ Update }) => [Update.IndexName, Update.WarmThroughput.WriteUnitsPerSecond] as const,
    );
    const { warmWriteUnits = 0, warmIndexUnits = {} } = this.provision;
    const table = WarmThroughput?.WriteUnitsPerSecond;
    const isLower =
      (table !== undefined && table <= warmWriteUnits) ||
      indexes.some(([name, units]) => units <= (warmIndexUnits[name] ?? 0));
    if (isLower) return validationError('One or more parameter values were invalid: WarmThroughput is not higher');
    this.provision = {
      ...this.provision,
      warmWriteUnits: table ?? warmWriteUnits,
      warmIndexUnits: { ...warmIndexUnits, ...Object.fromEntries(indexes) },
    };
    return success({ TableDescription: { TableStatus: 'UPDATING' } });
  }

  #batchWriteItem(body: { readonly ReturnConsumedCapacity?: string }): Answer {
    const writes = readBatch(body, (name) => (name === this.schema.name ? this.schema : undefined));
    if (!Array.isArray(writes)) return writes;
    const consumed = consumedCapacity(this.schema, this.apply(writes), body.ReturnConsumedCapacity);
    return success({ UnprocessedItems: {}, ...(consumed && { ConsumedCapacity: consumed }) });
  }

  #discardBatch(body: string | Buffer): Answer {
    const count = putsIn(body);
    this.#discardedItems += count;
    return discardedAnswer(this.schema, count);
  }

  /** Counts items that were discarded elsewhere. */
  countDiscarded(count: number): void {
    this.#discardedItems += count;
  }
}
