import type { Column, FieldValue } from '../../domain/column.ts';
import type { IfExists } from '../../domain/write-result.ts';
import type { TokenEncoder } from '../../ports/token-repository.ts';
import { type AttributeValue, attributeOf, compileItemText, type Item } from './item/item-text.ts';

/** Items are put, or deleted, on a condition; `newer` names the attribute to compare by. */
export type PutCondition = Exclude<IfExists, { readonly kind: 'replace' }>;

/** A row as the text of its item. */
export type ItemPayload = { readonly item: string; readonly bodyBytes: number };

/** Besides the item: names, condition, what to return. */
const expressionBytes = 250;

/** Equality with more attributes would exceed the limits of an expression. The first ones show a change too. */
const mostCompared = 100;

/** Encodes rows one by one. */
export function compileItemPayload(columns: readonly Column[]): TokenEncoder {
  const text = compileItemText(columns, ['{', '}']);
  const encode = (values: readonly FieldValue[]): ItemPayload => {
    const item = text.encode(values) as string;
    return { item, bodyBytes: text.bodyBytes(item) + expressionBytes };
  };
  return {
    encode,
    encodeDelete: encode,
    bodyBytes: (payload) => (payload as ItemPayload).bodyBytes,
  };
}

export type PutAsked = {
  readonly condition: PutCondition;
  readonly partitionKey: string;
  readonly ours: Item | undefined;
  /** What is to be told: `INDEXES`. */
  readonly consumption: string;
};

/** The body of a PutItem that succeeds if the condition holds. `ours`: if the table still has this item. */
export function conditionalPut(
  tableName: string,
  item: string,
  { condition, partitionKey, ours, consumption }: PutAsked,
): Buffer {
  const rest = JSON.stringify(
    restOf(
      ours === undefined ? expressionOf(condition, partitionKey, JSON.parse(item) as Item) : unchanged(ours),
      consumption,
    ),
  );
  return Buffer.from(`{"TableName":${JSON.stringify(tableName)},"Item":${item},${rest.slice(1)}`);
}

/** The body of a DeleteItem on the same condition. `item` has the key, and the attribute to compare by. */
export function conditionalDelete(
  TableName: string,
  item: Item,
  Key: Item,
  { condition, partitionKey, ours, consumption }: PutAsked,
): Buffer {
  const expression = ours === undefined ? expressionOf(condition, partitionKey, item) : unchanged(ours);
  return Buffer.from(JSON.stringify({ TableName, Key, ...restOf(expression, consumption) }));
}

function restOf(expression: Expression, consumption: string) {
  return {
    ...expression,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ReturnConsumedCapacity: consumption,
  };
}

type Expression = {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>;
};

function expressionOf(condition: PutCondition, partitionKey: string, item: Item): Expression {
  const name = condition.kind === 'keep' ? partitionKey : condition.column;
  const names = { ExpressionAttributeNames: { '#a': name } };
  // A row without a value is newer than nothing but the lack of one.
  const value = condition.kind === 'keep' ? undefined : attributeOf(item, name);
  if (value === undefined) return { ConditionExpression: 'attribute_not_exists(#a)', ...names };
  return {
    ConditionExpression: 'attribute_not_exists(#a) OR #a < :v',
    ...names,
    ExpressionAttributeValues: { ':v': value },
  };
}

/** So that what another writer made of the item meanwhile is not lost. */
function unchanged(item: Item): Expression {
  const attributes = Object.entries(item).slice(0, mostCompared);
  return {
    ConditionExpression: attributes.map((_, index) => `#a${index} = :v${index}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], index) => [`#a${index}`, name])),
    ExpressionAttributeValues: Object.fromEntries(attributes.map(([, value], index) => [`:v${index}`, value])),
  };
}
