import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Permits granted at a moment. */
type Grant = { readonly atMs: number; readonly permits: number };

/** A rate from a moment on. */
type RateChange = { readonly atMs: number; readonly rate: number };

describe('the pace', () => {
  const permits = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5_000 }));
  const indexPermits = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5_000 }));
  const rate = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 80_000 }));
  const buckets = 3;
  const ask = fc.tuple(permits, indexPermits, indexPermits);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('acquire' as const), ask }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ max: 3_000, min: 0 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('rate' as const),
        rate,
        bucket: fc.integer({ min: 0, max: buckets - 1 }),
      }),
    },
  );

  test('no window has more than rate × window + max(burst, largest request), per table and index', async () => {
    const property = fc.asyncProperty(
      fc.tuple(rate, rate, rate),
      fc.integer({ min: 1, max: 25 }),
      fc.array(step, { maxLength: 60 }),
      async (firstRates, smallestBurst, steps) => {
        const clock = new FakeClock();
        const limiter = new RateLimiter(clock, firstRates[0], smallestBurst, firstRates.slice(1));
        const grants: { readonly atMs: number; readonly ask: readonly number[] }[] = [];
        const rates = firstRates.map((first): RateChange[] => [{ atMs: 0, rate: first }]);
        const asked: Promise<unknown>[] = [];
        for (const step of steps) {
          if (step.kind === 'advance') {
            await clock.advance(step.ms);
          } else if (step.kind === 'rate') {
            rates[step.bucket]!.push({ atMs: clock.nowMs(), rate: step.rate });
            limiter.setRate(step.rate, step.bucket);
          } else {
            const { ask } = step;
            const granted = limiter.acquire(ask[0], ask.slice(1));
            asked.push(granted.then(() => grants.push({ atMs: clock.nowMs(), ask })));
          }
        }
        await clock.runUntil(Promise.all(asked));
        const wanted = steps.flatMap((step) => (step.kind === 'acquire' ? [step.ask] : []));
        expect(grants.map((grant) => grant.ask)).toEqual(wanted);
        for (let bucket = 0; bucket < buckets; bucket++) {
          const ofBucket = grants.map(({ atMs, ask }) => ({ atMs, permits: ask[bucket]! }));
          expectPace(
            ofBucket.filter(({ permits }) => permits > 0),
            rates[bucket]!,
            smallestBurst,
          );
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  test.each([
    { name: 'batches of 25', sizes: [25] },
    { name: 'mixed sizes', sizes: [1, 24, 3, 400, 17] },
    { name: 'requests above the burst', sizes: [5_000] },
  ])('the mean rate is exact over a long run of $name', async ({ sizes }) => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, 20_000, 25);
    let last = 0;
    const work = (async () => {
      for (let i = 0; limiter.granted < 200_000; i++) {
        last = sizes[i % sizes.length]!;
        await limiter.acquire(last);
      }
    })();
    await clock.runUntil(work);
    const burst = 400;
    // The last request leaves a debt where it is above the burst.
    const accruedAtEnd = limiter.granted - Math.max(burst, last);
    expect(clock.nowMs()).toBeCloseTo((accruedAtEnd / 20_000) * 1000, 3);
  });

  test('a run of many workers is no faster than one', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, 1_000, 25);
    const worker = async () => {
      for (let i = 0; i < 20; i++) await limiter.acquire(25);
    };
    await clock.runUntil(Promise.all(Array.from({ length: 16 }, worker)));
    expect(limiter.granted).toBe(8_000);
    expect(clock.nowMs()).toBeCloseTo(7_975, 6);
  });
});

test('permits are granted in the order of arrival, a small request never overtaking a large one', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 100, 25);
  const order: number[] = [];
  const asked = [25, 300, 1, 25, 2].map((permits) => limiter.acquire(permits).then(() => order.push(permits)));
  await clock.runUntil(Promise.all(asked));
  expect(order).toEqual([25, 300, 1, 25, 2]);
});

describe('with indexes', () => {
  test('the tightest governs, and the others lose nothing to it', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, 1_000, 25, [100, 400]);
    const work = (async () => {
      for (let i = 0; i < 41; i++) await limiter.acquire(25, [25, 25]);
    })();
    await clock.runUntil(work);
    expect(clock.nowMs()).toBeCloseTo(10_000, 3);
    // Full again long ago: what waited for the first index took nothing from them while it waited.
    await clock.advance(250);
    await clock.runUntil(Promise.all([limiter.acquire(25, [0, 10]), limiter.acquire(0, [25, 15])]));
    expect(clock.nowMs()).toBeCloseTo(10_250, 3);
  });

  test('an index that a batch does not touch does not hold it up, though it owes', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, 1_000, 25, [10]);
    limiter.charge(1_000, 1);
    await clock.runUntil(limiter.acquire(25, [0]));
    expect(clock.nowMs()).toBe(0);
    await clock.runUntil(limiter.acquire(1, [1]));
    expect(clock.nowMs()).toBeCloseTo(97_600, 3);
  });

  test('a batch waits in line behind one that an index holds up', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, 1_000, 25, [10]);
    const order: string[] = [];
    await limiter.acquire(1, [25]);
    const asked = [
      limiter.acquire(1, [5]).then(() => order.push('first')),
      limiter.acquire(1, [0]).then(() => order.push('second')),
    ];
    await clock.runUntil(Promise.all(asked));
    expect(order).toEqual(['first', 'second']);
    expect(clock.nowMs()).toBeCloseTo(500, 3);
  });

  test('one without a limit gets one, and loses it again', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, undefined, 25, [undefined]);
    await limiter.acquire(1_000, [1_000]);
    limiter.setRate(100, 1);
    await clock.runUntil(limiter.acquire(1_000, [10]));
    expect(clock.nowMs()).toBeCloseTo(100, 3);
    limiter.setRate(undefined, 1);
    await clock.runUntil(limiter.acquire(1_000, [1_000]));
    expect(clock.nowMs()).toBeCloseTo(100, 3);
  });
});

