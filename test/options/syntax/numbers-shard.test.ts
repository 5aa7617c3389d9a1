import { expect, test } from 'vitest';
import { shard } from '../../../src/options/syntax/numbers.ts';

test.each([
  ['1/1', { index: 1, count: 1 }],
  ['3/8', { index: 3, count: 8 }],
  ['8/8', { index: 8, count: 8 }],
  ['auto', { index: 'auto', count: 'auto' }],
  ['auto/8', { index: 'auto', count: 8 }],
])('%s names a shard, and is written the same way', (text, asked) => {
  expect(shard.parse(text, '--shard')).toEqual(asked);
  expect(shard.format(shard.parse(text, '--shard'))).toBe(text);
});

test.each(['0/8', '9/8', '3', '3/', '/8', '3/8/2', '1.5/8', 'auto/0', 'auto/auto', 'all', '1/10001', ''])(
  '"%s" names no shard',
  (text) => {
    expect(() => shard.parse(text, '--shard')).toThrow('--shard: expected a shard and the number of shards');
  },
);
