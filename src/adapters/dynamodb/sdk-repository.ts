import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, type BatchWriteCommandOutput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { keyOf, keyPart } from '../../domain/key.ts';
import type { KeyAttribute } from '../../domain/table.ts';
import type { Batch } from '../../domain/token.ts';
import type { Accepted, WriteResult } from '../../domain/write-result.ts';
import type { Lease, TokenRepository } from '../../ports/token-repository.ts';
import { readBatchReply } from './batch-reply.ts';
import { type BatchWriteOptions, maxBatchBytes, maxBatchTokens } from './batch-write.ts';
import { type Connection, sdkConfig } from './connection.ts';
import { consumedUnitsOfBatch } from './consumed-write-units.ts';
import { ConsumptionAsked } from './consumption-asked.ts';
import { handedBackTokens } from './handed-back.ts';
import { compileNativeItem, type NativeItem } from './item/native-item.ts';
import { createLeasedHandler, NoReply } from './leased-handler.ts';
import { writeResultOfSdkError } from './sdk-failure.ts';
import { failureContext } from './service-failure.ts';
import type { RequestLease } from './wire/request-lease.ts';
import { TableRequests } from './wire/table-requests.ts';

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
  const puts = batch.tokens.map((token) => ({ PutRequest: { Item: (token.payload as NativeItem).values } }));
  return new BatchWriteCommand({
    RequestItems: { [tableName]: puts },
    ReturnConsumedCapacity: level,
  });
}

function accepted(output: BatchWriteCommandOutput, batch: Batch, options: BatchWriteOptions): Accepted {
  const handedBack = Object.values(output.UnprocessedItems ?? {}).flat();
  const keys = handedBack.map(({ PutRequest }) => keyOfItem(PutRequest?.Item, options.key));
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
