import type { Column } from '../../domain/column.ts';
import type { Batch } from '../../domain/token.ts';
import type { Failed, WriteResult } from '../../domain/write-result.ts';
import {
  type DirectRepository,
  directAttempts,
  type Lease,
  type TokenEncoder,
  type TokenRepository,
  type TrafficTotals,
} from '../../ports/token-repository.ts';
import {
  type BatchWriteOptions,
  ConsumptionAsked,
  handedBackTokens,
  maxBatchBytes,
  maxBatchTokens,
  readBatchReply,
} from './batch-write.ts';
import type { Connection } from './connection.ts';
import { compilePutBytes, joinPuts } from './item/put-bytes.ts';
import { unreadableReply } from './sdk-failure.ts';
import { type RequestLease, TableRequests } from './wire/table-requests.ts';

const tails = {
  INDEXES: Buffer.from(']},"ReturnConsumedCapacity":"INDEXES"}'),
  TOTAL: Buffer.from(']},"ReturnConsumedCapacity":"TOTAL"}'),
  NONE: Buffer.from(']},"ReturnConsumedCapacity":"NONE"}'),
};

/** Writes without the SDK in between: the body joined from the tokens' payloads, signed and sent from here. */
export function createDynamoRepository(connection: Connection, options: BatchWriteOptions): TokenRepository {
  return new DynamoRepository(connection, options);
}

class DynamoRepository implements DirectRepository {
  readonly [directAttempts] = true;
  readonly maxBatchTokens = maxBatchTokens;
  readonly maxBatchBytes = maxBatchBytes;
  readonly #options: BatchWriteOptions;
  readonly #head: Buffer;
  readonly #requests: TableRequests;
  readonly #asked = new ConsumptionAsked();

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

  async write(batch: Batch, given?: Lease): Promise<WriteResult> {
    const lease = given ?? (await this.#requests.lease());
    if (lease.kind !== 'lease') return lease;
    return new Promise((resolve) => this.start(batch, lease, resolve));
  }

  start(batch: Batch, lease: Lease, done: (result: WriteResult) => void): void {
    const { level } = this.#asked;
    const { connection } = lease as RequestLease;
    const body = joinPuts(this.#head, batch.tokens, tails[level], (byteLength) => connection.body(byteLength));
    this.#requests.start('BatchWriteItem', body, lease as RequestLease, (answer) => {
      if (answer.kind === 'answered') done(this.#resultOf(batch, answer.body));
      else done(this.#asked.refusedAt(level, answer) ?? answer.result);
    });
  }

  #resultOf(batch: Batch, body: string): WriteResult {
    const read = readBatchReply(body, this.#options.key, this.#options.indexNames);
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
}
