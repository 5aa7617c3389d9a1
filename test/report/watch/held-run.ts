import { MemoryTokenRepository } from '../../../src/adapters/memory/memory-repository.ts';
import { noneDone } from '../../../src/domain/checkpoint.ts';
import type { Column } from '../../../src/domain/column.ts';
import { noTotals } from '../../../src/domain/run-totals.ts';
import { csvDialect } from '../../../src/input/csv/csv.ts';
import { RowReader } from '../../../src/input/row-reader.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import { RateLimiter } from '../../../src/limit/rate-limiter.ts';
import { RowMapper } from '../../../src/pipeline/map-row.ts';
import { ImportRun } from '../../../src/pipeline/run-import.ts';
import type { Source } from '../../../src/ports/source.ts';
import type { TokenRepository } from '../../../src/ports/token-repository.ts';
import type { Judgement } from '../../../src/report/watch/judge-run.ts';
import { RunWatch } from '../../../src/report/watch/watch-run.ts';
import { plainCsv } from '../../input/csv/csv-files.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const key = { type: 'S', maxBytes: 2048, required: true, label: 'the table’s partition key' } as const;
const columns: Column[] = [{ sourceName: 'token', fieldIndex: 0, name: 'token', type: 'S', key }];

export type HeldRun = {
  readonly rows: number;
  readonly latencyMs?: number;
  readonly rate?: number;
  readonly concurrency?: number;
  readonly maxAhead?: number;
  readonly wcu?: number;
  /** Between two hundred rows of the source. */
  readonly sourcePauseMs?: number;
  /** Share of the time in which the thread is busy. */
  readonly busy?: number;
  /** Puts something between the importer and its table. */
  readonly through?: (table: TokenRepository, clock: FakeClock) => TokenRepository;
};

/** Imports so many rows on a fake clock, and says what held that back. */
export async function judgementOn(held: HeldRun): Promise<Judgement> {
  const { rate, concurrency = 4, maxAhead = 10_000, latencyMs = 10, busy = 0.2 } = held;
  const clock = new FakeClock();
  const memory = new MemoryTokenRepository({ clock, latencyMs, retain: false, writeUnitsPerSecond: held.wcu });
  const repository = held.through?.(memory, clock) ?? memory;
  const dialect = csvDialect({ ...plainCsv, header: true });
  const hash = new RunningHash();
  const options = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' } as const;
  const mapping = { dialect, columns, keyNames: ['token'], fieldCount: 1, binary: [false], options };
  let run: ImportRun | undefined;
  const watch = new RunWatch({
    clock,
    live: () => ({
      ...(run?.figures ?? { ...noTotals, fates: noneDone, inFlight: 0, ratePerSecond: undefined }),
      ...repository.traffic(),
      ...{ storedBytesRead: 0, storedBytesTotal: 0, cpuMs: 0, residentBytes: 0, heapBytes: 0 },
      loopBusyMs: clock.nowMs() * busy,
    }),
    ...{ askedRate: rate ?? null, concurrency, maxAhead },
  });
  run = new ImportRun({
    blocks: new RowReader(sourceOf(held.rows, held.sourcePauseMs ?? 0, clock), dialect, hash).blocks(),
    mapper: new RowMapper({ ...mapping, encoder: repository.encoder(columns) }),
    repository,
    limiter: new RateLimiter(clock, rate, 25),
    observer: watch,
    ...{ clock, hash, random: () => 0.5, signal: new AbortController().signal },
    batchLimits: { maxTokens: 25, maxBodyBytes: 1_000_000, maxWriteUnits: 1_000 },
    ...{ concurrency, maxAhead, settleMs: 100, stallTimeoutMs: 60_000, skipRows: 0 },
    maxRejects: { kind: 'units', value: 0 },
  });
  watch.begin();
  const { counts } = await clock.runUntil(run.run());
  if (counts.written !== held.rows) throw new Error(`${counts.written} of ${held.rows} rows were written`);
  watch.close();
  return watch.judgement();
}

function sourceOf(rows: number, pauseMs: number, clock: FakeClock): Source {
  const file = {
    name: 'tokens.csv',
    storedBytes: undefined,
    storedBytesRead: () => 0,
    async *read() {
      yield Buffer.from('token\n');
      for (let from = 0; from < rows; from += 200) {
        if (pauseMs > 0) await clock.sleep(pauseMs);
        const count = Math.min(200, rows - from);
        yield Buffer.from(Array.from({ length: count }, (_, i) => `t${from + i}\n`).join(''));
      }
    },
  };
  return { files: [file] };
}

/** A line to the table that takes so many bytes a second, whatever waits before it. */
export function narrowLine(bytesPerSecond: number): NonNullable<HeldRun['through']> {
  return (table, clock) => {
    let freeAtMs = 0;
    let bytesSent = 0;
    return {
      ...passing(table),
      async write(batch) {
        const bytes = batch.tokens.length * 200;
        bytesSent += bytes;
        freeAtMs = Math.max(freeAtMs, clock.nowMs()) + (bytes / bytesPerSecond) * 1000;
        await clock.sleep(freeAtMs - clock.nowMs());
        return table.write(batch);
      },
      traffic: () => ({ connectionsOpened: 4, bytesSent }),
    };
  };
}

/** Every fourth request gets no answer. */
export function deafTable(): NonNullable<HeldRun['through']> {
  let requests = 0;
  return (table) => ({
    ...passing(table),
    write: async (batch) =>
      ++requests % 4 === 0 ? { kind: 'transient', reason: 'time-out', fateUnknown: false } : table.write(batch),
  });
}

/** The very first batch is answered after `delayMs`. */
export function slowFirstAnswer(delayMs: number): NonNullable<HeldRun['through']> {
  let requests = 0;
  return (table, clock) => ({
    ...passing(table),
    async write(batch) {
      if (++requests === 1) await clock.sleep(delayMs);
      return table.write(batch);
    },
  });
}

/** Every tenth request takes so much longer than the others. */
export function sometimesSlow(delayMs: number): NonNullable<HeldRun['through']> {
  let requests = 0;
  return (table, clock) => ({
    ...passing(table),
    async write(batch) {
      if (++requests % 10 === 0) await clock.sleep(delayMs);
      return table.write(batch);
    },
  });
}

function passing(table: TokenRepository): TokenRepository {
  return {
    maxBatchTokens: table.maxBatchTokens,
    maxBatchBytes: table.maxBatchBytes,
    encoder: (columns) => table.encoder(columns),
    write: (batch) => table.write(batch),
    traffic: () => table.traffic(),
    close: () => table.close(),
  };
}
