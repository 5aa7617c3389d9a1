import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type BatchWriteCommandOutput,
  DynamoDBDocumentClient,
  NumberValue,
} from '@aws-sdk/lib-dynamodb';
import { type Column, type FieldValue, JsonNumber, type JsonValue, ValueSet } from '../../domain/column.ts';
import type { KeyAttribute } from '../../domain/table.ts';
import { type Batch, keyOf, keyPart } from '../../domain/token.ts';
import type { Accepted, Failed, WriteResult } from '../../domain/write-result.ts';
import type { Lease, TokenEncoder, TokenRepository } from '../../ports/token-repository.ts';
import { sdkConfig } from '../aws/credentials.ts';
import { compressedReply, compressionOf, type SdkRequest } from '../aws/request-handler.ts';
import {
  type BatchWriteOptions,
  ConsumptionAsked,
  consumedUnitsOfBatch,
  handedBackTokens,
  maxBatchBytes,
  maxBatchTokens,
  readBatchReply,
} from './batch-write.ts';
import type { Connection } from './connection.ts';
import { compileItemText } from './item/item-text.ts';
import { unreadableReply, writeResultOfSdkError } from './sdk-failure.ts';
import { failureContext } from './service-failure.ts';
import { failureOfUnanswered, type RequestLease, TableRequests } from './wire/table-requests.ts';
import type { Reply } from './wire/transport.ts';

/** Writes through the AWS SDK's own BatchWriteItem: the reference for the fast path, and the way out. */
export function createSdkRepository(connection: Connection, options: BatchWriteOptions): TokenRepository {
  const { tableName } = options;
  const { credentials } = connection;
  const requests = new TableRequests(connection, tableName);
  const asked = new ConsumptionAsked();
  const client = new DynamoDBClient({
    ...sdkConfig(connection.options, () => credentials),
    maxAttempts: 1,
    requestHandler: createLeasedHandler(),
  });
  const documents = DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } });

  const isReadable = (body: string) => readBatchReply(body, options.key) !== undefined;

  async function write(batch: Batch, given?: Lease): Promise<WriteResult> {
    const lease = (given as RequestLease | undefined) ?? (await requests.lease());
    if (lease.kind !== 'lease') return lease;
    const used = lease.credentials;
    const { level } = asked;
    try {
      const sent = documents.send(batchWrite(tableName, batch, level), { lease, isReadable } as object);
      const result = accepted(await sent, batch, options);
      return asked.tellsOf(options.indexNames ?? []) ? result : { ...result, consumedWriteUnits: undefined };
    } catch (error) {
      if (error instanceof NoReply) return error.result;
      const { name: type, message: body } = error as Error;
      const result = writeResultOfSdkError(error, failureContext(connection, tableName, 'DynamoDB'));
      const refused = asked.refusedAt(level, { kind: 'failed', result, type, body });
      if (refused !== undefined) return refused;
      if (result.kind === 'expired') credentials.refuse(used);
      return result;
    }
  }

  return {
    maxBatchTokens,
    maxBatchBytes,
    encoder: compileNativeItem,
    lease: () => requests.lease(),
    write,
    renewCredentials: () => requests.renewCredentials(),
    traffic: () => requests.traffic(),
    async close() {
      client.destroy();
      await requests.close();
    },
  };
}

function batchWrite(tableName: string, batch: Batch, level: ConsumptionAsked['level']): BatchWriteCommand {
  const requests = batch.tokens.map(({ payload, deletes }) => {
    const { values } = payload as NativeItem;
    return deletes === true ? { DeleteRequest: { Key: values } } : { PutRequest: { Item: values } };
  });
  return new BatchWriteCommand({
    RequestItems: { [tableName]: requests },
    ReturnConsumedCapacity: level,
  });
}

function accepted(output: BatchWriteCommandOutput, batch: Batch, options: BatchWriteOptions): Accepted {
  const handedBack = Object.values(output.UnprocessedItems ?? {}).flat();
  const keys = handedBack.map(({ PutRequest, DeleteRequest }) =>
    keyOfItem(DeleteRequest?.Key ?? PutRequest?.Item, options.key),
  );
  return {
    kind: 'accepted',
    unprocessed: handedBackTokens(batch.tokens, keys),
    ...consumedUnitsOfBatch(output.ConsumedCapacity, options.indexNames ?? []),
  };
}

