import type { Batch } from '../../domain/batch.ts';
import type { Column } from '../../domain/column.ts';
import type { Failed, WriteResult } from '../../domain/write-result.ts';
import type { Lease } from '../../ports/lease.ts';
import type { TokenEncoder, TokenRepository, TrafficTotals } from '../../ports/token-repository.ts';
import { readBatchReply } from './batch-reply.ts';
import { type BatchWriteOptions, maxBatchBytes, maxBatchTokens } from './batch-write.ts';
import type { Connection } from './connection.ts';
import { ConsumptionAsked } from './consumption-asked.ts';
import { handedBackTokens } from './handed-back.ts';
import { compilePutBytes, joinPuts } from './put-bytes.ts';
import { unreadableReply } from './sdk-failure.ts';
import { TableRequests } from './table-requests.ts';

const tails = {
  INDEXES: Buffer.from(']},"ReturnConsumedCapacity":"INDEXES"}'),
  TOTAL: Buffer.from(']},"ReturnConsumedCapacity":"TOTAL"}'),
  NONE: Buffer.from(']},"ReturnConsumedCapacity":"NONE"}'),
};

/** Of a body's memory. */
const usualBytes = 16 * 1024;
const longestKeptBytes = 64 * 1024;

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
  readonly #asked = new ConsumptionAsked();
  /** Bodies that were answered, whose memory is used again; it would be the most that is allocated outside the heap. */
  readonly #spare: Buffer[] = [];

  constructor(connection: Connection, options: BatchWriteOptions) {
    this.#options = options;
    this.#head = Buffer.from(`{"RequestItems":{${JSON.stringify(options.tableName)}:[`);
    this.#requests = new TableRequests(connection, options.tableName);
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    return compilePutBytes(columns);
  }

  lease(): Lease | Promise<Lease | Failed> {
    return this.#requests.lease();
  }

  async write(batch: Batch, lease?: Lease): Promise<WriteResult> {
    const { level } = this.#asked;
    const body = joinPuts(this.#head, batch.tokens, tails[level], this.#allocate);
    const answer = await this.#requests.send('BatchWriteItem', body, lease);
    if (answer.kind === 'failed') return this.#asked.refusedAt(level, answer) ?? answer.result;
    if (body.buffer.byteLength <= longestKeptBytes) this.#spare.push(body);
    const read = readBatchReply(answer.body, this.#options.key, this.#options.indexNames);
    if (read === undefined) return unreadableReply;
    const { handedBackKeys, consumedWriteUnits, consumedIndexUnits } = read;
    const unprocessed = handedBackTokens(batch.tokens, handedBackKeys);
    if (!this.#asked.tellsOf(this.#options.indexNames ?? [])) {
      return { kind: 'accepted', unprocessed, consumedWriteUnits: undefined };
    }
    return { kind: 'accepted', unprocessed, consumedWriteUnits, consumedIndexUnits };
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

  readonly #allocate = (byteLength: number): Buffer => {
    const spare = this.#spare.pop()?.buffer;
    const isLargeEnough = spare !== undefined && spare.byteLength >= byteLength;
    const memory = isLargeEnough ? spare : Buffer.allocUnsafeSlow(Math.max(byteLength, usualBytes)).buffer;
    return Buffer.from(memory, 0, byteLength);
  };
}
