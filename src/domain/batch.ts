import type { Token } from './token.ts';

/** Tokens written together, no key twice. */
export type Batch = {
  readonly tokens: readonly Token[];
  readonly writeUnits: number;
  /** Units of each global index, where the table has any. */
  readonly indexUnits?: readonly number[];
};

/** A batch of these tokens, its write units summed. */
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
