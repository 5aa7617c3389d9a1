import type { KeyType } from './column.ts';
import { canonicalNumber } from './number.ts';
import type { Row, Slab } from './row.ts';

/** A mapped row that is ready to be written. */
export type Token = {
  /** Canonical text of the primary key, as `keyOf` makes it. */
  readonly key: string;
  /** `hashOfText` of the key, if it was computed. */
  readonly keyHash?: number | undefined;
  /** The item with this key is deleted; otherwise the row is put. */
  readonly deletes?: boolean | undefined;
  /**
   * Estimated write units of one put to the table: its size rounded up to 1 KB, and that of local indexes. A delete is
   * estimated at 1 for the table and for each index, because the size of the item is not known.
   */
  readonly writeUnits: number;
  /** The same for each global index of the table, in their order; 0 if the item lacks the index's key. */
  readonly indexUnits?: readonly number[] | undefined;
  /** Bytes of the payload in a request body. */
  readonly bodyBytes: number;
  /** Its position in the source, with the original bytes. */
  readonly row: Row;
  /** What the repository's encoder made of the row; opaque to everything else. */
  readonly payload: unknown;
  /** The memory of the payload, if it shares that with others. */
  readonly slab?: Slab | undefined;
};

/** Tokens written together, with distinct keys. */
export type Batch = {
  readonly tokens: readonly Token[];
  readonly writeUnits: number;
  /** Units of each global index, if the table has any. */
  readonly indexUnits?: readonly number[];
};

export function batchOf(tokens: readonly Token[]): Batch {
  let writeUnits = 0;
  for (const token of tokens) writeUnits += token.writeUnits;
  const indexUnits = sumIndexUnits(tokens);
  return indexUnits === undefined ? { tokens, writeUnits } : { tokens, writeUnits, indexUnits };
}

function sumIndexUnits(tokens: readonly Token[]): number[] | undefined {
  if (tokens[0]?.indexUnits === undefined) return undefined;
  const sum = tokens[0].indexUnits.map(() => 0);
  for (const { indexUnits } of tokens) addIndexUnits(sum, indexUnits!);
  return sum;
}

export function addIndexUnits(sum: number[], units: readonly number[]): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += units[i]!;
}

/** A value of a key attribute: text for S and N, bytes for B. */
export type KeyValue = string | Uint8Array;

/**
 * The key of a token, from the parts of its partition key and of its sort key if the table has one. Within one table, in
 * which all keys have the same types, texts are equal exactly if the keys are.
 */
export function keyOf(partition: string, sort?: string): string {
  // The length makes the text of each pair unique.
  return sort === undefined ? partition : `${partition.length}:${partition}${sort}`;
}

/** A copy of a text that may be a slice of a larger one, which would stay in memory as long as the slice does. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}

/** 32-bit hash of a key. */
export function hashOfText(text: string): number {
  let hash = text.length;
  let at = 0;
  for (; at + 4 <= text.length; at += 4) {
    const high = (text.charCodeAt(at) << 24) | (text.charCodeAt(at + 1) << 16);
    hash = mix(hash, high | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3));
  }
  for (; at < text.length; at++) hash = mix(hash, text.charCodeAt(at));
  return hash ^ (hash >>> 15);
}

/** The same hash of ASCII text in bytes. */
export function hashOfAscii(bytes: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mix(hash, bytes.getInt32(at));
  for (; at < end; at++) hash = mix(hash, bytes.getUint8(at));
  return hash ^ (hash >>> 15);
}

/** Hash of a key of two parts, from the hashes of the parts. */
export function hashOfPair(partitionHash: number, sortHash: number): number {
  return mix(partitionHash, sortHash);
}

export function isAsciiAt(bytes: DataView, start: number, end: number): boolean {
  let bits = 0;
  for (let at = start; at < end; at++) bits |= bytes.getUint8(at);
  return bits < 0x80;
}

function mix(hash: number, bits: number): number {
  const mixed = Math.imul(hash ^ bits, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** The partition key's part of a key that `keyOf` made from two parts. */
export function partitionOf(key: string): string {
  const colon = key.indexOf(':');
  return key.slice(colon + 1, colon + 1 + Number(key.slice(0, colon)));
}

/** Text of one typed key value. Values that are equal in DynamoDB have equal text (`1`, `1.0` and `1e0` are one number). */
export function keyPart(type: KeyType, value: KeyValue): string {
  if (typeof value !== 'string') return bytesToLatin1(value);
  return type === 'N' ? canonicalNumber(value) : value;
}

function bytesToLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += charCodesAtOnce) {
    text += String.fromCharCode(...bytes.subarray(start, start + charCodesAtOnce));
  }
  return text;
}

/** More arguments than this can overflow the stack; every key fits. */
const charCodesAtOnce = 4096;

/** The rows of one process among several. `index` is from 1 to `count`. */
export type Shard = { readonly index: number; readonly count: number };

/** `3/8`, as `--shard` takes it. */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** `shard-3-of-8`: the folder of a shard in the run directory of the job. */
export function shardFolderName({ index, count }: Shard): string {
  return `shard-${index}-of-${count}`;
}

/** The shard whose folder has this name; undefined if it is another one's. */
export function shardOfFolder(name: string): Shard | undefined {
  const [, index, count] = /^shard-([1-9]\d*)-of-([1-9]\d*)$/.exec(name) ?? [];
  return index === undefined ? undefined : { index: Number(index), count: Number(count) };
}

/**
 * Whether the rows with a key belong to the shard. The processes of a job may be of different versions and read different
 * dialects, so what a hash stands for never changes.
 * @param keyHash `hashOfText` of the canonical text of a key of one part, `hashOfPair` of one of two
 */
export function ownsKey({ index, count }: Shard, keyHash: number): boolean {
  return shardOfHash(keyHash, count) === index;
}

/** Whether a row that has no key belongs to the shard. `ordinal`: over all files, from 0. */
export function ownsOrdinal({ index, count }: Shard, ordinal: number): boolean {
  return ordinal % count === index - 1;
}

/** How many of the first `rows` rows `ownsOrdinal` gives to the shard. */
export function ordinalsOwned({ index, count }: Shard, rows: number): number {
  return Math.max(0, Math.ceil((rows - (index - 1)) / count));
}

/** Mixes all bits of the hash first (the finalizer of MurmurHash3), because some of them hardly differ between short keys. */
function shardOfHash(keyHash: number, count: number): number {
  let mixed = keyHash ^ (keyHash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return ((mixed >>> 0) % count) + 1;
}
