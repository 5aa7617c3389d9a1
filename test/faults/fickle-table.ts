import { compilePutBytes, joinPuts } from '../../src/adapters/dynamodb/item/put-bytes.ts';
import type { Column, FieldValue } from '../../src/domain/column.ts';
import type { KeyAttribute } from '../../src/domain/table.ts';
import type { Batch } from '../../src/domain/token.ts';
import type { Failed, WriteResult } from '../../src/domain/write-result.ts';
import {
  type DirectRepository,
  directAttempts,
  type Lease,
  type TokenEncoder,
  type TokenRepository,
} from '../../src/ports/token-repository.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { type Random, randomBelow } from '../support/seeded-random.ts';
import { decimalText, hotTokens, keyOf, type ModelRow, type PlainItem, refusedText } from './random-source.ts';

type Put = { readonly ordinal: number; readonly key: string; readonly item: PlainItem };
export type Fault = 'handed back' | 'throttled' | 'unanswered' | 'late' | 'refused' | 'expired' | 'no lease' | 'hot';

type FickleSetup = {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly key: readonly KeyAttribute[];
  readonly model: readonly ModelRow[];
  /** Longest time after which a write that was sent still takes effect. */
  readonly settleMs: number;
  /** The hot partition has no capacity before this time. */
  readonly hotUntilMs: number;
};

/** A table on the fake clock that fails in every way and checks what it is sent. */
export class FickleTable {
  readonly items = new Map<string, PlainItem>();
  /** Descriptions of what an importer must never do and this one did. */
  readonly violations: string[] = [];
  readonly faults = new Set<Fault>();
  readonly setup: FickleSetup;
  /** Ordinals of the rows that may still be written, by key. */
  readonly #due = new Map<string, number[]>();

  constructor(setup: FickleSetup) {
    this.setup = setup;
  }

  /** Whether a write that was sent may still take effect. */
  get hasDue(): boolean {
    return this.#due.size > 0;
  }

  /** Takes the puts of a batch and answers later with those handed back, or with a failure. */
  attempt(puts: readonly Put[], answer: (result: Failed | { kind: 'accepted'; back: readonly Put[] }) => void): void {
    const { clock, random, settleMs } = this.setup;
    for (const put of puts) this.#check(put);
    const later = (delayMs: number, result: Parameters<typeof answer>[0]) =>
      clock.setTimer(delayMs, () => answer(result));
    const latencyMs = 1 + randomBelow(random, 30);
    const luck = random();
    if (puts.some(({ item }) => item['text']?.startsWith(refusedText))) {
      this.faults.add('refused');
      later(latencyMs, { kind: 'invalid', message: `an item is refused (${puts[0]!.ordinal})` });
    } else if (luck < 0.05) {
      this.faults.add('throttled');
      later(latencyMs, { kind: 'throttled', reason: 'no capacity' });
    } else if (luck < 0.07) {
      later(latencyMs, { kind: 'transient', reason: '500', fateUnknown: random() < 0.5 });
    } else if (luck < 0.12) {
      this.faults.add('unanswered');
      const written = puts.filter(() => random() < 0.7);
      this.#apply(written, randomBelow(random, settleMs - 1));
      later(randomBelow(random, settleMs / 2), { kind: 'transient', reason: 'time-out', fateUnknown: true });
    } else if (luck < 0.125) {
      this.faults.add('expired');
      later(latencyMs, { kind: 'expired', renewable: true, message: 'expired' });
    } else {
      const isFull = luck < 0.3;
      const back = puts.filter((put) => this.#isHot(put) || (isFull && random() < 0.3));
      if (back.length > 0) this.faults.add('handed back');
      this.#apply(without(puts, back), randomBelow(random, latencyMs));
      later(latencyMs, { kind: 'accepted', back });
    }
  }

  #isHot({ item }: Put): boolean {
    const { clock, hotUntilMs } = this.setup;
    if (clock.nowMs() >= hotUntilMs) return false;
    const isHot = hotTokens.some((token) => item['token'] === token || item['token'] === decimalTextOrNone(token));
    if (isHot) this.faults.add('hot');
    return isHot;
  }

  #check({ ordinal, key, item }: Put): void {
    const older = this.#due.get(key)?.filter((other) => other !== ordinal) ?? [];
    if (older.length > 0) this.violations.push(`row ${ordinal} is sent while row ${older[0]} may yet be written`);
    const expected = JSON.stringify(this.setup.model[ordinal]?.item);
    if (JSON.stringify(item) !== expected) this.violations.push(`row ${ordinal} is sent as another item`);
  }

  #apply(puts: readonly Put[], delayMs: number): void {
    for (const { key, ordinal } of puts) this.#due.set(key, [...(this.#due.get(key) ?? []), ordinal]);
    if (delayMs > this.setup.settleMs / 2) this.faults.add('late');
    this.setup.clock.setTimer(delayMs, () => {
      for (const { key, ordinal, item } of puts) {
        this.items.set(key, item);
        const left = this.#due.get(key)!;
        left.splice(left.indexOf(ordinal), 1);
        if (left.length === 0) this.#due.delete(key);
      }
    });
  }
}

