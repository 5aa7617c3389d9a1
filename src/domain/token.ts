import type { Row, Slab } from './row.ts';

/** A mapped row that is ready to be written. */
export type Token = {
  /** Canonical text of the primary key, as `keyOf` makes it. */
  readonly key: string;
  /** `hashOfText` of the key, if it was computed. */
  readonly keyHash?: number | undefined;
  /** Estimated write units of one put to the table: its size rounded up to 1 KB, and that of local indexes. */
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
