import { describe, expect, test } from 'vitest';
import type { Batch, Token } from '../../src/domain/token.ts';
import { ReadyTokens } from '../../src/pipeline/dispatch-batches.ts';
import { tokenOf } from './tokens.ts';

const roomy = { maxTokens: 4, maxBodyBytes: 1_000, maxWriteUnits: 1_000 };

function readyWith(tokens: readonly Token[], limits = roomy): ReadyTokens {
  const ready = new ReadyTokens(limits);
  for (const token of tokens) ready.enqueue(token);
  return ready;
}

const ordinals = (batch: Batch | undefined) => batch?.tokens.map(({ row }) => row.ordinal);
const tokensOf = (count: number, writeUnits = 1) =>
  Array.from({ length: count }, (_, ordinal) => tokenOf(ordinal, `k${ordinal}`, writeUnits));

describe('a batch', () => {
  test('waits until it is full, unless a short one is wanted', () => {
    const ready = readyWith(tokensOf(3));
    expect(ready.takeBatch(false)).toBeUndefined();
    ready.enqueue(tokenOf(3));
    expect(ordinals(ready.takeBatch(false))).toEqual([0, 1, 2, 3]);
    ready.enqueue(tokenOf(4));
    expect(ready.takeBatch(false)).toBeUndefined();
    expect(ordinals(ready.takeBatch(true))).toEqual([4]);
    expect(ready.takeBatch(true)).toBeUndefined();
  });

  test('ends before the token that would pass its write units, and sums those it takes', () => {
    const ready = readyWith(tokensOf(3, 5), { ...roomy, maxWriteUnits: 10 });
    expect(ready.takeBatch(false)).toMatchObject({ writeUnits: 10, tokens: { length: 2 } });
    expect(ready.takeBatch(false)).toBeUndefined();
    expect(ready.takeBatch(true)).toMatchObject({ writeUnits: 5, tokens: { length: 1 } });
  });

  test('ends before the token that would pass its bytes', () => {
    const ready = readyWith(tokensOf(3), { ...roomy, maxBodyBytes: 20 });
    expect(ordinals(ready.takeBatch(false))).toEqual([0, 1]);
    expect(ready.takeBatch(false)).toBeUndefined();
  });

  test('holds a token alone that passes a limit by itself', () => {
    const large = [tokenOf(0, 'a', 50), tokenOf(1, 'b', 50)];
    const ready = readyWith(large, { ...roomy, maxWriteUnits: 10 });
    expect(ordinals(ready.takeBatch(false))).toEqual([0]);
    expect(ordinals(ready.takeBatch(false))).toEqual([1]);
  });

  test('takes tokens that came back before fresh ones, and counts both towards its limits', () => {
    const ready = readyWith([tokenOf(7), tokenOf(8)], { ...roomy, maxWriteUnits: 3, maxBodyBytes: 30 });
    expect(ready.takeBatch(false)).toBeUndefined();
    ready.giveBack(tokenOf(2));
    expect(ready.length).toBe(3);
    expect(ordinals(ready.takeBatch(false))).toEqual([2, 7, 8]);
    expect(ready.length).toBe(0);
  });
});

test('thousands of tokens come out once each, in order, however they were added in between', () => {
  const ready = new ReadyTokens({ ...roomy, maxTokens: 25 });
  const taken: number[] = [];
  let next = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 37; i++) ready.enqueue(tokenOf(next++));
    taken.push(...(ordinals(ready.takeBatch(false)) ?? []));
    expect(ready.length).toBe(next - taken.length);
  }
  for (let batch = ready.takeBatch(true); batch !== undefined; batch = ready.takeBatch(true)) {
    taken.push(...ordinals(batch)!);
  }
  expect(taken).toEqual(Array.from({ length: next }, (_, i) => i));
});
