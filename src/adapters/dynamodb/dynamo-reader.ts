import type { Column } from '../../domain/column.ts';
import type { KeyAttribute } from '../../domain/table.ts';
import type { Token } from '../../domain/token.ts';
import type {
  AttributeDifference,
  Comparison,
  ReadResult,
  TokenEncoder,
  TokenReader,
} from '../../ports/token-repository.ts';
import { ConsumptionAsked, consumedUnitsOfBatch, keyOfItem } from './batch-write.ts';
import type { Connection } from './connection.ts';
import { type AttributeValue, attributeOf, canonicalValue, compileItemText, type Item } from './item/item-text.ts';
import { unreadableReply } from './sdk-failure.ts';
import { itemOf, listOf, objectOf, readReply } from './wire/reply-shape.ts';
import { TableRequests } from './wire/table-requests.ts';

type ReaderOptions = {
  readonly tableName: string;
  readonly key: readonly KeyAttribute[];
  /** Strongly consistent reads cost twice as much. */
  readonly consistent: boolean;
  /** Whether differences may hold values. */
  readonly showValues: boolean;
};

const bytesOfReadUnit = 4096;

/** Reads by BatchGetItem. A reply holds 16 MB at most; what does not fit comes back as unprocessed. */
export function createDynamoReader(connection: Connection, options: ReaderOptions): TokenReader {
  const { tableName, key, consistent } = options;
  const requests = new TableRequests(connection, tableName);
  const asked = new ConsumptionAsked('TOTAL');

  function body(tokens: readonly Token[]): Buffer {
    const Keys = tokens.map((token) => {
      const item = JSON.parse(token.payload as string) as Item;
      return Object.fromEntries(key.map(({ name }) => [name, item[name]]));
    });
    const ofTable = { Keys, ConsistentRead: consistent };
    return Buffer.from(JSON.stringify({ RequestItems: { [tableName]: ofTable }, ReturnConsumedCapacity: asked.level }));
  }

  return {
    maxBatchTokens: 100,
    encoder: (columns: readonly Column[]): TokenEncoder => compileItemText(columns, ['{', '}']),
    readUnitsOf: ({ bodyBytes }) => Math.ceil(bodyBytes / bytesOfReadUnit) * (consistent ? 1 : 0.5),
    lease: () => requests.lease(),
    async read(tokens, lease): Promise<ReadResult> {
      const { level } = asked;
      const answer = await requests.send('BatchGetItem', body(tokens), lease);
      if (answer.kind === 'failed') return asked.refusedAt(level, answer) ?? answer.result;
      const reply = readBatch(answer.body, options);
      if (reply === undefined) return unreadableReply;
      return { kind: 'read', comparisons: verdictsOn(tokens, reply, options), consumedReadUnits: reply.consumed };
    },
    renewCredentials: () => requests.renewCredentials(),
    close: () => requests.close(),
  };
}

type Reply = {
  readonly items: ReadonlyMap<string, Item>;
  readonly unprocessed: ReadonlySet<string>;
  readonly consumed: number | undefined;
};

/** Undefined where something else than the service has answered, or a part of the reply is not as it writes it. */
function readBatch(body: string, { tableName, key }: ReaderOptions): Reply | undefined {
  return readReply(body, ({ Responses, UnprocessedKeys = {}, ConsumedCapacity }) => {
    const byTable = objectOf(Responses);
    // A table may be named by its ARN, and is the only one asked for.
    const items =
      byTable[tableName] === undefined ? Object.values(byTable).flatMap(listOf) : listOf(byTable[tableName]);
    const keysLeft = Object.values(objectOf(UnprocessedKeys)).flatMap((table) => listOf(objectOf(table)['Keys']));
    const { consumedWriteUnits: consumed } = consumedUnitsOfBatch(ConsumedCapacity, []);
    const byKey = new Map<string, Item>();
    for (const found of items) {
      const item = itemOf(found);
      const itemKey = keyOfItem(item, key);
      if (itemKey === undefined) return undefined;
      byKey.set(itemKey, item);
    }
    // A key that can't be told belongs to no token.
    const unprocessed = new Set(keysLeft.map((left) => keyOfItem(itemOf(left), key) ?? ''));
    return { items: byKey, unprocessed, consumed };
  });
}

function verdictsOn(tokens: readonly Token[], { items, unprocessed }: Reply, options: ReaderOptions) {
  const comparisons = new Map<Token, Comparison>();
  // A key handed back that belongs to no token: it is not known which were looked for.
  const isPuzzling = unprocessed.size > 0 && !isSubset(unprocessed, tokens);
  for (const token of tokens) {
    const item = items.get(token.key);
    if (item !== undefined) {
      const found =
        token.deletes === true ? undeleted : compare(JSON.parse(token.payload as string), item, options.showValues);
      comparisons.set(token, found);
    } else if (!unprocessed.has(token.key) && !isPuzzling) {
      comparisons.set(token, { kind: token.deletes === true ? 'equal' : 'missing' });
    }
  }
  return comparisons;
}

const undeleted: Comparison = { kind: 'undeleted' };

function isSubset(keys: ReadonlySet<string>, tokens: readonly Token[]): boolean {
  const known = new Set(tokens.map(({ key }) => key));
  for (const key of keys) if (!known.has(key)) return false;
  return true;
}

/** By value: numbers in any notation, attributes in any order; an attribute that the row does not have is a difference. */
function compare(row: Item, item: Item, showValues: boolean): Comparison {
  const attributes: AttributeDifference[] = [];
  for (const name of new Set([...Object.keys(row), ...Object.keys(item)])) {
    const [inRow, inTable] = [textOf(attributeOf(row, name)), textOf(attributeOf(item, name))];
    if (inRow === inTable) continue;
    attributes.push({
      name,
      ...(showValues && inRow !== undefined && { inRow }),
      ...(showValues && inTable !== undefined && { inTable }),
    });
  }
  return attributes.length === 0 ? { kind: 'equal' } : { kind: 'different', attributes };
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return value && canonicalValue(value);
}
