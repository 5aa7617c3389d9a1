import type { Column } from '../../domain/column.ts';
import { keyOf, keyPart } from '../../domain/key.ts';
import type { KeyAttribute } from '../../domain/table.ts';
import type { Token } from '../../domain/token.ts';
import type { AttributeDifference, Verdict } from '../../domain/verdict.ts';
import type { ReadResult, TokenReader } from '../../ports/token-reader.ts';
import type { TokenEncoder } from '../../ports/token-repository.ts';
import { type AttributeValue, attributeOf, canonicalValue, type Item } from './attribute-value.ts';
import type { Connection } from './connection.ts';
import { compileItemText } from './item-text.ts';
import { unreadableReply } from './sdk-failure.ts';
import { TableRequests } from './table-requests.ts';

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

  function body(tokens: readonly Token[]): Buffer {
    const Keys = tokens.map((token) => {
      const item = JSON.parse(token.payload as string) as Item;
      return Object.fromEntries(key.map(({ name }) => [name, item[name]]));
    });
    const ofTable = { Keys, ConsistentRead: consistent };
    return Buffer.from(JSON.stringify({ RequestItems: { [tableName]: ofTable }, ReturnConsumedCapacity: 'TOTAL' }));
  }

  return {
    maxBatchTokens: 100,
    encoder: (columns: readonly Column[]): TokenEncoder => compileItemText(columns, ['{', '}']),
    readUnitsOf: ({ bodyBytes }) => Math.ceil(bodyBytes / bytesOfReadUnit) * (consistent ? 1 : 0.5),
    lease: () => requests.lease(),
    async read(tokens, lease): Promise<ReadResult> {
      const answer = await requests.send('BatchGetItem', body(tokens), lease);
      if (answer.kind === 'failed') return answer.result;
      const reply = readReply(answer.body, options);
      if (reply === undefined) return unreadableReply;
      return { kind: 'read', verdicts: verdictsOn(tokens, reply, options), consumedReadUnits: reply.consumed };
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

type ReplyShape = {
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly Item[] }>>;
  readonly ConsumedCapacity?: readonly { readonly CapacityUnits?: number }[];
};

/** Undefined where something else than the service has answered. */
function readReply(text: string, { tableName, key }: ReaderOptions): Reply | undefined {
  try {
    const { Responses, UnprocessedKeys, ConsumedCapacity } = JSON.parse(text) as ReplyShape;
    if (Responses === undefined) return undefined;
    // A table may be named by its ARN, and is the only one asked for.
    const items = Responses[tableName] ?? Object.values(Responses).flat();
    const unprocessed = Object.values(UnprocessedKeys ?? {}).flatMap(({ Keys = [] }) => Keys);
    return {
      items: new Map(items.map((item) => [keyOfItem(item, key), item])),
      unprocessed: new Set(unprocessed.map((item) => keyOfItem(item, key))),
      consumed: ConsumedCapacity?.[0]?.CapacityUnits,
    };
  } catch {
    return undefined;
  }
}

function verdictsOn(tokens: readonly Token[], { items, unprocessed }: Reply, options: ReaderOptions) {
  const verdicts = new Map<Token, Verdict>();
  // A key handed back that belongs to no token: it is not known which were looked for.
  const isPuzzling = unprocessed.size > 0 && !isSubset(unprocessed, tokens);
  for (const token of tokens) {
    const item = items.get(token.key);
    if (item !== undefined) verdicts.set(token, compare(JSON.parse(token.payload as string), item, options.showValues));
    else if (!unprocessed.has(token.key) && !isPuzzling) verdicts.set(token, { kind: 'missing' });
  }
  return verdicts;
}

function isSubset(keys: ReadonlySet<string>, tokens: readonly Token[]): boolean {
  const known = new Set(tokens.map(({ key }) => key));
  for (const key of keys) if (!known.has(key)) return false;
  return true;
}

/** By value: numbers in any notation, attributes in any order; an attribute that the row does not have is a difference. */
function compare(row: Item, item: Item, showValues: boolean): Verdict {
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

function keyOfItem(item: Item, key: readonly KeyAttribute[]): string {
  const parts = key.map(({ name, type }) => {
    const value = item[name]![type]!;
    return keyPart(type, type === 'B' ? Buffer.from(value, 'base64') : value);
  });
  return keyOf(parts[0]!, parts[1]);
}
