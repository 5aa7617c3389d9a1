import { expect, test } from 'vitest';
import { SendBuffer } from '../../../../src/adapters/dynamodb/wire/http-connection.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

test('a request is its head and its body, whatever their lengths and wherever the body was made', () => {
  const random = seededRandom(1);
  const outgoing = new SendBuffer();
  for (let i = 0; i < 300; i++) {
    const head = 'h'.repeat(1 + random() ** 8 * 20_000);
    const text = String(i).repeat(1 + random() ** 4 * 50_000);
    const body = random() < 0.5 ? Buffer.from(text) : outgoing.body(text.length);
    body.write(text);
    const request = outgoing.request(head, body);
    expect(request.toString() === head + text).toBe(true);
  }
});

test('a body that was made elsewhere keeps the bytes around it', () => {
  const around = Buffer.alloc(100_000, 'a');
  const body = around.subarray(8 * 1024, 8 * 1024 + 10);
  const outgoing = new SendBuffer();
  expect(outgoing.request('head ', body).toString()).toBe(`head ${'a'.repeat(10)}`);
  expect(around.equals(Buffer.alloc(100_000, 'a'))).toBe(true);
});

test('memory that is kept is not written to before it is given back, and then again', () => {
  const outgoing = new SendBuffer();
  const send = (text: string) => {
    const body = outgoing.body(text.length);
    body.write(text);
    return outgoing.request('', body);
  };
  const first = send('first');
  const kept = outgoing.keep(first)!;
  const second = send('other');
  expect([first.toString(), second.toString()]).toEqual(['first', 'other']);
  outgoing.giveBack(kept);
  outgoing.keep(second);
  expect(send('third').buffer).toBe(first.buffer);
});
