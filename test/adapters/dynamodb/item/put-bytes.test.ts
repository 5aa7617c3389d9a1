import { expect, test } from 'vitest';
import { compilePutBytes, joinPuts } from '../../../../src/adapters/dynamodb/item/put-bytes.ts';
import type { FieldValue } from '../../../../src/domain/column.ts';
import type { Token } from '../../../../src/domain/token.ts';
import type { PlainFields } from '../../../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from '../../../contract/make-token.ts';
import { collectGarbage } from '../../../support/collect-garbage.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

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

test('puts are joined while others are made, and a second time, whether their text was copied or not', () => {
  const random = seededRandom(2);
  const encoder = compilePutBytes(columns);
  const mixed = {
    ...encoder,
    encode: (values: readonly FieldValue[]) =>
      encoder.encode(values, random() < 0.5 ? plainField(values[0]) : undefined),
  };
  const texts: string[] = [];
  const tokens: Token[] = [];
  let joined = 0;
  for (let i = 0; i < 2000; i++) {
    texts.push(`${i} ${(random() < 0.5 ? 'ä' : 'a').repeat(random() * 300)}`);
    tokens.push(makeToken(mixed, columns, [{ name: 'token', type: 'S' }], [texts[i]!]));
    if (random() < 0.8) continue;
    const from = Math.floor(random() * tokens.length);
    const body = joinPuts(Buffer.from('['), tokens.slice(from, from + 25), Buffer.from(']')).toString();
    const items = texts.slice(from, from + 25).map((text) => ({ PutRequest: { Item: { token: { S: text } } } }));
    expect(JSON.parse(body)).toEqual(items);
    joined++;
  }
  expect(joined).toBeGreaterThan(300);
});

test('a put that is held keeps at most 128 KiB in memory, and a copy of it its own bytes', () => {
  const encoder = compilePutBytes(columns);
  const text = 'x'.repeat(1_000);
  const held: unknown[] = [];
  const heldBytes = (hold: (payload: unknown) => unknown) => {
    held.length = 0;
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20_000; i++) {
      const payload = encoder.encode([text], plainField(text));
      if (i % 1_000 === 0) held.push(hold(payload));
    }
    collectGarbage();
    return (process.memoryUsage().arrayBuffers - before) / held.length;
  };
  // Neighbours share a block, and one block is being filled.
  expect(heldBytes((payload) => payload)).toBeLessThan(136 * 1024);
  expect(heldBytes((payload) => encoder.copy!(payload))).toBeLessThan(12 * 1024);
});

test('a copy of a put is joined as the put itself', () => {
  const encoder = compilePutBytes(columns);
  const tokens = ['a', 'ä', 'b'].map((text) => makeToken(encoder, columns, [{ name: 'token', type: 'S' }], [text]));
  const copies = tokens.map((token) => ({ ...token, payload: encoder.copy!(token.payload) }));
  const join = (chosen: readonly Token[]) => joinPuts(Buffer.from('['), chosen, Buffer.from(']')).toString();
  expect(join(copies)).toBe(join(tokens));
});

/** At once and in full: memory outside the heap is given back by the collection after the one that finds it free. */
function plainField(value: FieldValue): PlainFields {
  const bytes = Buffer.from(`before it,${value}`);
  return {
    bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    ...{ starts: ['before it,'.length], ends: [bytes.length], isAscii: false },
  };
}
