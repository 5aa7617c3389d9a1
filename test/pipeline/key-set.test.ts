import { expect, test } from 'vitest';
import { KeySet } from '../../src/pipeline/key-set.ts';
import { seededRandom } from '../support/seeded-random.ts';

test('holds what a Set holds, through many generations and with keys that stay', () => {
  const random = seededRandom(1);
  const keys = new KeySet();
  const model = new Set<string>();
  for (let i = 0; i < 60_000; i++) {
    const key = `k${i % 500 === 0 ? i : Math.floor(random() * 4000)}`;
    if (random() < 0.6) {
      expect(keys.add(key)).toBe(!model.has(key));
      model.add(key);
    } else {
      keys.delete(key);
      model.delete(key);
    }
    if (i % 5000 === 0) expect(keys.size).toBe(model.size);
  }
  for (const key of model) expect(keys.add(key)).toBe(false);
  for (const key of model) keys.delete(key);
  expect(keys.size).toBe(0);
});
