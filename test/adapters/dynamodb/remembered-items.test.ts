import { expect, test } from 'vitest';
import { RememberedItems } from '../../../src/adapters/dynamodb/remembered-items.ts';

test('the latest items are remembered, as many as were asked for, and the oldest forgotten', () => {
  const remembered = new RememberedItems(1000);
  for (let i = 0; i < 10_000; i++) {
    remembered.add(`item ${i}`);
    if (i >= 999 && i % 97 === 0)
      for (let back = 0; back < 1000; back++) expect(remembered.has(`item ${i - back}`)).toBe(true);
  }
  const known = Array.from({ length: 10_000 }, (_, i) => remembered.has(`item ${i}`));
  expect(known.slice(9000)).not.toContain(false);
  expect(known.slice(0, 8000)).not.toContain(true);
  expect(remembered.has('another')).toBe(false);
});

test('an item that comes again takes no second place', () => {
  const remembered = new RememberedItems(10);
  remembered.add('first');
  for (let i = 0; i < 1000; i++) remembered.add('again');
  expect(remembered.has('first')).toBe(true);
});
