import type { Token } from '../../domain/token.ts';

/**
 * The tokens whose items the table handed back, found by key; all of the batch where a key is undefined or matches
 * nothing, since then it is not known which were written.
 */
export function handedBackTokens(tokens: readonly Token[], keys: readonly (string | undefined)[]): readonly Token[] {
  if (keys.length === 0) return [];
  const byKey = new Map<string, Token>();
  for (const token of tokens) byKey.set(token.key, token);
  // Each once, however often it is handed back: a row that is done twice would stand for another one in the balance.
  const handedBack = new Set<Token>();
  for (const key of keys) {
    const token = key === undefined ? undefined : byKey.get(key);
    if (token === undefined) return tokens;
    handedBack.add(token);
  }
  return [...handedBack];
}
