import { afterEach, expect, test, vi } from 'vitest';
import type { Progress } from '../../src/domain/checkpoint.ts';
import type { ListedRow } from '../../src/domain/row.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import type { ImportResult } from '../../src/pipeline/import-setup.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import type { RowSlot } from '../../src/pipeline/row-slot.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { thorough } from './faulty-table.ts';
import { DirectFickleRepository, type Fault, FickleRepository, FickleTable } from './fickle-table.ts';
import { type ModelRow, names, type PlainItem, type RandomSource, randomSource } from './random-source.ts';

/** `guarded`: direct, with tokens that cannot be read once their slot is free. */
const faces = ['promise', 'direct', 'guarded'] as const;
const endings = ['end', 'abort', 'kill', 'disk full'] as const;
type Ending = (typeof endings)[number];
const mostInterrupted = 4;

const seeds = Array.from({ length: thorough ? 200 : 10 }, (_, index) => index + 1);
const cases = seeds.flatMap((seed) => faces.map((face) => ({ seed, face })));

/** What occurred in all imports together. */
const met = {
  spentSlots: 0,
  settlingSlots: 0,
  faults: new Set<Fault>(),
  endings: new Set<Ending>(),
  codes: new Set<string>(),
  superseded: 0,
};

afterEach(() => vi.restoreAllMocks());

test.each(cases)('an import through faults equals the naive model (seed $seed, $face face)', async ({ seed, face }) => {
  if (face === 'guarded') guardSpentSlots();
  const random = seededRandom(seed);
  const source = randomSource(random);
  const { model, key } = source;
  const clock = new FakeClock();
  const settleMs = 100 + randomBelow(random, 2_000);
  const hotUntilMs = randomBelow(random, 20_000);
  const table = new FickleTable({ clock, random, key, model, settleMs, hotUntilMs });
  const { result, rejected, saved } = await importAll(source, table, random, face, settleMs);
  await clock.advance(settleMs);

  expect(table.violations).toEqual([]);
  expect(table.items).toEqual(lastItems(model));
  const listed = rejected.map(({ position, code, bytes }) => [position.ordinal, code, text(bytes)]);
  expect(listed).toEqual(rejectsOf(model, new Set(rejected.map(({ position }) => position.ordinal))));
  const { counts } = result;
  expect(result).toMatchObject({ balanced: true, finished: true, endOfSource: true });
  expect(counts).toMatchObject({ read: model.length, rejected: listed.length, kept: 0, skipped: 0, pending: 0 });
  expect(counts.written + counts.superseded).toBe(model.length - listed.length);
  expect(Object.values(result.rejectsByCode).reduce((sum, count) => sum + count, 0)).toBe(listed.length);
  expect(saved).toMatchObject({ mark: { ordinal: model.length }, counts: { written: counts.written } });

  for (const fault of table.faults) met.faults.add(fault);
  for (const { code } of rejected) met.codes.add(code);
  met.superseded += counts.superseded;
});

test('the imports above met every fault, every ending and every reject', () => {
  const faults: Fault[] = ['handed back', 'throttled', 'unanswered', 'late', 'refused', 'expired', 'no lease', 'hot'];
  expect([...met.faults].sort()).toEqual(faults.sort());
  expect([...met.endings].sort()).toEqual([...endings].sort());
  expect([...met.codes].sort()).toEqual([
    ...['header-row', 'invalid-utf8', 'key-empty', 'key-missing', 'key-too-long', 'misplaced-quote', 'not-a-number'],
    ...['number-out-of-range', 'number-too-precise', 'ragged-row', 'refused-by-table'],
  ]);
  expect(met.superseded).toBeGreaterThan(0);
  expect(met.spentSlots).toBeGreaterThan(0);
  expect(met.settlingSlots).toBeGreaterThan(0);
});

/** Instead of using slots again, so that whoever still reads or writes the token of a row that is done ends the run. */
function guardSpentSlots(): void {
  vi.spyOn(Ledger.prototype, 'giveSlotBack').mockImplementation((slot) => {
    met.spentSlots++;
    makeUnreadable(slot, ['key', 'keyHash', ...fieldsOfRow]);
  });
  vi.spyOn(Ledger.prototype, 'keepKey').mockImplementation((slot) => {
    met.settlingSlots++;
    slot.keepKey();
    makeUnreadable(slot, fieldsOfRow);
  });
}

const fieldsOfRow = ['row', 'payload', 'slab', 'bodyBytes', 'writeUnits', 'indexUnits'] as const;

function makeUnreadable(slot: RowSlot, names: readonly (keyof RowSlot)[]): void {
  for (const name of names) {
    const fail = () => {
      throw new Error(`${name} of a token whose row is done is used`);
    };
    Object.defineProperty(slot, name, { get: fail, set: fail });
  }
}

/** The last row of each key that is not rejected. */
function lastItems(model: readonly ModelRow[]): Map<string, PlainItem> {
  const items = new Map<string, PlainItem>();
  for (const { code, key, item } of model) if (code === undefined) items.set(key!, item!);
  return items;
}

