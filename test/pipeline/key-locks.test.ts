import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Token } from '../../src/domain/token.ts';
import { KeyLocks } from '../../src/pipeline/key-locks.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { tokenOf } from './tokens.ts';

const settleMs = 100;

function start() {
  const clock = new FakeClock();
  const unparked: Token[] = [];
  return { clock, unparked, locks: new KeyLocks(clock, settleMs, (token) => void unparked.push(token)) };
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => tokenOf(i, 'k')) as [Token, Token, Token, Token];

test('a later row with a key in flight parks until that is written', () => {
  const { locks, unparked } = start();
  const [first, second] = rows(2);
  expect(locks.admit(first)).toBe(true);
  expect(locks.admit(second)).toBe(false);
  expect(locks.admit(tokenOf(9, 'other'))).toBe(true);
  expect(locks.written(first)).toEqual([]);
  expect(unparked).toEqual([second]);
  expect(locks.written(second)).toEqual([]);
  expect(locks.size).toBe(1);
});

test('only the newest parked row is sent; the others are superseded once it is written', () => {
  const { locks, unparked } = start();
  const [first, ...later] = rows(4);
  locks.admit(first);
  for (const token of later) locks.admit(token);
  expect(locks.written(first)).toEqual([]);
  expect(unparked).toEqual([later[2]]);
  expect(locks.written(later[2])).toEqual([later[0], later[1]]);
  expect(locks.size).toBe(0);
});

test('where every row counts none is superseded: they wait and go one by one, in order', () => {
  const { clock, unparked } = start();
  const locks = new KeyLocks(clock, settleMs, (token) => void unparked.push(token), true);
  const [first, ...later] = rows(4);
  locks.admit(first);
  for (const token of later) expect(locks.admit(token)).toBe(false);
  for (const [index, token] of [first, ...later].entries()) {
    expect(unparked).toEqual(later.slice(0, index));
    if (index === 1) locks.rejected(token);
    else expect(locks.written(token)).toEqual([]);
  }
  expect(locks.size).toBe(0);
});

test('a rejected row gives way to the one that it replaced, unless a newer one waits', () => {
  const { locks, unparked } = start();
  const [first, second, third, fourth] = rows(4);
  for (const token of [first, second, third]) locks.admit(token);
  locks.written(first);
  locks.rejected(third);
  expect(unparked).toEqual([third, second]);
  locks.admit(fourth);
  locks.rejected(second);
  expect(unparked).toEqual([third, second, fourth]);
  expect(locks.written(fourth)).toEqual([]);
  expect(locks.size).toBe(0);
});

test('what a rejected row replaced counts as superseded by the newer row that waited', () => {
  const { locks } = start();
  const [first, second, third, fourth] = rows(4);
  for (const token of [first, second, third]) locks.admit(token);
  locks.written(first);
  locks.admit(fourth);
  locks.rejected(third);
  expect(locks.written(fourth)).toEqual([second]);
});

test('after an attempt of unknown fate the key stays locked until that can’t take effect any more', async () => {
  const { clock, locks, unparked } = start();
  const [first, second] = rows(2);
  locks.admit(first);
  locks.doubt([first]);
  await clock.advance(30);
  locks.written(first);
  expect(locks.admit(second)).toBe(false);
  await clock.advance(69);
  expect(locks.hasDoubts).toBe(true);
  expect(unparked).toEqual([]);
  await clock.advance(1);
  expect(unparked).toEqual([second]);
  expect(locks.hasDoubts).toBe(false);
  locks.written(second);
  expect(locks.size).toBe(0);
});

test('stopped, it leaves no timer behind and unparks nothing', async () => {
  const { clock, locks, unparked } = start();
  const [first, second] = rows(2);
  locks.admit(first);
  locks.admit(second);
  locks.doubt([first]);
  locks.written(first);
  locks.stop();
  expect(clock.pendingTimers).toBe(0);
  await clock.advance(settleMs);
  expect(unparked).toEqual([]);
});

test('whatever the order of events, the last row of each key that is not refused is the one that stays', async () => {
  const row = fc.record({ key: fc.nat(2), refused: fc.boolean() });
  const event = fc.record({ kind: fc.constantFrom('read', 'answer', 'doubt', 'wait'), pick: fc.nat(50) });
  const property = fc.asyncProperty(
    fc.array(row, { maxLength: 30 }),
    fc.array(event, { maxLength: 120 }),
    async (source, events) => {
      const clock = new FakeClock();
      const table = new Map<string, number>();
      const flying: Token[] = [];
      const fates = new Map<number, string>();
      const locks = new KeyLocks(clock, settleMs, (token) => void flying.push(token));
      let next = 0;
      const isRefused = (token: Token) => source[token.row.ordinal]!.refused;
      const happen = {
        read() {
          if (next === source.length) return;
          const token = tokenOf(next, `k${source[next++]!.key}`);
          if (locks.admit(token)) flying.push(token);
        },
        answer(pick: number) {
          const [token] = flying.splice(pick % Math.max(1, flying.length), 1);
          if (token === undefined) return;
          fates.set(token.row.ordinal, isRefused(token) ? 'rejected' : 'written');
          if (isRefused(token)) return locks.rejected(token);
          table.set(token.key, token.row.ordinal);
          for (const { row } of locks.written(token)) fates.set(row.ordinal, 'superseded');
        },
        // The attempt may take effect at any moment until it is settled.
        doubt(pick: number) {
          const token = flying[pick % Math.max(1, flying.length)];
          if (token === undefined) return;
          locks.doubt([token]);
          if (isRefused(token)) return;
          clock.setTimer((pick * settleMs) / 51, () => table.set(token.key, token.row.ordinal));
        },
        wait: (pick: number) => clock.advance(pick),
      };
      for (const { kind, pick } of events) {
        await happen[kind as keyof typeof happen](pick);
        expect(new Set(flying.map(({ key }) => key)).size).toBe(flying.length);
        expect(locks.size).toBeLessThanOrEqual(3);
      }
      while (next < source.length) happen.read();
      for (let rounds = 0; rounds <= source.length; rounds++) {
        while (flying.length > 0) happen.answer(0);
        await clock.advance(settleMs);
      }
      const expected = new Map<string, number>();
      for (const [ordinal, { key, refused }] of source.entries()) if (!refused) expected.set(`k${key}`, ordinal);
      expect(new Map([...table].sort())).toEqual(new Map([...expected].sort()));
      expect([...fates.keys()].sort((a, b) => a - b)).toEqual(source.map((_, i) => i));
      expect(locks.size).toBe(0);
      expect(clock.pendingTimers).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