function keyOfItem(item: Record<string, unknown> | undefined, key: readonly KeyAttribute[]): string | undefined {
  const parts: string[] = [];
  for (const { name, type } of key) {
    const value = item?.[name];
    if (value === undefined) return undefined;
    parts.push(keyPart(type, type === 'B' ? (value as Uint8Array) : String(value)));
  }
  return keyOf(parts[0]!, parts[1]);
}

/** A request of the SDK got no reply that it could read. */
class NoReply extends Error {
  readonly result: Failed;

  constructor(result: Failed) {
    super('no reply');
    this.result = result;
  }
}

type SendOptions = { readonly lease: RequestLease; readonly isReadable: (body: string) => boolean };

/** What the SDK reads of a reply, except its body. */
const headerNames = ['content-type', 'date', 'x-amzn-errortype', 'x-amzn-requestid'];

/**
 * Sends each request of an SDK client over the connection of the lease that `send` was given as an option, so that it
 * waits for none. Rejects with NoReply.
 */
function createLeasedHandler(): NonNullable<DynamoDBClientConfig['requestHandler']> {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, { lease, isReadable }: Partial<SendOptions> = {}) {
      const { target, connection } = lease!;
      const headers = Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'content-length');
      const body = bytesOf(request.body ?? '');
      const { origin } = target;
      const asked = { origin, path: request.path, headers: headers.flat(), body };
      const reply = await new Promise<Reply>((resolve) => connection.start(asked, resolve));
      if (reply.kind === 'unanswered') throw new NoReply(failureOfUnanswered(reply));
      const compression = compressionOf(reply.header('content-encoding'));
      if (compression !== undefined) throw new NoReply(compressedReply(compression));
      // The SDK takes what is missing and what is null for the same, and null for an item.
      if (reply.status === 200 && !isReadable!(reply.body)) throw new NoReply(unreadableReply);
      const read = headerNames.map((name) => [name, reply.header(name)] as const);
      const found = Object.fromEntries(read.filter(([, value]) => value !== undefined));
      return { response: { statusCode: reply.status, headers: found, body: Buffer.from(reply.body) } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function bytesOf(body: Uint8Array | string): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  // Another view of the same bytes: the SDK warns of whoever converts its own.
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** An item in the values that lib-dynamodb marshals. */
type NativeItem = { readonly values: Readonly<Record<string, unknown>>; readonly bodyBytes: number };

function compileNativeItem(columns: readonly Column[]): TokenEncoder {
  // The size in a request body is that of the text the other repository sends.
  const text = compileItemText(columns);
  const encode = (values: readonly FieldValue[]): NativeItem => {
    const native: Record<string, unknown> = {};
    columns.forEach((column, index) => {
      const value = values[index];
      if (value !== undefined) native[column.name] = nativeValue(value, column);
    });
    return { values: native, bodyBytes: text.bodyBytes(text.encode(values)) };
  };
  return {
    encode: (values) => encode(values),
    encodeDelete: encode,
    bodyBytes: (payload) => (payload as NativeItem).bodyBytes,
  };
}

function nativeValue(value: Exclude<FieldValue, undefined>, column: Column): unknown {
  const isNumber = column.type === 'N' || column.type === 'EPOCH';
  return isNumber && value !== null ? NumberValue.from(value as string) : nativeJson(value);
}

function nativeJson(value: Uint8Array | JsonValue | ValueSet): unknown {
  if (value instanceof ValueSet) {
    const { type, members } = value;
    return new Set<unknown>(type === 'SS' ? members : members.map((member) => NumberValue.from(member)));
  }
  if (value instanceof JsonNumber) return NumberValue.from(value.text);
  if (value instanceof Map) return new Map(Array.from(value, ([name, member]) => [name, nativeJson(member)]));
  if (Array.isArray(value)) return value.map(nativeJson);
  return value;
}
