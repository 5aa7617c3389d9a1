import { describe, expect, test } from 'vitest';
import { MemoryTokenRepository } from '../../src/adapters/memory/memory-repository.ts';
import type { Progress } from '../../src/domain/checkpoint.ts';
import type { Column } from '../../src/domain/column.ts';
import { ImportError } from '../../src/domain/import-error.ts';
import type { ListedRow } from '../../src/domain/row.ts';
import type { Batch } from '../../src/domain/token.ts';
import type { WriteResult } from '../../src/domain/write-result.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import type { ImportSetup } from '../../src/pipeline/import-setup.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import { plainCsv } from '../input/csv/csv-files.ts';
import { textSource } from '../input/text-source.ts';
import { FakeClock } from '../support/fake-clock.ts';

const key = { type: 'S', maxBytes: 2048, required: true, label: 'the table’s partition key' } as const;
const columns: Column[] = [
  { sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S', key },
  { sourceName: 'n', fieldIndex: 1, name: 'n', type: 'N' },
];

type Table = MemoryTokenRepository;

function tableOn(clock: FakeClock, writeUnitsPerSecond?: number): Table {
  return new MemoryTokenRepository({ clock, latencyMs: 10, retain: true, writeUnitsPerSecond });
}

/** An import of the text into the table, with what it saved and rejected on the way. */
function prepare(text: string, clock: FakeClock, table: Table, more: Partial<ImportSetup> & { rate?: number } = {}) {
  const dialect = csvDialect({ ...plainCsv, header: true });
  const hash = new RunningHash(more.start?.hash);
  const saved: Progress[] = [];
  const rejected: ListedRow[] = [];
  const options = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' } as const;
  const mapping = { dialect, columns, keyNames: ['token'], fieldCount: 2, binary: [false, false], options };
  const run = new ImportRun({
    blocks: new RowReader(textSource([text], 100), dialect, hash, more.start?.mark).blocks(),
    mapper: new RowMapper({ ...mapping, encoder: table.encoder(columns) }),
    repository: table,
    limiter: new RateLimiter(clock, more.rate, 25),
    observer: { on: () => {} },
    ...{ clock, hash, random: () => 0.5, signal: new AbortController().signal },
    rejects: {
      append: async (rows) => void rejected.push(...rows),
      sync: async () => ({ rowsBytes: 0, reasonsBytes: 0 }),
      close: async () => {},
    },
    store: { save: async (progress) => void saved.push(progress) },
    batchLimits: { maxTokens: 25, maxBodyBytes: 1_000_000, maxWriteUnits: 1_000 },
    ...{ concurrency: 4, maxAhead: 200, settleMs: 100, stallTimeoutMs: 60_000, skipRows: 0 },
    maxRejects: { kind: 'units', value: 100 },
    ...more,
  });
  return { run, saved, rejected };
}

async function importText(text: string, more: Partial<ImportSetup> & { rate?: number; wcu?: number } = {}) {
  const clock = new FakeClock();
  const table = tableOn(clock, more.wcu);
  const { run, saved, rejected } = prepare(text, clock, table, more);
  return { result: await clock.runUntil(run.run()), saved, rejected, table, clock };
}

/** A file of so many rows, row i with value i; every `repeat`-th key is used again and again. */
function fileOf(rows: number, keyOf = (i: number) => `t${i}`): string {
  return `token,n\n${Array.from({ length: rows }, (_, i) => `${keyOf(i)},${i}\n`).join('')}`;
}

const valuesOf = (table: Table) => new Map(Array.from(table.items, ([, item]) => [item.get('token'), item.get('n')]));

/** The last row of each key, read without the importer. */
function lastRows(text: string, wanted = Number.POSITIVE_INFINITY): Map<unknown, unknown> {
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(1, wanted + 1);
  return new Map(lines.map((line) => line.split(',') as [string, string]).filter(([, n]) => /^\d+$/.test(n)));
}

const none = { written: 0, superseded: 0, kept: 0, deleted: 0, rejected: 0, skipped: 0, pending: 0 };
const hotKeys = (i: number) => (i % 3 === 0 ? `hot${i % 2}` : `t${i % 400}`);

test('every row of a source is in the table', async () => {
  const text = fileOf(1_003);
  const { result, table, saved } = await importText(text);
  expect(result).toMatchObject({ balanced: true, finished: true, endOfSource: true });
  expect(result.counts).toEqual({ ...none, read: 1_003, written: 1_003 });
  expect(valuesOf(table)).toEqual(lastRows(text));
  expect(saved.at(-1)).toMatchObject({ mark: { ordinal: 1_003, byteOffset: text.length }, settled: true });
});

test('the last row of each key wins though the table throttles and hands items back', async () => {
  const text = fileOf(1_500, hotKeys);
  const { result, table } = await importText(text, { wcu: 200 });
  const { written, superseded } = result.counts;
  expect(result).toMatchObject({ balanced: true, finished: true });
  expect([written + superseded, superseded > 0]).toEqual([1_500, true]);
  expect(valuesOf(table)).toEqual(lastRows(text));
});

test('the rate is held to the permit', async () => {
  const { clock, result } = await importText(fileOf(2_000), { rate: 1_000 });
  expect(result.counts.written).toBe(2_000);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(1_975);
  expect(clock.nowMs()).toBeLessThan(2_100);
});

test('rows that can’t be mapped are rejected in source order, the others written', async () => {
  const text = 'token,n\na,1\nb,x\nc\n,4\nd,5\na,y\n';
  const { result, rejected, table } = await importText(text);
  expect(result.counts).toEqual({ ...none, read: 6, written: 2, rejected: 4 });
  expect(rejected.map(({ code, position }) => [position.line, code])).toEqual([
    [3, 'not-a-number'],
    [4, 'ragged-row'],
    [5, 'key-empty'],
    [7, 'not-a-number'],
  ]);
  expect(Buffer.from(rejected[0]!.bytes).toString()).toBe('b,x\n');
  expect([...valuesOf(table)]).toEqual([
    ['a', '1'],
    ['d', '5'],
  ]);
});

test('blank lines are no rows, and count as lines', async () => {
  const text = 'token,n\n\na,1\n\n\nb,x\n\n';
  const { result, rejected } = await importText(text);
  expect(result.counts).toEqual({ ...none, read: 2, written: 1, rejected: 1 });
  expect(rejected[0]?.position).toMatchObject({ ordinal: 1, line: 6, byteOffset: 15 });
});

/** A table that answers as the test says before it takes what comes. */
class MoodyTable extends MemoryTokenRepository {
  mood: (keys: readonly string[]) => WriteResult | undefined = () => undefined;

  override async write(batch: Batch): Promise<WriteResult> {
    const answer = this.mood(batch.tokens.map(({ key }) => key));
    return answer ?? super.write(batch);
  }
}

function moodyTable(clock: FakeClock): MoodyTable {
  return new MoodyTable({ clock, latencyMs: 10, retain: true, writeUnitsPerSecond: undefined });
}

test('a repository with a start of its own is asked to write, and its tokens stay as they are', async () => {
  const clock = new FakeClock();
  const kept: Batch['tokens'][number][] = [];
  class Startable extends MemoryTokenRepository {
    starts = 0;
    start(): void {
      this.starts++;
    }
    override write(batch: Batch): Promise<WriteResult> {
      kept.push(...batch.tokens);
      return super.write(batch);
    }
  }
  const table = new Startable({ clock, latencyMs: 10, retain: true });
  const { run } = prepare(fileOf(500), clock, table);
  const { counts } = await clock.runUntil(run.run());
  expect(counts).toEqual({ ...none, read: 500, written: 500 });
  expect(table.starts).toBe(0);
  expect(kept.map(({ key, row }) => [key, row.ordinal])).toEqual(Array.from({ length: 500 }, (_, i) => [`t${i}`, i]));
});

test('all rows of a source that is cut short are written before the run fails for it', async () => {
  const text = fileOf(300);
  const cut = new ImportError('source-truncated', 'the source is cut short');
  const clock = new FakeClock();
  const table = tableOn(clock);
  const whole = new RowReader(textSource([text], 100), csvDialect({ ...plainCsv, header: true }), new RunningHash());
  const blocks = (async function* () {
    yield* whole.blocks();
    throw cut;
  })();
  const result = await clock.runUntil(prepare(text, clock, table, { blocks }).run.run());
  expect(result).toMatchObject({ finished: false, endOfSource: false, fault: cut });
  expect(result.counts).toMatchObject({ read: 300, written: 300, pending: 0 });
  expect(valuesOf(table)).toEqual(lastRows(text));
});

test('a row that the table refuses is rejected alone, the others of its batch are written', async () => {
  const clock = new FakeClock();
  const table = moodyTable(clock);
  table.mood = (keys) => (keys.some((key) => key.includes('t7')) ? { kind: 'invalid', message: 'too hot' } : undefined);
  const { run, rejected, saved } = prepare(fileOf(9), clock, table);
  const result = await clock.runUntil(run.run());
  expect(result).toMatchObject({ balanced: true, finished: true, rejectsByCode: { 'refused-by-table': 1 } });
  expect(result.counts).toEqual({ ...none, read: 9, written: 8, rejected: 1 });
  expect(rejected).toMatchObject([{ code: 'refused-by-table', message: 'too hot', position: { ordinal: 7 } }]);
  expect(saved.at(-1)).toMatchObject({ mark: { ordinal: 9 } });
});

test('a key of an attempt without an answer is written again only when the attempt can no longer take effect', async () => {
  const clock = new FakeClock();
  const table = moodyTable(clock);
  const sentAtMs: number[] = [];
  table.mood = () => {
    sentAtMs.push(clock.nowMs());
    return sentAtMs.length === 1 ? { kind: 'transient', reason: 'time-out', fateUnknown: true } : undefined;
  };
  const text = 'token,n\na,1\na,2\n';
  const { run, saved } = prepare(text, clock, table, { settleMs: 5_000 });
  const result = await clock.runUntil(run.run());
  expect(result.counts).toEqual({ ...none, read: 2, written: 2 });
  expect(valuesOf(table)).toEqual(lastRows(text));
  // The same row goes out again at once, the next of its key when the first attempt has had its time.
  expect(sentAtMs).toHaveLength(3);
  expect(sentAtMs[1]! - sentAtMs[0]!).toBeLessThan(1_000);
  expect(sentAtMs[2]! - sentAtMs[0]!).toBeGreaterThanOrEqual(5_000);
  expect(saved.at(-1)).toMatchObject({ settled: true });
});

test('a run that stops while an attempt may still take effect says so in its checkpoint', async () => {
  const clock = new FakeClock();
  const table = moodyTable(clock);
  table.mood = () => ({ kind: 'transient', reason: 'time-out', fateUnknown: true });
  const stopper = new AbortController();
  const { run, saved } = prepare('token,n\na,1\n', clock, table, { settleMs: 5_000, signal: stopper.signal });
  clock.setTimer(500, () => stopper.abort());
  const result = await clock.runUntil(run.run());
  expect(result).toMatchObject({ balanced: true, finished: false, counts: { ...none, read: 1, pending: 1 } });
  expect(saved.at(-1)).toMatchObject({ mark: { ordinal: 0 }, settled: false });
});

test('a run that ends for a bug says in its checkpoint that writes may be under way', async () => {
  const clock = new FakeClock();
  const table = moodyTable(clock);
  table.mood = () => {
    throw new TypeError('a bug behind the request');
  };
  const { run, saved } = prepare('token,n\na,1\n', clock, table);
  const result = await clock.runUntil(run.run());
  expect(result).toMatchObject({ fault: expect.any(TypeError), balanced: true, counts: { pending: 1 } });
  expect(saved.at(-1)).toMatchObject({ mark: { ordinal: 0 }, settled: false });
});

test('its figures tell the rows read, those of them that are done, and the batches in flight', async () => {
  const clock = new FakeClock();
  const { run } = prepare(fileOf(200), clock, tableOn(clock));
  expect(run.figures).toMatchObject({ rowsRead: 0, rowsDone: 0, inFlight: 0 });
  const running = run.run();
  await clock.advance(5);
  expect(run.figures).toMatchObject({ rowsRead: 150, rowsDone: 0, inFlight: 4 });
  await clock.runUntil(running);
  expect(run.figures).toMatchObject({ rowsRead: 200, rowsDone: 200, inFlight: 0 });
});

test('more rejects than allowed end the run with a balance that holds', async () => {
  const bad = `token,n\n${'a,x\n'.repeat(50)}`;
  const { result } = await importText(bad, { maxRejects: { kind: 'units', value: 3 } });
  expect(result).toMatchObject({ balanced: true, finished: false, fault: { code: 'too-many-rejects' } });
  expect(result.counts).toEqual({ ...none, read: 4, rejected: 4 });
});

describe('the rows that are wanted', () => {
  test('begin behind --skip-rows and end after --max-rows', async () => {
    const { result, table } = await importText(fileOf(200), { skipRows: 50, maxRows: 70 });
    expect(result).toMatchObject({ balanced: true, finished: true, endOfSource: false });
    expect(result.counts).toEqual({ ...none, read: 120, skipped: 50, written: 70 });
    expect([...valuesOf(table).values()].map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 70 }, (_, i) => i + 50),
    );
  });

  test.each([9, 11])('must be as many as --expect-rows says: %i are not 10', async (expectRows) => {
    const { result } = await importText(fileOf(10), { expectRows });
    expect(result).toMatchObject({ balanced: true, finished: false, fault: { code: 'unexpected-row-count' } });
  });

  test('are counted right where there are as many as expected', async () => {
    expect((await importText(fileOf(10), { expectRows: 10 })).result).toMatchObject({ finished: true });
  });

  test('are missed in a source that holds a header only', async () => {
    expect((await importText('token,n\n')).result.fault).toMatchObject({ code: 'source-empty' });
  });
});

