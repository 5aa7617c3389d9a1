import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import type { Token } from '../../../src/domain/token.ts';
import { csvDialect } from '../../../src/input/csv/csv.ts';
import { RowReader } from '../../../src/input/row-reader.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import { RateLimiter } from '../../../src/limit/rate-limiter.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { RunControl } from '../../../src/pipeline/run-control.ts';
import { Differences, RowSample, seededRandom } from '../../../src/pipeline/verify/held-rows.ts';
import { BatchReader } from '../../../src/pipeline/verify/read-batches.ts';
import { VerifyRun } from '../../../src/pipeline/verify/verify-run.ts';
import type { Comparison, ReadResult, TokenReader } from '../../../src/ports/token-repository.ts';
import { plainCsv } from '../../input/csv/csv-files.ts';
import { textSource } from '../../input/text-source.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { detachToken } from '../tokens.ts';

type Held = Readonly<Record<string, string>>;
type Weather = (attempt: number, tokens: readonly Token[]) => ReadResult | undefined;

/** A reader of a table in memory, whose answers come after times that differ from request to request. */
function readerOf(held: Held, clock: FakeClock, weather: Weather = () => undefined) {
  const asked: { readonly atMs: number; readonly units: number }[] = [];
  const reader: TokenReader = {
    maxBatchTokens: 4,
    encoder: () => ({ encode: ([token, value]) => [token, value], bodyBytes: () => 10 }),
    readUnitsOf: () => 0.5,
    async read(tokens) {
      expect(new Set(tokens.map(({ key }) => key)).size).toBe(tokens.length);
      asked.push({ atMs: clock.nowMs(), units: tokens.length / 2 });
      const attempt = asked.length;
      await clock.sleep((attempt * 7919) % 50);
      const comparisons = new Map(tokens.map((token) => [token, comparisonOf(held, token)]));
      return weather(attempt, tokens) ?? { kind: 'read', comparisons, consumedReadUnits: tokens.length / 2 };
    },
    close: async () => {},
  };
  return { reader, asked };
}

function comparisonOf(held: Held, { payload }: Token): Comparison {
  const [token, value] = payload as [string, string];
  if (held[token] === undefined) return { kind: 'missing' };
  return held[token] === value ? { kind: 'equal' } : { kind: 'different', attributes: [{ name: 'value' }] };
}

type Rows = readonly (readonly [token: string, value: string])[];

async function verify(
  rows: Rows,
  held: Held,
  { weather, sample, rate = 1e6 }: { weather?: Weather; sample?: RowSample; rate?: number } = {},
) {
  const clock = new FakeClock();
  const { reader, asked } = readerOf(held, clock, weather);
  const control = new RunControl(new AbortController().signal);
  const limiter = new RateLimiter(clock, rate, 2);
  const batchReader = new BatchReader({
    ...{ reader, limiter, clock, control, random: () => 0.5, stallTimeoutMs: 60_000, warn: () => {} },
  });
  const text = `token,value\n${rows.map(([token, value]) => `${token},${value}\n`).join('')}`;
  const dialect = csvDialect({ ...plainCsv, header: true });
  const hash = new RunningHash();
  const differences = new Differences();
  const columns = ['token', 'value'].map((name, fieldIndex) => ({
    ...{ sourceName: name, fieldIndex, name, type: 'S' as const },
    ...(fieldIndex === 0 && { key: { type: 'S' as const, maxBytes: 2048, required: true, label: 'the key' } }),
  }));
  const mapper = new RowMapper({
    ...{ dialect, fieldCount: 2, columns, keyNames: ['token'], binary: [false, false], encoder: reader.encoder([]) },
    options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
    expiry: { place: 1, sourceName: 'value', isMade: false, fromSeconds: 10, untilSeconds: 20, givesTokens: true },
  } as never);
  const run = new VerifyRun({
    ...{
      blocks: new RowReader(textSource([text], 100), dialect, hash).blocks(),
      mapper,
      batchReader,
      control,
      differences,
    },
    ...{ concurrency: 3, maxTokens: 4, sample, skipRows: 0, maxRows: undefined },
  });
  await clock.runUntil(run.compareRows());
  return { run, differences, control, asked, batchReader };
}

const expired = '15';
const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const rowsWith = (...values: string[]) =>
  fc.array(fc.tuple(keys, fc.constantFrom(...values)), { minLength: 1, maxLength: 60 });
const rowsOf = rowsWith('1', '2');
const heldOf = fc.dictionary(keys, fc.constantFrom('1', '2'));

/** The ordinals of the last rows of their keys that the table lacks, or has otherwise, and that have not expired. */
function model(rows: Rows, held: Held) {
  const last = new Map(rows.map(([token, value], ordinal) => [token, { value, ordinal }]));
  const found = [...last].filter(([token, { value }]) => value !== expired && held[token] !== value);
  const ordinals = (isMissing: boolean) =>
    found
      .filter(([token]) => (held[token] === undefined) === isMissing)
      .map(([, { ordinal }]) => ordinal)
      .sort((a, b) => a - b);
  return { missing: ordinals(true), different: ordinals(false) };
}

