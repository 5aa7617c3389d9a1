import type { Batch } from '../../domain/batch.ts';
import type { Column } from '../../domain/column.ts';
import type { WriteResult } from '../../domain/write-result.ts';
import type { TokenEncoder, TokenRepository } from '../../ports/token-repository.ts';
import { readBatchReply } from './batch-reply.ts';
import { type BatchWriteOptions, maxBatchBytes, maxBatchTokens } from './batch-write.ts';
import type { Connection } from './connection.ts';
import { handedBackTokens } from './handed-back.ts';
import { compilePutBytes, joinPuts } from './put-bytes.ts';
import { unreadableReply } from './sdk-failure.ts';
import { TableRequests } from './table-requests.ts';

const tail = Buffer.from(']},"ReturnConsumedCapacity":"INDEXES"}');

/** Writes without the SDK in between: the body joined from the tokens' payloads, signed and sent from here. */
export function createDynamoRepository(connection: Connection, options: BatchWriteOptions): TokenRepository {
  return new DynamoRepository(connection, options);
}

class DynamoRepository implements TokenRepository {
  readonly maxBatchTokens = maxBatchTokens;
  readonly maxBatchBytes = maxBatchBytes;
  readonly #options: BatchWriteOptions;
  readonly #head: Buffer;
  readonly #requests: TableRequests;

  constructor(connection: Connection, options: BatchWriteOptions) {
    this.#options = options;
    this.#head = Buffer.from(`{"RequestItems":{${JSON.stringify(options.tableName)}:[`);
    this.#requests = new TableRequests(connection, options.tableName);
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    return compilePutBytes(columns);
  }

  async write(batch: Batch): Promise<WriteResult> {
    const answer = await this.#requests.send('BatchWriteItem', joinPuts(this.#head, batch.tokens, tail));
    if (answer.kind === 'failed') return answer.result;
    const read = readBatchReply(answer.body, this.#options.key, this.#options.indexNames);
    if (read === undefined) return unreadableReply;
    const { handedBackKeys, consumedWriteUnits, consumedIndexUnits } = read;
    const unprocessed = handedBackTokens(batch.tokens, handedBackKeys);
    return { kind: 'accepted', unprocessed, consumedWriteUnits, consumedIndexUnits };
  }

  renewCredentials(): Promise<boolean> {
    return this.#requests.renewCredentials();
  }

  traffic(): { readonly connectionsOpened: number; readonly bytesSent: number } {
    return this.#requests.traffic();
  }

  close(): Promise<void> {
    return this.#requests.close();
  }
}