describe('a run that is stopped', () => {
  test.each([1, 15, 120, 640, 1_400])(
    'after %i ms counts what is pending, and a resume ends with the same table',
    async (ms) => {
      const text = fileOf(1_500, hotKeys);
      const clock = new FakeClock();
      const table = tableOn(clock, 500);
      const stopper = new AbortController();
      const first = prepare(text, clock, table, { signal: stopper.signal, rate: 400 });
      clock.setTimer(ms, () => stopper.abort());
      const stopped = await clock.runUntil(first.run.run());
      expect(stopped).toMatchObject({ balanced: true, finished: false });
      expect(stopped.counts.pending).toBeGreaterThan(0);
      const start = first.saved.at(-1)!;
      const resumed = await clock.runUntil(prepare(text, clock, table, { start }).run.run());
      expect(resumed).toMatchObject({ balanced: true, finished: true, counts: { read: 1_500, pending: 0 } });
      expect(valuesOf(table)).toEqual(lastRows(text));
    },
  );

  test('at --max-rows goes on with a larger one, to the same table', async () => {
    const text = fileOf(300, hotKeys);
    const clock = new FakeClock();
    const table = tableOn(clock);
    const first = prepare(text, clock, table, { maxRows: 100 });
    await clock.runUntil(first.run.run());
    expect(valuesOf(table)).toEqual(lastRows(text, 100));
    const second = prepare(text, clock, table, { maxRows: 1_000, start: first.saved.at(-1)! });
    expect(await clock.runUntil(second.run.run())).toMatchObject({ finished: true, endOfSource: true });
    expect(valuesOf(table)).toEqual(lastRows(text));
  });

  test('by a checkpoint that can’t be saved is failed, with its fault', async () => {
    const fault = new Error('disk full');
    const store = { save: () => Promise.reject(fault) };
    const { result } = await importText(fileOf(500), { store, rate: 100 });
    expect(result).toMatchObject({ balanced: true, finished: false, fault });
  });
});