/** In source order. A row that the table would refuse may be superseded by a later row with its key. */
function rejectsOf(model: readonly ModelRow[], rejected: ReadonlySet<number>): unknown[] {
  const last = new Map(model.map(({ key }, ordinal) => [key, ordinal]));
  return model.flatMap(({ code, key, bytes }, ordinal) => {
    const isSuperseded = code === 'refused-by-table' && last.get(key)! > ordinal;
    return code === undefined || (isSuperseded && !rejected.has(ordinal)) ? [] : [[ordinal, code, text(bytes)]];
  });
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Imports the source in several processes: some are aborted, killed or cannot save, and the next one resumes. */
async function importAll(
  source: RandomSource,
  table: FickleTable,
  random: Random,
  face: (typeof faces)[number],
  settleMs: number,
): Promise<{ result: ImportResult; rejected: readonly ListedRow[]; saved: Progress | undefined }> {
  const { clock } = table.setup;
  const hasLeases = random() < 0.5;
  const everyRowCounts = random() < 0.2;
  let saved: Progress | undefined;
  const rejected: ListedRow[] = [];
  for (let process = 0; ; process++) {
    const ending = process === mostInterrupted ? 'end' : endings[randomBelow(random, endings.length)]!;
    const repository = face === 'promise' ? new FickleRepository(table, hasLeases) : new DirectFickleRepository(table);
    const stopper = new AbortController();
    let [isAlive, diskIsFull] = [true, false];
    const run = importRun(source, repository, clock, random, {
      ...{ settleMs, everyRowCounts, signal: stopper.signal, ...(saved !== undefined && { start: saved }) },
      rejects: {
        append: async (rows) => void (isAlive && rejected.push(...rows)),
        sync: async () => ({ rowsBytes: rejected.length, reasonsBytes: rejected.length }),
        close: async () => {},
      },
      store: {
        save: async (progress) => {
          if (diskIsFull) throw new Error('disk full');
          if (isAlive) saved = progress;
        },
      },
    });
    const killed = new Promise<undefined>((resolve) => {
      if (ending === 'end') return;
      clock.setTimer(random() ** 3 * 5_000, () => {
        met.endings.add(ending);
        if (ending === 'abort') stopper.abort();
        if (ending === 'disk full') diskIsFull = true;
        if (ending !== 'kill') return;
        isAlive = false;
        repository.kill();
        resolve(undefined);
      });
    });
    // As the command does, because a process killed before it saves leaves requests of unknown fate.
    if (saved !== undefined) saved = { ...saved, settled: false };
    const result = await clock.runUntil(Promise.race([run.run(), killed]));
    if (result !== undefined) {
      expect(result.balanced).toBe(true);
      expect(repository.leases.size).toBe(0);
      // Such a checkpoint saves the next process the wait.
      if (saved?.settled === true) expect(table.hasDue).toBe(false);
      if (ending === 'end') expect(result.fault).toBeUndefined();
    }
    if (ending === 'end') met.endings.add(ending);
    if (result?.finished === true) return { result, rejected, saved };
    rejected.length = saved?.rejects.rowsBytes ?? 0;
    if (saved?.settled !== true) await clock.advance(settleMs);
  }
}

type Told = Pick<ConstructorParameters<typeof ImportRun>[0], 'settleMs' | 'signal' | 'start' | 'rejects' | 'store'>;

function importRun(
  { source, settings, columns, key, empty }: RandomSource,
  repository: FickleRepository,
  clock: FakeClock,
  random: Random,
  told: Told & { readonly everyRowCounts: boolean },
): ImportRun {
  const dialect = csvDialect(settings);
  const hash = new RunningHash(told.start?.hash);
  const keyNames = key.map(({ name }) => name);
  const options = { empty, timeZone: 'UTC', zeroDates: 'reject' } as const;
  const binary = names.map(() => false);
  const mapping = { dialect, header: names, columns, keyNames, fieldCount: names.length, binary, options };
  const maxTokens = 1 + randomBelow(random, 25);
  const rate = random() < 0.5 ? undefined : 100 + randomBelow(random, 2_000);
  return new ImportRun({
    blocks: new RowReader(source, dialect, hash, told.start?.mark).blocks(),
    mapper: new RowMapper({ ...mapping, encoder: repository.encoder(columns) }),
    ...{ repository, clock, random, hash },
    limiter: new RateLimiter(clock, rate, 200),
    observer: { on: () => {} },
    batchLimits: { maxTokens, maxBodyBytes: random() < 0.3 ? 2_000 : 1_000_000, maxWriteUnits: 200 },
    ...{ concurrency: 1 + randomBelow(random, 8), maxAhead: 20 + randomBelow(random, 500) },
    ...{ stallTimeoutMs: 3_600_000, skipRows: 0, maxRejects: { kind: 'units', value: Number.POSITIVE_INFINITY } },
    ...told,
  });
}
