import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleHistory } from '../../../src/report/page/run-history.ts';
import { mergeSamples } from '../../../src/report/watch/run-context.ts';
import { sampleWith } from '../sample.ts';

test('two stretches become one: counts are added, peaks stay, the median is weighted', () => {
  const quick = sampleWith({ requestsSent: 300, p50Ms: 4, p99Ms: 10, inFlight: 60, indexUnits: [1, 2] });
  const slow = sampleWith({ requestsSent: 100, p50Ms: 8, p99Ms: 90, inFlight: 5, indexUnits: [10, 20], endMs: 7 });
  expect(mergeSamples(quick, slow)).toMatchObject({
    endMs: 7,
    durationMs: 2000,
    writeUnits: 40_000,
    requestsSent: 400,
    p50Ms: 5,
    p99Ms: 90,
    inFlight: 60,
    indexUnits: [11, 22],
  });
});

test('however long a run is, its samples fit, none is empty, and nothing of their sums is lost', () => {
  const durations = fc.array(fc.integer({ min: 1, max: 1300 }), { minLength: 1, maxLength: 500 });
  fc.assert(
    fc.property(durations, fc.integer({ min: 2, max: 40 }), (durationsMs, most) => {
      const history = new SampleHistory([], 1000, most);
      let sum = 0;
      for (const durationMs of durationsMs) {
        sum += durationMs;
        history.add(sampleWith({ durationMs, writeUnits: durationMs }));
      }
      expect(history.samples.length).toBeLessThanOrEqual(most);
      expect(history.samples.reduce((total, { writeUnits }) => total + writeUnits, 0)).toBe(sum);
      expect(history.samples.reduce((total, { durationMs }) => total + durationMs, 0)).toBe(sum);
    }),
  );
});

test('a week at one sample a second leaves samples of equal length', () => {
  const history = new SampleHistory([], 1000, 100);
  const sample = sampleWith();
  for (let second = 0; second < 100_000; second++) history.add(sample);
  const durations = new Set(history.samples.slice(0, -1).map(({ durationMs }) => durationMs));
  expect([history.stretchMs, [...durations]]).toEqual([1_024_000, [1_024_000]]);
});

test('a later process goes on with what an earlier one has left', () => {
  const first = new SampleHistory([], 1000, 4);
  for (let second = 0; second < 5; second++) first.add(sampleWith());
  const second = new SampleHistory(first.samples, first.stretchMs, 4);
  second.add(sampleWith());
  expect(second.samples.map(({ durationMs }) => durationMs)).toEqual([2000, 2000, 2000]);
});
