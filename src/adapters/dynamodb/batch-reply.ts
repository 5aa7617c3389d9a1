import { keyOf, keyPart } from '../../domain/key.ts';
import type { KeyAttribute } from '../../domain/table.ts';
import type { Item } from './attribute-value.ts';
import { type ConsumedUnits, consumedUnits } from './consumed-write-units.ts';
import { parseObject } from './parse-object.ts';
import type { ServiceFailure } from './service-failure.ts';
import { throttleCauses, throttlingReasonTexts } from './throttling-reasons.ts';

/** Keys are undefined where they can't be read. */
type BatchReply = ConsumedUnits & { readonly handedBackKeys: readonly (string | undefined)[] };

const nothingHandedBack: readonly string[] = [];

/** Reads the reply of a BatchWriteItem that succeeded; undefined where it is none. */
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
  if (Number.isNaN(units)) return;
  return { handedBackKeys: nothingHandedBack, consumedWriteUnits: units };
}

type ReplyShape = {
  readonly UnprocessedItems?: Readonly<Record<string, readonly HandedBack[]>>;
  readonly ConsumedCapacity?: Parameters<typeof consumedUnits>[0];
};
type HandedBack = { readonly PutRequest?: { readonly Item?: Item } };

function readAnyReply(
  body: string,
  key: readonly KeyAttribute[],
  indexNames: readonly string[],
): BatchReply | undefined {
  const reply = parseObject(body) as ReplyShape | undefined;
  if (reply?.UnprocessedItems === undefined) return undefined;
  const handedBack = Object.values(reply.UnprocessedItems).flat();
  return {
    handedBackKeys: handedBack.map(({ PutRequest }) => keyOfItem(PutRequest?.Item, key)),
    ...consumedUnits(reply.ConsumedCapacity, indexNames),
  };
}

function keyOfItem(item: Item | undefined, key: readonly KeyAttribute[]): string | undefined {
  const parts: string[] = [];
  for (const { name, type } of key) {
    const value = item?.[name]?.[type];
    if (value === undefined) return undefined;
    parts.push(keyPart(type, type === 'B' ? Buffer.from(value, 'base64') : value));
  }
  return keyOf(parts[0]!, parts[1]);
}

/** Reads a reply that is no success. */
export function readFailure(status: number, body: string, errorTypeHeader: unknown): ServiceFailure {
  const reply = parseObject(body) as Record<string, unknown> | undefined;
  const type = reply?.['__type'] ?? errorTypeHeader;
  const message = reply?.['message'] ?? reply?.['Message'];
  return {
    status,
    type: typeof type === 'string' ? bareType(type) : undefined,
    message: typeof message === 'string' ? message : '',
    throttlingReasons: throttlingReasonTexts(reply?.['ThrottlingReasons'] ?? reply?.['throttlingReasons']),
    throttleCauses: throttleCauses(reply?.['ThrottlingReasons'] ?? reply?.['throttlingReasons']),
  };
}

/** `com.amazonaws.dynamodb.v20120810#ValidationException` or `ValidationException:http://…` → `ValidationException` */
function bareType(type: string): string | undefined {
  return /^(?:[^#]*#)?(\w+)/.exec(type)?.[1];
}