/** The table as one importer sees it; `kill` ends that importer in the middle of its work. */
export class FickleRepository implements TokenRepository {
  readonly maxBatchTokens = 25;
  readonly maxBatchBytes = 1_000_000;
  /** Leases that were granted and neither used nor released. */
  readonly leases = new Set<Lease>();
  readonly lease?: () => Lease | Promise<Lease | Failed>;
  protected readonly table: FickleTable;
  /** Keys of batches in flight. */
  readonly #inFlight = new Set<string>();
  #isAlive = true;

  constructor(table: FickleTable, hasLeases: boolean) {
    this.table = table;
    if (hasLeases) this.lease = () => this.#lease();
  }

  kill(): void {
    this.#isAlive = false;
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    return {
      encode: (values) => Object.fromEntries(columns.map(({ name, type }, i) => [name, { [type]: values[i] }])),
      bodyBytes: (payload) => JSON.stringify(payload).length,
    };
  }

  write(batch: Batch, lease?: Lease): Promise<WriteResult> {
    const items = batch.tokens.map(({ payload }) => payload as TypedItem);
    return new Promise((resolve) => this.send(batch, items, lease, resolve));
  }

  async renewCredentials(): Promise<boolean> {
    await this.table.setup.clock.sleep(20);
    return this.table.setup.random() < 0.5;
  }

  traffic() {
    return { connectionsOpened: 0, bytesSent: 0 };
  }

  async close(): Promise<void> {}

  protected send(
    batch: Batch,
    items: readonly TypedItem[],
    lease: Lease | undefined,
    done: (result: WriteResult) => void,
  ): void {
    if (!this.#isAlive) return;
    if (lease !== undefined && !this.leases.delete(lease)) this.table.violations.push('a lease served two attempts');
    const puts = batch.tokens.map(({ row }, i) => {
      const item = plainItemOf(items[i]!);
      return { ordinal: row.ordinal, key: keyOf(item, this.table.setup.key), item };
    });
    for (const { key, ordinal } of puts) {
      if (this.#inFlight.has(key)) this.table.violations.push(`the key of row ${ordinal} is in two batches in flight`);
      this.#inFlight.add(key);
    }
    this.table.attempt(puts, (result) => {
      for (const { key } of puts) this.#inFlight.delete(key);
      if (!this.#isAlive) return;
      if (result.kind !== 'accepted') return done(result);
      const back = new Set(result.back.map(({ ordinal }) => ordinal));
      const unprocessed = batch.tokens.filter(({ row }) => back.has(row.ordinal));
      done({ kind: 'accepted', unprocessed, consumedWriteUnits: undefined });
    });
  }

  #lease(): Lease | Promise<Lease | Failed> {
    const { clock, random } = this.table.setup;
    const lapsesAtMs = clock.nowMs() + (random() < 0.05 ? 5 : Number.POSITIVE_INFINITY);
    const give = (): Lease => {
      const lease: Lease = {
        kind: 'lease',
        get holds() {
          return clock.nowMs() < lapsesAtMs;
        },
        release: () => {
          if (!this.leases.delete(lease)) this.table.violations.push('a lease was released twice');
        },
      };
      this.leases.add(lease);
      return lease;
    };
    const luck = random();
    if (luck < 0.7) return give();
    const waited = clock.sleep(randomBelow(random, 20));
    if (luck < 0.95) return waited.then(give);
    this.table.faults.add('no lease');
    return waited.then(() => ({ kind: 'transient', reason: 'connection refused', fateUnknown: false }));
  }
}

/** The same repository without promises; payloads are bytes in blocks, like those for DynamoDB. */
export class DirectFickleRepository extends FickleRepository implements DirectRepository {
  readonly [directAttempts] = true;
  declare readonly lease: () => Lease | Promise<Lease | Failed>;

  constructor(table: FickleTable) {
    super(table, true);
  }

  override encoder(columns: readonly Column[]): TokenEncoder {
    return compilePutBytes(columns);
  }

  override write(batch: Batch, lease: Lease): Promise<WriteResult> {
    return new Promise((resolve) => this.start(batch, lease, resolve));
  }

  start(batch: Batch, lease: Lease, done: (result: WriteResult) => void): void {
    const body = joinPuts(Buffer.from('['), batch.tokens, Buffer.from(']'));
    const puts: { PutRequest: { Item: TypedItem } }[] = JSON.parse(body.toString());
    const items = puts.map(({ PutRequest }) => PutRequest.Item);
    this.send(batch, items, lease, done);
  }
}

type TypedItem = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

function plainItemOf(item: TypedItem): PlainItem {
  const plain: Record<string, string> = {};
  for (const [name, typed] of Object.entries(item)) {
    const [type, value] = Object.entries(typed)[0]!;
    if (value !== undefined) plain[name] = type === 'N' ? decimalText(value as string) : (value as string);
  }
  return plain;
}

function decimalTextOrNone(text: string): string | undefined {
  return /^\d+$/.test(text) ? decimalText(text) : undefined;
}

function without(puts: readonly Put[], left: readonly Put[]): Put[] {
  return puts.filter((put) => !left.includes(put));
}