test('a request above the burst waits for a full bucket and is granted', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 100, 25);
  await limiter.acquire(25);
  await clock.runUntil(limiter.acquire(400));
  expect(clock.nowMs()).toBeCloseTo(250, 6);
  await clock.runUntil(limiter.acquire(1));
  expect(clock.nowMs()).toBeCloseTo(250 + 3_760, 6);
});

test('what is charged is waited out by the next request, one that waits already included', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 100, 25);
  await limiter.acquire(25);
  const waiting = limiter.acquire(25);
  limiter.charge(100);
  await clock.runUntil(waiting);
  expect(clock.nowMs()).toBeCloseTo(1_250, 6);
  expect(limiter.granted).toBe(50);
});

test('a higher rate wakes a waiter early, a lower one lets it wait longer', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 10, 25);
  await limiter.acquire(25);
  const first = limiter.acquire(25);
  limiter.setRate(1_000);
  await clock.runUntil(first);
  expect(clock.nowMs()).toBeCloseTo(25, 6);
  const second = limiter.acquire(25);
  limiter.setRate(10);
  await clock.runUntil(second);
  expect(clock.nowMs()).toBeCloseTo(2_525, 6);
  expect(limiter.ratePerSecond).toBe(10);
});

test('a waiting batch that is now too large is sent back to be split, and the next is served', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 1, 25, [1]);
  await limiter.acquire(25, [25]);
  const [split, whole, small, ofIndex] = [
    limiter.acquire(25, [0], true),
    limiter.acquire(30, [0]),
    limiter.acquire(2, [0], true),
    limiter.acquire(2, [3], true),
  ];
  limiter.sendBack(20);
  expect(await split).toBe(false);
  expect(limiter.waiting).toBe(3);
  limiter.sendBack(2, 1);
  expect(await ofIndex).toBe(false);
  await clock.runUntil(Promise.all([whole, small]));
  expect(clock.nowMs()).toBeCloseTo(32_000, 6);
  expect(limiter.granted).toBe(57);
  const last = limiter.acquire(25, [0], true);
  limiter.sendBack(1);
  expect(await last).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

test('stop releases all that wait, without permits, and grants none after it', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 1, 25);
  await limiter.acquire(25);
  const waiting = [limiter.acquire(1), limiter.acquire(400)];
  expect(limiter.waiting).toBe(2);
  limiter.stop();
  expect(await Promise.all(waiting)).toEqual([false, false]);
  expect(await limiter.acquire(1)).toBe(false);
  expect(limiter.granted).toBe(25);
  expect(limiter.waiting).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

test('without a rate all is granted at once and counted', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, undefined, 25);
  for (let i = 0; i < 1_000; i++) expect(await limiter.acquire(10_000)).toBe(true);
  limiter.charge(1_000_000);
  expect(await limiter.acquire(1)).toBe(true);
  expect(limiter.granted).toBe(10_000_001);
  expect(limiter.ratePerSecond).toBeUndefined();
  expect(clock.nowMs()).toBe(0);
});

/** Looks at every window that begins and ends with a grant: no other can hold more. */
function expectPace(grants: readonly Grant[], rates: readonly RateChange[], smallestBurst: number): void {
  for (let first = 0; first < grants.length; first++) {
    let taken = 0;
    let largest = 0;
    for (let last = first; last < grants.length; last++) {
      const { atMs, permits } = grants[last]!;
      taken += permits;
      largest = Math.max(largest, permits);
      const accrued = accruedAt(rates, atMs) - accruedAt(rates, grants[first]!.atMs);
      const burst = Math.max(smallestBurst, 0.02 * highestRate(rates, atMs));
      expect(taken).toBeLessThanOrEqual(accrued + Math.max(burst, largest) + 1e-3);
    }
  }
}

/** The integral of the rate from 0 to a moment. */
function accruedAt(rates: readonly RateChange[], atMs: number): number {
  return rates.reduce((sum, { atMs: fromMs, rate }, i) => {
    const untilMs = Math.min(atMs, rates[i + 1]?.atMs ?? atMs);
    return sum + (Math.max(0, untilMs - fromMs) / 1000) * rate;
  }, 0);
}

/** The burst of a window is that of its end; of several rates set at that very moment the highest. */
function highestRate(rates: readonly RateChange[], atMs: number): number {
  const inForce = rates.filter((change, i) => change.atMs <= atMs && (rates[i + 1]?.atMs ?? atMs) >= atMs);
  return Math.max(...inForce.map(({ rate }) => rate));
}

test('whose lease has lapsed at its turn is released without permits, and the next is served', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter(clock, 100, 10);
  await limiter.acquire(10);
  const lease = { holds: true };
  const lapsing = limiter.acquire(10, undefined, false, lease);
  const next = limiter.acquire(10, undefined, false, { holds: true });
  lease.holds = false;
  expect(await clock.runUntil(next)).toBe(true);
  expect(await lapsing).toBe(false);
  expect([clock.nowMs(), limiter.granted]).toEqual([100, 20]);
  expect(await limiter.acquire(1, undefined, false, lease)).toBe(false);
});
