import { expect, test } from 'vitest';
import { compilePutBytes, joinPuts } from '../../../src/adapters/dynamodb/put-bytes.ts';
import { columnsOf, makeToken } from '../../contract/make-token.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const columns = columnsOf({ token: 'S' });

test('puts are joined in any order, neighbours or not, over the borders of blocks', () => {
  const random = seededRandom(1);
  const encoder = compilePutBytes(columns);
  const texts = Array.from({ length: 3000 }, (_, i) => `${i} ${'ä'.repeat(random() * 300)}`);
  texts.push('x'.repeat(300_000), 'behind a long one');
  const tokens = texts.map((text) => makeToken(encoder, columns, [{ name: 'token', type: 'S' }], [text]));
  for (let from = 0; from < texts.length; from += 25) {
    const order = texts.slice(from, from + 25).map((_, i) => from + i);
    if (random() < 0.5) order.sort(() => random() - 0.5);
    const chosen = order.map((i) => tokens[i]!);
    const body = joinPuts(Buffer.from('{"all":['), chosen, Buffer.from(']}')).toString();
    expect(JSON.parse(body).all).toEqual(order.map((i) => ({ PutRequest: { Item: { token: { S: texts[i] } } } })));
    expect(Buffer.byteLength(body)).toBe(chosen.reduce((sum, { bodyBytes }) => sum + bodyBytes + 1, 0) + 9);
  }
});
