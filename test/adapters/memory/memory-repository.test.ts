import { expect, test } from 'vitest';
import { MemoryTokenRepository } from '../../../src/adapters/memory/memory-repository.ts';
import { batchOf, keyPart, type Token } from '../../../src/domain/token.ts';
import { columnsOf, makeToken } from '../../contract/make-token.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const columns = columnsOf({ token: 'S' });

function tokens(repository: MemoryTokenRepository, count: number, writeUnits = 1): Token[] {
  const encoder = repository.encoder(columns);
  const key = [{ name: 'token', type: 'S' }] as const;
  return Array.from({ length: count }, (_, i) => ({ ...makeToken(encoder, columns, key, [`t${i}`]), writeUnits }));
}

test('every write takes the latency, and many at once take no longer', async () => {
  const clock = new FakeClock();
  const repository = new MemoryTokenRepository({ clock, latencyMs: 10, retain: false });
  const batch = batchOf(tokens(repository, 25));
  await clock.runUntil(Promise.all([repository.write(batch), repository.write(batch)]));
  expect(clock.nowMs()).toBe(10);
  expect(await clock.runUntil(repository.write(batch))).toMatchObject({ kind: 'accepted', consumedWriteUnits: 25 });
  expect(clock.nowMs()).toBe(20);
});

test('above its write units it hands back the rest of a batch, then throttles, and recovers with time', async () => {
  const clock = new FakeClock();
  const repository = new MemoryTokenRepository({ clock, latencyMs: 0, writeUnitsPerSecond: 10, retain: true });
  const all = tokens(repository, 25);
  const first = await clock.runUntil(repository.write(batchOf(all)));
  expect(first).toEqual({ kind: 'accepted', unprocessed: all.slice(10), consumedWriteUnits: 10 });
  expect(repository.items.size).toBe(10);
  expect(await clock.runUntil(repository.write(batchOf(all)))).toMatchObject({ kind: 'throttled' });
  await clock.advance(500);
  const later = await clock.runUntil(repository.write(batchOf(all)));
  expect(later).toMatchObject({ kind: 'accepted', consumedWriteUnits: 5 });
});

test('an item larger than a second’s write units gets through in the end', async () => {
  const clock = new FakeClock();
  const repository = new MemoryTokenRepository({ clock, latencyMs: 0, writeUnitsPerSecond: 10, retain: false });
  const large = batchOf(tokens(repository, 1, 400));
  expect(await clock.runUntil(repository.write(large))).toMatchObject({ consumedWriteUnits: 400 });
  expect(await clock.runUntil(repository.write(large))).toMatchObject({ kind: 'throttled' });
  await clock.advance(40_000);
  expect(await clock.runUntil(repository.write(large))).toMatchObject({ kind: 'accepted' });
});

test('it keeps nothing unless told to', async () => {
  const repository = new MemoryTokenRepository({ clock: new FakeClock(), latencyMs: 0, retain: false });
  await repository.write(batchOf(tokens(repository, 3)));
  expect(repository.items.size).toBe(0);
});

test('told to keep, it leaves what was there before the first row, and the last row wins over earlier ones', async () => {
  const existing = new Map([[keyPart('S', 'a'), new Map([['token', 'a']])]]);
  const clock = new FakeClock();
  const repository = new MemoryTokenRepository({
    clock,
    latencyMs: 0,
    retain: true,
    ifExists: { kind: 'keep' },
    existing,
  });
  const put = putting(repository);
  expect(repository.maxBatchTokens).toBe(1);
  expect(await put('a', '1')).toMatchObject({ kept: [{ key: keyPart('S', 'a') }] });
  expect(await put('b', '1')).not.toHaveProperty('kept');
  expect(await put('b', '0')).not.toHaveProperty('kept');
  expect([...repository.items.values()].map((item) => item.get('at'))).toEqual([undefined, '0']);
});

test('told to take the newer, it compares numbers by value, and keeps what was there where they are equal', async () => {
  const existing = new Map([[keyPart('S', 'a'), new Map([['at', '9']])]]);
  const ifExists = { kind: 'newer', column: 'at' } as const;
  const clock = new FakeClock();
  const repository = new MemoryTokenRepository({ clock, latencyMs: 0, retain: true, ifExists, existing });
  const put = putting(repository);
  for (const [at, wins] of [
    ['9.0', false],
    ['8', false],
    [undefined, false],
    ['10', true],
    ['1e1', true],
  ] as const) {
    const result = await put('a', at);
    expect({ at, kept: 'kept' in result }).toEqual({ at, kept: !wins });
  }
});

function putting(repository: MemoryTokenRepository) {
  const both = columnsOf({ token: 'S', at: 'N' });
  const encoder = repository.encoder(both);
  const key = [{ name: 'token', type: 'S' }] as const;
  return (token: string, at: string | undefined) =>
    repository.write(batchOf([makeToken(encoder, both, key, [token, at])]));
}