function foundIn(differences: Differences) {
  const ordinals = (kind: 'missing' | 'different') => differences.all(kind).map(({ row }) => row.ordinal);
  return { missing: ordinals('missing'), different: ordinals('different') };
}

test('each key is judged by its last row, whatever the order of the answers', async () => {
  await fc.assert(
    fc.asyncProperty(rowsOf, heldOf, async (rows, held) => {
      const { run, differences } = await verify(rows, held);
      expect(foundIn(differences)).toEqual(model(rows, held));
      const { read, equal, missing, different, superseded, pending } = run.counts();
      expect({ read, pending }).toEqual({ read: rows.length, pending: 0 });
      expect(equal + missing + different + superseded).toBe(rows.length);
      expect(run.progress.mark.ordinal).toBe(rows.length);
    }),
    { numRuns: 50 },
  );
});

test.each(['all', 'sample'])('a key whose last row has expired is not judged (%s)', async (mode) => {
  await fc.assert(
    fc.asyncProperty(rowsWith('1', '2', expired), heldOf, async (rows, held) => {
      const sample = mode === 'all' ? {} : { sample: new RowSample(100, seededRandom(1), detachToken) };
      const { run, differences } = await verify(rows, held, sample);
      expect(foundIn(differences)).toEqual(model(rows, held));
      const { equal, missing, different, superseded, skipped, pending, unsampled } = run.counts();
      expect({ pending, unsampled }).toEqual({ pending: 0, unsampled: 0 });
      expect(skipped).toBe(rows.filter(([, value]) => value === expired).length);
      expect(equal + missing + different + superseded + skipped).toBe(rows.length);
    }),
    { numRuns: 50 },
  );
});

test('rows that are not in the sample are not left to be done, whenever it is stopped', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => [`t${i % 30}`, '1'] as const);
  const error = new ImportError('access-denied', 'no more');
  const weather: Weather = (attempt) => (attempt > 2 ? { kind: 'fatal', error } : undefined);
  const { run } = await verify(rows, {}, { weather, sample: new RowSample(20, seededRandom(1), detachToken) });
  const { read, equal, missing, different, superseded, unsampled, pending } = run.counts();
  expect(run.finished).toBe(false);
  expect(pending).toBe(20 - equal - missing - different);
  expect(read).toBe(equal + missing + different + superseded + unsampled + pending);
});

test('a sample of all rows finds what comparing all of them does', async () => {
  await fc.assert(
    fc.asyncProperty(rowsOf, heldOf, async (rows, held) => {
      const { differences, run } = await verify(rows, held, {
        sample: new RowSample(100, seededRandom(1), detachToken),
      });
      expect(foundIn(differences)).toEqual(model(rows, held));
      expect(run.counts()).toMatchObject({ unsampled: 0, pending: 0 });
    }),
    { numRuns: 30 },
  );
});

test('throttles, lost answers and keys handed back cost attempts, and no comparison', async () => {
  const rows: Rows = Array.from({ length: 40 }, (_, i) => [`t${i}`, '1']);
  const held = Object.fromEntries(rows.slice(1).map(([token, value]) => [token, value]));
  const weather: Weather = (attempt, tokens) => {
    if (attempt % 5 === 0) return { kind: 'throttled', reason: 'no capacity' };
    if (attempt % 7 === 0) return { kind: 'transient', reason: 'reset', fateUnknown: true };
    if (attempt % 3 !== 0) return undefined;
    const some = tokens.slice(1).map((token) => [token, comparisonOf(held, token)] as const);
    return { kind: 'read', comparisons: new Map(some), consumedReadUnits: some.length / 2 };
  };
  const { run, differences, batchReader } = await verify(rows, held, { weather });
  expect(foundIn(differences)).toEqual({ missing: [0], different: [] });
  expect(run.counts()).toMatchObject({ read: 40, equal: 39, missing: 1, pending: 0 });
  expect(batchReader.requests.throttled).toBeGreaterThan(0);
  expect(batchReader.requests.unprocessedKeys).toBeGreaterThan(0);
});

test('no window has more read units than the rate and one burst allow, including retries', async () => {
  const rows: Rows = Array.from({ length: 400 }, (_, i) => [`t${i}`, '1']);
  const weather: Weather = (attempt) => (attempt % 4 === 0 ? { kind: 'throttled', reason: 'no capacity' } : undefined);
  const rate = 50;
  const { asked } = await verify(rows, {}, { weather, rate });
  for (const [first, { atMs }] of asked.entries()) {
    let units = 0;
    for (const later of asked.slice(first)) {
      units += later.units;
      expect(units).toBeLessThanOrEqual(((later.atMs - atMs) / 1000) * rate + 2 + 1e-6);
    }
  }
  expect(asked.length).toBeGreaterThan(100);
});
