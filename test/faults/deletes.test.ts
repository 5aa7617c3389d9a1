import { expect, test } from 'vitest';
import { MemoryTokenRepository } from '../../src/adapters/memory/memory-repository.ts';
import type { Progress } from '../../src/domain/checkpoint.ts';
import { type Batch, batchOf, type Token } from '../../src/domain/token.ts';
import type { IfExists, WriteResult } from '../../src/domain/write-result.ts';
import { deleteRule } from '../../src/input/columns/row-rules.ts';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { RowReader } from '../../src/input/row-reader.ts';
import { RunningHash } from '../../src/input/source-hash.ts';
import { RateLimiter } from '../../src/limit/rate-limiter.ts';
import type { ImportResult } from '../../src/pipeline/import-setup.ts';
import { RowMapper } from '../../src/pipeline/map-row.ts';
import { ImportRun } from '../../src/pipeline/run-import.ts';
import { columnsOf } from '../contract/make-token.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';
import { thorough } from './faulty-table.ts';

const names = ['token', 'op', 'at', 'seq'];
const columns = columnsOf({ token: 'S', op: 'S', at: 'N', seq: 'N' }).map((column) =>
  column.name === 'token'
    ? { ...column, key: { type: 'S' as const, maxBytes: 2048, required: true, label: "the table's partition key" } }
    : column,
);
const dialect = csvDialect({
  delimiter: ',',
  quote: '"',
  escape: '"',
  header: true,
  nullText: undefined,
  escapeTold: true,
  nullTold: true,
  maxRowBytes: 4096,
});

type ModelRow = { readonly token: string; readonly isDelete: boolean; readonly at: number; readonly seq: number };

const modes: readonly IfExists[] = [{ kind: 'replace' }, { kind: 'newer', column: 'at' }];
const seeds = Array.from({ length: thorough ? 20 : 4 }, (_, index) => index + 1);

test.each(seeds.flatMap((seed) => modes.map((mode) => ({ seed, mode, kind: mode.kind }))))(
  'puts and deletes through faults and resumes equal the naive model (seed $seed, $kind)',
  async ({ seed, mode }) => {
    const random = seededRandom(seed);
    const rows = Array.from(
      { length: 300 },
      (_, seq): ModelRow => ({
        token: `t${randomBelow(random, 40)}`,
        isDelete: random() < 0.4,
        at: mode.kind === 'newer' ? randomBelow(random, 20) : 0,
        seq,
      }),
    );
    const clock = new FakeClock();
    const table = new MemoryTokenRepository({ clock, latencyMs: 0, retain: true, ifExists: mode });
    const result = await importAll(rows, table, mode, clock, random);

    const model = naive(rows);
    const held = [...table.items].map(([token, item]) => [token, Number(item.get('seq'))] as const);
    expect(new Map(held)).toEqual(model);
    expect(result).toMatchObject({ balanced: true, finished: true });
    const { written, superseded, kept, deleted } = result.counts;
    expect(written + superseded + kept + deleted).toBe(rows.length);
    expect(deleted).toBeGreaterThan(0);
    expect(kept > 0).toBe(mode.kind === 'newer');
  },
);

/** What one row after the other leaves. A row that is older than the item changes nothing; a delete leaves no trace. */
function naive(rows: readonly ModelRow[]): Map<string, number> {
  const items = new Map<string, ModelRow>();
  for (const row of rows) {
    const held = items.get(row.token);
    if (held !== undefined && held.at > row.at) continue;
    if (row.isDelete) items.delete(row.token);
    else items.set(row.token, row);
  }
  return new Map([...items].map(([token, { seq }]) => [token, seq]));
}

