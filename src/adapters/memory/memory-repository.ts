import type { Column, ColumnType, FieldValue } from '../../domain/column.ts';
import { compareNumbers } from '../../domain/number.ts';
import type { Batch, Token } from '../../domain/token.ts';
import type { IfExists, WriteResult } from '../../domain/write-result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Lease, TokenEncoder, TokenRepository, TrafficTotals } from '../../ports/token-repository.ts';

type MemoryOptions = {
  readonly clock: Clock;
  /** Time that every write takes. */
  readonly latencyMs: number;
  /** Modelled capacity; above it requests are throttled and items handed back. Undefined: unlimited. */
  readonly writeUnitsPerSecond?: number | undefined;
  readonly ifExists?: IfExists;
  /** Items that are there before the first write, by key; only with `retain`. */
  readonly existing?: ReadonlyMap<string, RetainedItem>;
  /** Keeps the items; otherwise they are forgotten, so that a rehearsal needs no memory. */
  readonly retain: boolean;
};

/** Memory never has to be waited for. */
const lease: Lease = { kind: 'lease', holds: true, release: () => {} };

/** A stand-in for a table, for rehearsals and tests. */
export class MemoryTokenRepository implements TokenRepository {
  /** As against DynamoDB, where a put on a condition is a request of its own. */
  readonly maxBatchTokens: number;
  readonly maxBatchBytes = 15 * 1024 * 1024;
  readonly #options: MemoryOptions;
  readonly #retained: RetainedItems;
  #units: number;
  #atMs: number;

  constructor(options: MemoryOptions) {
    this.#options = options;
    const ifExists = options.ifExists ?? { kind: 'replace' };
    this.maxBatchTokens = ifExists.kind === 'replace' ? 25 : 1;
    this.#retained = new RetainedItems(ifExists, options.existing);
    this.#units = options.writeUnitsPerSecond ?? 0;
    this.#atMs = options.clock.nowMs();
  }

  /** What was written, by key; empty without `retain`. */
  get items(): ReadonlyMap<string, RetainedItem> {
    return this.#retained.items;
  }

  encoder(columns: readonly Column[]): TokenEncoder {
    const names = columns.map((column) => column.name);
    this.#retained.setColumns(columns);
    if (this.#options.retain) return retainingEncoder(names);
    // Only the size is kept of a row that will not be read back.
    const encode = (values: readonly FieldValue[]) => bytesOf(names, values);
    return { encode, encodeDelete: encode, bodyBytes: (payload) => payload as number };
  }

  lease(): Lease {
    return lease;
  }

  async write(batch: Batch): Promise<WriteResult> {
    const { clock, latencyMs, retain } = this.#options;
    if (latencyMs > 0) await clock.sleep(latencyMs);
    const taken = await this.#tokensThatFit(batch);
    if (taken === 0) return { kind: 'throttled', reason: '--memory-wcu is used up' };
    let consumedWriteUnits = 0;
    const kept: Token[] = [];
    for (let i = 0; i < taken; i++) {
      const token = batch.tokens[i]!;
      consumedWriteUnits += token.writeUnits;
      if (retain && !this.#retained.write(token)) kept.push(token);
    }
    const unprocessed = taken === batch.tokens.length ? [] : batch.tokens.slice(taken);
    return { kind: 'accepted', unprocessed, consumedWriteUnits, ...(kept.length > 0 && { kept }) };
  }

  traffic(): TrafficTotals {
    return { connectionsOpened: 0, bytesSent: 0 };
  }

  async close(): Promise<void> {}

  async #tokensThatFit(batch: Batch): Promise<number> {
    const { clock, writeUnitsPerSecond } = this.#options;
    if (writeUnitsPerSecond === undefined) return batch.tokens.length;
    // Without latency a refusal would come back in the same turn, for ever.
    if (this.#options.latencyMs === 0) await clock.sleep(1);
    const nowMs = clock.nowMs();
    const accrued = ((nowMs - this.#atMs) / 1000) * writeUnitsPerSecond;
    this.#units = Math.min(writeUnitsPerSecond, this.#units + accrued);
    this.#atMs = nowMs;
    let taken = 0;
    for (const token of batch.tokens) {
      // An item larger than a second's units could never fit; it goes when the second is full.
      if (this.#units < Math.min(token.writeUnits, writeUnitsPerSecond)) break;
      this.#units -= token.writeUnits;
      taken++;
    }
    return taken;
  }
}

type RetainedPayload = { readonly item: RetainedItem; readonly bytes: number };

function retainingEncoder(names: readonly string[]): TokenEncoder {
  const encode = (values: readonly FieldValue[]): RetainedPayload => {
    const item = new Map<string, FieldValue>();
    names.forEach((name, i) => {
      const value = values[i];
      if (value !== undefined) item.set(name, value);
    });
    return { item, bytes: bytesOf(names, values) };
  };
  return {
    encode: (values) => encode(values),
    encodeDelete: encode,
    bodyBytes: (payload) => (payload as RetainedPayload).bytes,
  };
}

function bytesOf(names: readonly string[], values: readonly FieldValue[]): number {
  let bytes = 0;
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    if (value === undefined) continue;
    const size = typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
    bytes += names[i]!.length + size;
  }
  return bytes;
}

type RetainedItem = ReadonlyMap<string, FieldValue>;

/** What a table in memory holds, with the rules of `--if-exists`. Items of the source never stand in each other's way. */
class RetainedItems {
  readonly #ifExists: IfExists;
  readonly #items: Map<string, RetainedItem>;
  /** Keys of items that were there before the first row. */
  readonly #before: Set<string>;
  #comparedType: ColumnType = 'S';

  constructor(ifExists: IfExists, before: ReadonlyMap<string, RetainedItem> = new Map()) {
    this.#ifExists = ifExists;
    this.#items = new Map(before);
    this.#before = new Set(before.keys());
  }

  get items(): ReadonlyMap<string, RetainedItem> {
    return this.#items;
  }

  /** The types of the values to come. */
  setColumns(columns: readonly Column[]): void {
    const ifExists = this.#ifExists;
    if (ifExists.kind !== 'newer') return;
    this.#comparedType = columns.find(({ name }) => name === ifExists.column)?.type ?? 'S';
  }

  /** Puts or deletes. False if the existing item stays. */
  write({ key, payload, deletes }: Token): boolean {
    const { item } = payload as RetainedPayload;
    const found = this.#items.get(key);
    if (found !== undefined && !this.#mayReplace(found, item, this.#before.has(key))) return false;
    if (deletes === true) this.#items.delete(key);
    else this.#items.set(key, item);
    this.#before.delete(key);
    return true;
  }

  #mayReplace(found: RetainedItem, item: RetainedItem, wasBefore: boolean): boolean {
    const ifExists = this.#ifExists;
    if (ifExists.kind === 'replace') return true;
    if (ifExists.kind === 'keep') return !wasBefore;
    const [old, value] = [found.get(ifExists.column), item.get(ifExists.column)];
    if (old === undefined) return true;
    if (value === undefined) return false;
    const order = compare(this.#comparedType, value as string | Uint8Array, old as string | Uint8Array);
    return order > 0 || (order === 0 && !wasBefore);
  }
}

/** As DynamoDB orders values: numbers by value, text and binary by their bytes. */
function compare(type: ColumnType, a: string | Uint8Array, b: string | Uint8Array): number {
  if (type === 'N' || type === 'EPOCH') return compareNumbers(a as string, b as string);
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
}
