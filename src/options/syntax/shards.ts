import { wholeNumber } from '../../domain/amount.ts';
import { type Syntax, unexpected } from './syntax.ts';

/** A shard as it is asked for: what is `auto` is read from the environment. */
type AskedShard = { readonly index: number | 'auto'; readonly count: number | 'auto' };

const mostShards = 10_000;

/** `3/8`, `auto` or `auto/8`. */
export const shard: Syntax<AskedShard> = {
  placeholder: '<i/n>',
  parse(text, flag) {
    if (text === 'auto') return { index: 'auto', count: 'auto' };
    const [left = '', right = '', ...rest] = text.split('/');
    const count = wholeNumber(right);
    const index = left === 'auto' ? left : wholeNumber(left);
    const isKnown = index !== undefined && count !== undefined && rest.length === 0;
    if (!isKnown || count < 1 || count > mostShards || (index !== 'auto' && (index < 1 || index > count))) {
      throw unexpected(
        flag,
        `a shard and the number of shards, such as 3/8, auto or auto/8 (1 to ${mostShards} shards)`,
        text,
        'Count shards from 1: the last of 8 is 8/8.',
      );
    }
    return { index, count };
  },
  format: ({ index, count }) => (count === 'auto' ? 'auto' : `${index}/${count}`),
};