/** Imports in several processes, each of which but the last is stopped or killed. */
async function importAll(
  rows: readonly ModelRow[],
  table: MemoryTokenRepository,
  mode: IfExists,
  clock: FakeClock,
  random: Random,
): Promise<ImportResult> {
  const lines = rows.map(({ token, isDelete, at, seq }) =>
    // A row that deletes may have anything in the columns that are not read.
    isDelete ? `${token},D,${at},no number\n` : `${token},U,${at},${seq}\n`,
  );
  const text = Buffer.from(`${names.join()}\n${lines.join('')}`);
  const read = async function* () {
    yield Uint8Array.from(text);
  };
  const source = { files: [{ name: 'rows.csv', storedBytes: text.length, read, storedBytesRead: () => 0 }] };
  let saved: Progress | undefined;
  for (let process = 0; ; process++) {
    const stopper = new AbortController();
    const repository = new FaultyRepository(table, random);
    const hash = new RunningHash(saved?.hash);
    const keyNames = ['token'];
    const attributes = mode.kind === 'newer' ? ['token', 'at'] : keyNames;
    let isAlive = true;
    const run = new ImportRun({
      blocks: new RowReader(source, dialect, hash, saved?.mark).blocks(),
      mapper: new RowMapper({
        ...{ dialect, header: names, columns, keyNames, fieldCount: 4, binary: names.map(() => false) },
        options: { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' },
        deletes: deleteRule({ column: 'op', test: 'equals', value: 'D' }, names, attributes),
        encoder: table.encoder(columns),
      }),
      ...{ repository, clock, random, hash, signal: stopper.signal, observer: { on: () => {} } },
      limiter: new RateLimiter(clock, 400, 100),
      batchLimits: { maxTokens: repository.maxBatchTokens, maxBodyBytes: 1_000_000, maxWriteUnits: 200 },
      ...{ concurrency: 1 + randomBelow(random, 6), maxAhead: 30 + randomBelow(random, 200), settleMs: 500 },
      ...{ stallTimeoutMs: 3_600_000, skipRows: 0, maxRejects: { kind: 'units', value: 0 } },
      everyRowCounts: mode.kind === 'newer',
      ...(saved !== undefined && { start: { ...saved, settled: false } }),
      store: {
        save: async (progress) => {
          if (isAlive) saved = progress;
        },
      },
    });
    const killed = new Promise<undefined>((resolve) => {
      if (process === 3) return;
      clock.setTimer(200 + randomBelow(random, 1_500), () => {
        if (random() < 0.5) return stopper.abort();
        isAlive = false;
        repository.kill();
        resolve(undefined);
      });
    });
    const result = await clock.runUntil(Promise.race([run.run(), killed]));
    if (result?.fault !== undefined) throw result.fault;
    if (result?.finished === true) return result;
    await clock.advance(1_000);
  }
}

/** Throttles, hands back, and loses requests before or after they are carried out. */
class FaultyRepository {
  readonly maxBatchTokens: number;
  readonly maxBatchBytes = 1_000_000;
  readonly #table: MemoryTokenRepository;
  readonly #random: Random;
  #isAlive = true;

  constructor(table: MemoryTokenRepository, random: Random) {
    this.#table = table;
    this.#random = random;
    this.maxBatchTokens = table.maxBatchTokens;
  }

  kill(): void {
    this.#isAlive = false;
  }

  encoder = () => {
    throw new Error('the rows are encoded by the table');
  };

  async write(batch: Batch): Promise<WriteResult> {
    if (!this.#isAlive) return new Promise(() => {});
    const fault = this.#random();
    if (fault < 0.05) return { kind: 'throttled', reason: 'test' };
    if (fault < 0.1) return { kind: 'transient', reason: 'lost', fateUnknown: true };
    const isLeft = (token: Token) => batch.tokens.length > 1 && fault < 0.3 && token === batch.tokens[0];
    const unprocessed = batch.tokens.filter(isLeft);
    const result = await this.#table.write(batchOf(batch.tokens.filter((token) => !isLeft(token))));
    if (fault > 0.95) return { kind: 'transient', reason: 'no reply', fateUnknown: true };
    return result.kind === 'accepted' ? { ...result, unprocessed } : result;
  }

  traffic() {
    return this.#table.traffic();
  }

  async close(): Promise<void> {}
}
