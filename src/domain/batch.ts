import type { Token } from './token.ts';

/** Tokens written together, no key twice. */
export type Batch = {
  readonly tokens: readonly Token[];
  readonly writeUnits: number;
};

/** A batch of these tokens, its write units summed. */
export function batchOf(tokens: readonly Token[]): Batch {
  let writeUnits = 0;
  for (const token of tokens) writeUnits += token.writeUnits;
  return { tokens, writeUnits };
}
