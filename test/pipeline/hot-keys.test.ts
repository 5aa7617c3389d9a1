import { expect, test } from 'vitest';
import { keyOf, partitionOf, type Token } from '../../src/domain/token.ts';
import { HotKeys } from '../../src/pipeline/hot-keys.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { tokenOf } from './tokens.ts';

function start() {
  const clock = new FakeClock();
  const back: { readonly atMs: number; readonly token: Token }[] = [];
  const detached: Token[] = [];
  let found = 0;
  const keys = new HotKeys({
    ...{ clock, random: () => 1, partitionOf, detach: (token) => void detached.push(token) },
    giveBack: (token) => void back.push({ atMs: clock.nowMs(), token }),
    onFound: () => void found++,
  });
  return { clock, keys, back, detached, found: () => found };
}

const hot = (n: number) => tokenOf(n, keyOf('hot', `${n}`));
const others = Array.from({ length: 20 }, (_, n) => tokenOf(100 + n, keyOf(`p${n}`, 'x')));

test('the third refusal of a partition while others pass parks its tokens, each time for longer', async () => {
  const { clock, keys, back, found } = start();
  expect(keys.park([hot(1), ...others], [hot(1)])).toEqual([hot(1)]);
  expect(keys.park([hot(2), ...others], [hot(2)])).toEqual([hot(2)]);
  expect([keys.park([hot(3), ...others], [hot(3)]), found()]).toEqual([[], 1]);
  for (const waitMs of [50, 100, 200, 400]) {
    const nowMs = clock.nowMs();
    await clock.advance(10_000);
    expect(back.splice(0)).toEqual([{ atMs: nowMs + waitMs, token: hot(3) }]);
    expect(keys.park([hot(3)], [hot(3)])).toEqual([]);
  }
  expect(found()).toBe(1);
});

test.each([
  { title: 'nobody else passes', batch: [hot(1), hot(2)], refused: [hot(1)] },
  { title: 'the whole batch is refused', batch: [hot(1), ...others], refused: [hot(1), ...others] },
  { title: 'one in three is refused', batch: [hot(1), ...others], refused: [hot(1), ...others.slice(0, 6)] },
  { title: 'most of the partition passes', batch: [hot(1), hot(2), hot(3), ...others], refused: [hot(1)] },
])('a partition is no suspect where $title', ({ batch, refused }) => {
  const { keys, found } = start();
  for (let n = 0; n < 10; n++) expect(keys.park(batch, refused)).toEqual(refused);
  expect(found()).toBe(0);
});

test('where each put is a request of its own, a key is hot that others pass by between its refusals', async () => {
  const { keys, found } = start();
  const refuse = () => keys.park([hot(1)], [hot(1)]);
  for (let n = 0; n < 3; n++) {
    expect([refuse(), found()]).toEqual([[hot(1)], 0]);
    for (const other of others) keys.passed([other]);
  }
  expect([refuse(), found()]).toEqual([[], 1]);
});

test('where each put is a request of its own, a key that is refused as others are is no suspect', () => {
  const { keys, found } = start();
  for (let n = 0; n < 100; n++) {
    expect(keys.park([hot(1)], [hot(1)])).toEqual([hot(1)]);
    for (const other of others.slice(0, 5)) keys.park([other], [other]);
    for (const other of others.slice(5)) keys.passed([other]);
  }
  expect(found()).toBe(0);
});

test('a partition that passes in between is no longer hot', () => {
  const { keys, found } = start();
  for (let n = 0; n < 10; n++) {
    expect(keys.park([hot(n), ...others], [hot(n)])).toEqual([hot(n)]);
    keys.passed([hot(n), ...others]);
  }
  expect(found()).toBe(0);
});

test('many tokens of a hot partition try their luck 25 at a time', async () => {
  const { clock, keys, back } = start();
  for (let n = 0; n < 3; n++) keys.park([hot(n), ...others], [hot(n)]);
  for (let n = 3; n < 63; n++) keys.park([hot(n)], [hot(n)]);
  await clock.advance(50);
  expect(back.length).toBe(25);
  await clock.advance(100);
  expect(back.length).toBe(50);
  await clock.advance(10_000);
  expect(back.map(({ token }) => token.row.ordinal)).toEqual(Array.from({ length: 61 }, (_, n) => n + 2));
});

test('tokens that wait are detached from the memory of their neighbours', () => {
  const { keys, detached } = start();
  for (let n = 0; n < 4; n++) keys.park([hot(n), ...others], [hot(n)]);
  expect(detached).toEqual([hot(2), hot(3)]);
});

test('a partition is forgotten once 2,000 others have been refused, unless its tokens wait', () => {
  const { keys, found } = start();
  const refuse = (name: string) => {
    const token = tokenOf(1, keyOf(name, '1'));
    keys.park([token, ...others], [token]);
  };
  for (const name of ['waits', 'waits', 'waits', 'suspect', 'suspect']) refuse(name);
  for (let n = 0; n < 2_000; n++) refuse(`other ${n}`);
  expect(found()).toBe(1);
  refuse('suspect');
  expect(found()).toBe(1);
  const waits = tokenOf(2, keyOf('waits', '2'));
  expect(keys.park([waits, ...others], [waits])).toEqual([]);
});

test('stop leaves nothing that wakes', async () => {
  const { clock, keys } = start();
  for (let n = 0; n < 3; n++) keys.park([hot(n), ...others], [hot(n)]);
  keys.stop();
  expect(clock.pendingTimers).toBe(0);
});
