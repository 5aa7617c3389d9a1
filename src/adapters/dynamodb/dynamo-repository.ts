import type { Batch } from '../../domain/batch.ts';
import type { Column } from '../../domain/column.ts';
import type { WriteResult } from '../../domain/write-result.ts';
import type { TokenEncoder, TokenRepository } from '../../ports/token-repository.ts';
import { readBatchReply } from './batch-reply.ts';
import { type BatchWriteOptions, maxBatchBytes, maxBatchTokens } from './batch-write.ts';
import type { Connection } from './connection.ts';
import { handedBackTokens } from './handed-back.ts';
import { compileItemText } from './item-text.ts';
import { unreadableReply } from './sdk-failure.ts';
import { TableRequests } from './table-requests.ts';

/** Writes without the SDK in between: the body joined from the tokens' payloads, signed and sent from here. */
export function createDynamoRepository(connection: Connection, options: BatchWriteOptions): TokenRepository {
  return new DynamoRepository(connection, options);
}

class DynamoRepository implements TokenRepository {
  readonly maxBatchTokens = maxBatchTokens;
  readonly maxBatchBytes = maxBatchBytes;
  readonly #options: BatchWriteOptions;
  readonly #bodyHead: string;
  readonly #requests: TableRequests;

  constructor(connection: Connection, options: BatchWriteOptions) {
    this.#options = options;
    this.#bodyHead = `{"RequestItems":{${JSON.stringify(options.tableName)}:[`;
    this.#requests = new TableRequests(connection, options.tableName);
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    return compileItemText(columns);
  }

  async write(batch: Batch): Promise<WriteResult> {
    const answer = await this.#requests.send('BatchWriteItem', this.#body(batch));
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

  #body(batch: Batch): Buffer {
    let body = this.#bodyHead;
    let separator = '';
    for (const token of batch.tokens) {
      body += separator + token.payload;
      separator = ',';
    }
    // As bytes once, where signing and sending would each do it.
    return Buffer.from(`${body}]},"ReturnConsumedCapacity":"INDEXES"}`);
  }
}
