import { expect, test } from 'vitest';
import { KeySet } from '../../src/pipeline/key-set.ts';
import { seededRandom } from '../support/seeded-random.ts';

test.each([
  { title: 'hashes of its own', hashOf: () => undefined },
  { title: 'hashes that are the same for many keys', hashOf: (key: string) => key.length * 1_023 },
  { title: 'hashes that are negative or at the end of the slots', hashOf: (key: string) => -key.length },
])('holds what a Set holds, with $title, while it grows and with keys that stay', ({ hashOf }) => {
  const random = seededRandom(1);
  const keys = new KeySet();
  const model = new Set<string>();
  for (let i = 0; i < 60_000; i++) {
    const key = `${'k'.repeat(random() * 9)}${i % 500 === 0 ? i : Math.floor(random() * 400)}`;
    if (random() < 0.6) {
      expect(keys.add(key, hashOf(key))).toBe(!model.has(key));
      model.add(key);
    } else {
      keys.delete(key, hashOf(key));
      model.delete(key);
    }
    if (i % 5000 === 0) expect(keys.size).toBe(model.size);
  }
  for (const key of model) expect(keys.add(key, hashOf(key))).toBe(false);
  for (const key of model) keys.delete(key, hashOf(key));
  expect(keys.size).toBe(0);
});
