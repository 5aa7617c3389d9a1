import { expect, test } from 'vitest';
import type { Token } from '../../src/domain/token.ts';
import { TokensByKey } from '../../src/pipeline/key-locks.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { tokenOf } from './tokens.ts';

test.each([
  { title: 'hashes of its own', hashOf: () => undefined },
  { title: 'hashes that are the same for many keys', hashOf: (key: string) => key.length * 1_023 },
  { title: 'hashes that are negative or at the end of the slots', hashOf: (key: string) => -key.length },
])('holds what a Map holds, with $title, while it grows and with keys that stay', ({ hashOf }) => {
  const random = seededRandom(1);
  const tokens = new TokensByKey();
  const model = new Map<string, Token>();
  const tokenWith = (key: string, ordinal: number) => Object.assign(tokenOf(ordinal, key), { keyHash: hashOf(key) });
  for (let i = 0; i < 60_000; i++) {
    const key = `${'k'.repeat(random() * 9)}${i % 500 === 0 ? i : Math.floor(random() * 400)}`;
    const token = tokenWith(key, i);
    const known = model.get(key);
    if (random() < 0.5) {
      expect(tokens.findOrAdd(token)).toBe(known ?? token);
      model.set(key, known ?? token);
    } else if (known !== undefined && random() < 0.2) {
      tokens.replace(known, token);
      model.set(key, token);
    } else {
      tokens.remove(token);
      model.delete(key);
    }
    if (i % 5000 === 0) expect(tokens.size).toBe(model.size);
  }
  for (const [key, token] of model) expect(tokens.findOrAdd(tokenWith(key, 0))).toBe(token);
  for (const token of model.values()) tokens.remove(token);
  expect(tokens.size).toBe(0);
});
